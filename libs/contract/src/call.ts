import type { Operation } from './contract.ts';
import type { JsonBytes, Value } from './json.ts';

/** Who calls. `consumer` is the catalogue's name where one matches; scopes come from the key or token. */
export interface Caller {
  consumer?: string;
  /** Key id or token subject; never the credential. */
  subject?: string;
  /** True when a key or token was verified; `x-bailey-consumer` alone verifies nothing. */
  authenticated: boolean;
  scopes: ReadonlySet<string>;
}

/** One call on its way through the stages. Made by a surface; stages may set `signal`, `deadline` and `span` headers. */
export interface Call {
  readonly operation: Operation;
  readonly caller: Caller;
  /** Parsed input; validated before any adapter sees it. */
  input: Value;
  /** Aborted when the caller has gone, the deadline has passed, or the bridge is being closed. */
  signal: AbortSignal;
  /** `performance.now()` time by which the answer must be there. Set by the deadline stage. */
  deadline: number;
  /** W3C trace context to send on, set by the trace stage: `traceparent`, `tracestate`. */
  traceHeaders: Readonly<Record<string, string>>;
  /** Trace context that came in with the call, if any. */
  readonly incoming: { readonly traceparent?: string | undefined; readonly tracestate?: string | undefined };
  readonly traceId: string;
  readonly idempotencyKey?: string | undefined;
}

export interface ReplyMeta {
  etag?: string;
  next?: string;
  location?: string;
  guarantee?: string;
  outcome?: 'done' | 'unknown';
  truncated?: boolean;
}

export type ByteStream = AsyncIterable<Uint8Array>;

/**
 * The answer of one call. REST sends `bytes()` untouched; GraphQL and comparison take `value()`.
 * A one-way operation answers {@link ACCEPTED}; no content is `undefined` on both.
 */
export interface Reply {
  readonly meta: ReplyMeta;
  bytes(): JsonBytes | undefined;
  value(): Value | undefined;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A reply whose JSON text exists already; it is parsed at most once, and only if someone asks for the value. */
export const bytesReply = (bytes: JsonBytes, meta: ReplyMeta = {}): Reply => {
  let parsed: Value | undefined;
  return { meta, bytes: () => bytes, value: () => (parsed ??= JSON.parse(decoder.decode(bytes)) as Value) };
};

/** A reply whose value exists already; it is stringified at most once, and only if someone asks for the bytes. */
export const valueReply = (value: Value, meta: ReplyMeta = {}): Reply => {
  let encoded: JsonBytes | undefined;
  return { meta, bytes: () => (encoded ??= encoder.encode(JSON.stringify(value))), value: () => value };
};

export const NO_CONTENT: Reply = { meta: {}, bytes: () => undefined, value: () => undefined };

/** The answer of a one-way operation: 202 with `{}`. */
export const ACCEPTED: Reply = valueReply({});

export type Handler = (call: Call) => Promise<Reply>;
