import type { Contract, Handler, Health, Ledger, Operation } from '@bailey/contract';
import type { KeyRecord } from '@bailey/platform';
import type { BridgeTypeMap, FaceOf, FaceScopes, buildSchema, compileRest } from '@bailey/surface';

/** An operation ready to be called: every stage is compiled into `handle`. */
export interface LiveOperation {
  operation: Operation;
  handle: Handler;
}

export type BridgeState = 'up' | 'down' | 'unknown' | 'failed';

export interface BridgeStatus {
  state: BridgeState;
  /** In words, without a secret. */
  reason: string;
  inFlight: number;
  /** By operation, those that are not closed. */
  breaker: Record<string, 'open' | 'halfOpen'>;
}

/** Everything compiled from one revision. Immutable; lives until a snapshot without it has drained. */
export interface LiveBridge {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly system: string;
  readonly adapter: string;
  /** Of a bridge from a file: counts its changes since the start. */
  readonly revision: number;
  readonly contract: Contract;
  readonly ledger: Ledger;
  /** By operation, as they are enforced. */
  readonly scopes: FaceScopes;
  /** What the faces were computed from. */
  readonly face: FaceOf;
  readonly rest: ReturnType<typeof compileRest>;
  readonly operations: ReadonlyMap<string, LiveOperation>;
  typeMap(): BridgeTypeMap;
  /** JSON text, built once, when first asked for. */
  openApi(): string;
  status(): BridgeStatus;
  health(signal: AbortSignal): Promise<Health>;
}

/** What a request says of its sender. `header` is the value of `x-bailey-consumer`. */
export interface CallerMarks {
  header?: string | undefined;
  subject?: string | undefined;
  spiffe?: string | undefined;
}

/** Everything that is served at one moment. Replaced whole, never changed. */
export interface Snapshot {
  readonly generation: number;
  readonly bridges: ReadonlyMap<string, LiveBridge>;
  /** The GraphQL schema over all bridges, built when first asked for. */
  schema(): ReturnType<typeof buildSchema>;
  /** Of one bridge; undefined when there is none of that name. */
  bridgeSchema(name: string): ReturnType<typeof buildSchema> | undefined;
  /** The JSON text of the OpenAPI document over all bridges, built once. */
  openApi(): string;
  /** Verified marks (subject, SPIFFE id) win over the header, which anyone can send. */
  consumerOf(marks: CallerMarks): string | undefined;
  readonly keys: readonly KeyRecord[];
}

export interface BridgeProblem {
  bridge: string;
  message: string;
}

/** Holds the present snapshot and replaces it when its source changes. */
export interface SnapshotKeeper {
  current(): Snapshot;
  /** Takes a lease, so that a retiring bridge is closed only after the call; calling the result twice is harmless. */
  enter(bridge: LiveBridge): () => void;
  /** Bridges that could not be built, or are served in an older revision for that reason. */
  problems(): BridgeProblem[];
  /** Where the present snapshot comes from; `none`: nothing could be read yet. */
  readonly source: 'store' | 'files' | 'cache' | 'none';
  onChange(callback: (snapshot: Snapshot) => void): () => void;
  /** Reads the source now. Resolves when what it held is served. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}
