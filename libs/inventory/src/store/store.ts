import type {
  Described,
  DeclaredFault,
  Effect,
  Exchange,
  JsonSchema,
  PointerError,
  SourcePlace,
} from '@bailey/contract';
import type { KeyRecord } from '@bailey/platform';
import type { BridgeDoc, ConsumerDoc, ConsumerIdentity, Kind, PathwayDoc, SystemDoc, SystemSpec } from '../document.ts';

/** Sources of a revision by the path that the resource file wrote. */
export type SourceFiles = Record<string, Uint8Array>;

export interface StoredRevision {
  bridge: string;
  /** Counts up from 1 and goes on after a removal, so that a number never means two things. */
  revision: number;
  resource: BridgeDoc;
  described: Described;
  files: SourceFiles;
  /** RFC 3339. */
  createdAt: string;
  createdBy: string;
  /** SHA-256 over resource, description and files: what decides `unchanged`. */
  contentHash: string;
}

/** A revision whose body the caller has already. */
export interface KnownRevision {
  bridge: string;
  revision: number;
  unchanged: true;
}

export interface BridgeChange {
  resource: BridgeDoc;
  described: Described;
  files: SourceFiles;
  /** The revision that the author saw; 0: the bridge must be new. */
  expectedRevision?: number;
}

export interface Change {
  systems: SystemDoc[];
  consumers: ConsumerDoc[];
  pathways: PathwayDoc[];
  bridges: BridgeChange[];
  removed: { kind: Kind; name: string }[];
  actor: string;
}

export type ChangeKind = 'created' | 'updated' | 'unchanged' | 'removed';

export interface AppliedChange {
  /** Number of the whole estate after this change. */
  generation: number;
  /** `revision` of a removed bridge is its last. */
  bridges: { name: string; revision: number; change: ChangeKind }[];
}

/** Everything a snapshot is made of, read in one transaction. */
export interface Estate {
  generation: number;
  revisions: (StoredRevision | KnownRevision)[];
  systems: SystemDoc[];
  consumers: ConsumerDoc[];
  keys: KeyRecord[];
}

/** `first` 1 to 1,000, 100 when absent; `after` is the `endCursor` of the page before. */
export interface PageRequest {
  first?: number;
  after?: string;
}

export interface Page<Row> {
  nodes: Row[];
  pageInfo: { hasNextPage: boolean; endCursor?: string };
}

interface Labelled {
  name: string;
  title?: string;
  description?: string;
  owner?: string;
  labels: Record<string, string>;
  /** RFC 3339. */
  updatedAt: string;
}

export interface SystemRow extends Labelled, Omit<SystemSpec, 'owner' | 'description'> {
  /** False when only a bridge names it and no System resource describes it. */
  declared: boolean;
}

export interface BridgeRow extends Labelled {
  system: string;
  adapter: string;
  revision: number;
  createdBy: string;
  resource: BridgeDoc;
}

export interface OperationRow {
  bridge: string;
  system: string;
  name: string;
  native: string;
  title?: string;
  description?: string;
  deprecated: boolean;
  effect: Effect;
  exchange: Exchange;
  input: JsonSchema;
  output?: JsonSchema;
  faults: DeclaredFault[];
}

export interface ConsumerRow extends Labelled {
  identities: ConsumerIdentity[];
}

export interface PathwayRow extends Omit<Labelled, 'owner'> {
  kind: 'declared';
  consumer: string;
  bridge: string;
  /** Absent when the bridge is not registered (any more). */
  system?: string;
  /** API names; empty: all operations of the bridge. */
  operations: string[];
  purpose?: string;
  dataClass?: string;
}

export interface RevisionSummary {
  bridge: string;
  revision: number;
  createdAt: string;
  createdBy: string;
  contentHash: string;
  sourceHash: string;
  /** True for the one that is served. */
  current: boolean;
}

export interface BridgeFilter extends PageRequest {
  name?: string;
  system?: string;
  adapter?: string;
}

export interface OperationFilter extends PageRequest {
  bridge?: string;
  system?: string;
  name?: string;
  effect?: Effect;
}

export interface PathwayFilter extends PageRequest {
  name?: string;
  consumer?: string;
  bridge?: string;
  system?: string;
}

export interface NameFilter extends PageRequest {
  name?: string;
}

export interface IssuedKey extends KeyRecord {
  createdAt: string;
  createdBy: string;
}

/** API keys. The store sees hashes only. Issuing and revoking make a new generation: replicas learn of it at once. */
export interface KeyStore {
  issue(record: KeyRecord, actor: string): Promise<IssuedKey>;
  list(): Promise<IssuedKey[]>;
  /** The key stays listed as disabled. NOT_FOUND when no key has this id. */
  revoke(id: string): Promise<void>;
}

export interface DescribeRequest {
  resource: BridgeDoc;
  files: SourceFiles;
}

export interface DescribeProblem {
  code: string;
  detail: string;
  /** As of {@link FailureOptions.more}: `file`, `line`, `construct`. */
  more?: Record<string, unknown>;
  errors?: (PointerError & Partial<SourcePlace>)[];
}

export type DescribeAnswer =
  | { ok: true; described: Described; /** What was read, for storing. */ files: SourceFiles }
  | { ok: false; problem: DescribeProblem };

export interface ReplicaReport {
  replica: string;
  generation: number;
  problems: { bridge: string; message: string }[];
}

export interface ReplicaStatus extends ReplicaReport {
  /** RFC 3339, by the clock of the database. */
  seenAt: string;
}

export interface Subscription {
  close(): Promise<void>;
}

/**
 * The catalogue's memory: PostgreSQL behind TypeORM. Every method throws `STORE_DOWN` when the database cannot be
 * reached or does not answer in time.
 */
export interface Store {
  /**
   * One transaction, one after the other over all writers. `CONFLICT` with `more.current` (the bridge and its
   * revision) when `expectedRevision` differs; `INVALID_RESOURCE` when a pathway names what is not there.
   */
  apply(change: Change): Promise<AppliedChange>;
  generation(): Promise<number>;
  /** `known` (bridge → revision) leaves out bodies that the caller has. */
  current(known?: ReadonlyMap<string, number>): Promise<Estate>;
  /** Newest first. */
  revisions(bridge: string): Promise<RevisionSummary[]>;
  /** `NOT_FOUND` when there is none. */
  revision(bridge: string, revision: number): Promise<StoredRevision>;
  systems(filter?: NameFilter): Promise<Page<SystemRow>>;
  bridges(filter?: BridgeFilter): Promise<Page<BridgeRow>>;
  operations(filter?: OperationFilter): Promise<Page<OperationRow>>;
  consumers(filter?: NameFilter): Promise<Page<ConsumerRow>>;
  pathways(filter?: PathwayFilter): Promise<Page<PathwayRow>>;
  readonly keys: KeyStore;
  /** Called with the present generation first, then with each new one seen. Reconnects; polls behind it. */
  onGeneration(callback: (generation: number) => void): Subscription;
  /** Has a data plane replica describe a live system. `TIMEOUT` when none has answered within `timeoutMs`. */
  askDescribe(request: DescribeRequest, timeoutMs: number): Promise<DescribeAnswer>;
  /** Answers such requests, one at a time; a request whose replica dies goes to another. */
  serveDescribe(replica: string, handler: (request: DescribeRequest) => Promise<DescribeAnswer>): Subscription;
  /** Renews a lease of 15 s. */
  reportReplica(report: ReplicaReport): Promise<void>;
  /** Those whose lease runs. */
  replicas(): Promise<ReplicaStatus[]>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
