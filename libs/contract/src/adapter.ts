import type { Call, Reply } from './call.ts';
import type { Contract } from './contract.ts';
import type { JsonSchema, Value } from './json.ts';
import type { Ledger } from './ledger.ts';

/**
 * A protocol. It describes a legacy system as a contract and speaks to it; everything else is derived from the
 * contract elsewhere. `Config` is the `connection` of a bridge's resource file, validated by `config`, with
 * `{env}` and `{file}` references already turned into {@link Secret}s where the schema says `x-secret`.
 */
export interface Adapter<Config = unknown, Plan = unknown> {
  /** The word in `spec.adapter`: 'soap', 'jdbc', 'mq', 'flatfile'. */
  readonly kind: string;
  /** Schema of `spec.connection`: validation, docs and Helm values are printed from it. */
  readonly config: JsonSchema;
  /** Reads the source (WSDL, database catalogue, copybook) once, at registration. Throws a located `SOURCE_REFUSED`. */
  describe(config: Config, host: AdapterHost, options: DescribeOptions): Promise<Described<Plan>>;
  /** Opens a line from what was stored; never reads the source again. Must not fail because the system is down. */
  connect(config: Config, stored: Described<Plan>, host: AdapterHost): Promise<Connection>;
  /** Addresses that `config` and the stored plan declare: the only ones that `host.fetch` and `host.dial` will reach. */
  egress(config: Config, stored: Described<Plan> | undefined): string[];
  /** What `bailey describe|decode|encode <kind>` runs, without a gateway. */
  readonly offline?: OfflineTools;
}

/** The codecs alone, for the command line. They read files through the host and touch no network of their own. */
export interface OfflineTools {
  /** The `connection` for a bare source: `policy.wsdl` becomes `{ wsdl: 'policy.wsdl' }`. */
  connection(source: string): unknown;
  /** Native bytes → JSON text (NDJSON for rows). A fault in the bytes is thrown as a {@link Failure}. */
  decode(job: OfflineJob, host: AdapterHost): Promise<Uint8Array>;
  /** JSON text → native bytes; bad input is thrown as `INVALID_INPUT` with pointers. */
  encode(job: OfflineJob, host: AdapterHost): Promise<Uint8Array>;
}

/** One piece of work: the flags of the command line (or the members of a batch line), and the data. */
export interface OfflineJob {
  options: Readonly<Record<string, Value>>;
  data: Uint8Array;
}

/** What a registration makes: reviewed, stored with the revision, handed back to `connect`. */
export interface Described<Plan = unknown> {
  contract: Contract;
  /** The adapter's own compiled knowledge: plain JSON, the adapter reads it back as it wrote it. */
  plan: Plan;
  ledger: Ledger;
  /** SHA-256 of the source, so that drift and the compile cache can tell. */
  sourceHash: string;
}

/** `spec.operations` of the resource file, by native name. */
export interface OperationSettings {
  name?: string;
  effect?: 'read' | 'write-idempotent' | 'write';
  /** By native fault name. */
  faults?: Record<string, { status: number }>;
}

export interface DescribeOptions {
  operations: Record<string, OperationSettings>;
}

export interface Health {
  up: boolean;
  /** In words, for people: what was tried and what came back. */
  reason: string;
}

/** A live line to a system. */
export interface Connection {
  invoke?(call: Call): Promise<Reply>;
  stream?(call: Call): AsyncIterable<Value>;
  health(signal: AbortSignal): Promise<Health>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** An opaque value: prints as `***` everywhere. `reveal` is for the line to the legacy system alone. */
export interface Secret {
  reveal(): string;
  toString(): string;
  toJSON(): string;
}

/** Everything an adapter gets from the house. There is no other way out of the process. */
export interface AdapterHost {
  /** HTTP to a declared address. */
  fetch(request: OutboundRequest): Promise<OutboundResponse>;
  /** A file of the resource's closure, by the path written in the resource file; never outside it. */
  readFile(path: string): Promise<Uint8Array>;
  readonly log: Log;
  readonly clock: Clock;
  /** Aborted when the bridge is closed. */
  readonly signal: AbortSignal;
}

export interface Log {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Monotonic milliseconds, the base of deadlines. */
  monotonic(): number;
  setTimeout(callback: () => void, ms: number): { cancel(): void };
}

export interface TlsProfile {
  ca?: string;
  cert?: string;
  key?: Secret;
  servername?: string;
  minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  ciphers?: string;
  rejectUnauthorized?: boolean;
}

export interface OutboundRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
  /** Aborting closes the socket: the deadline reaches the wire. */
  signal: AbortSignal;
  maxResponseBytes: number;
  /** A profile of this connection alone, never process-wide. */
  tls?: TlsProfile;
  /**
   * Called once with the head; what it returns gets each chunk as it arrives (already gunzipped), and the
   * response's `body` is then empty. A throw ends the exchange and closes the socket.
   */
  sink?: (status: number, headers: Record<string, string>) => ((chunk: Uint8Array) => void) | undefined;
}

/** Header names in lower case; repeated headers joined by `, `. */
export interface OutboundResponse {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** Keeps the types of an adapter together; adds nothing at run time. */
export const defineAdapter = <Config, Plan>(adapter: Adapter<Config, Plan>): Adapter<Config, Plan> => adapter;
