import type { JsonSchema, Value } from './json.ts';

/** The kinds of failure. A kind decides the HTTP status, and whether the breaker counts it, in one place each. */
export type FaultKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'notFound'
  | 'methodNotAllowed'
  | 'conflict'
  | 'precondition'
  | 'tooLarge'
  | 'unsupportedMedia'
  | 'rejected'
  | 'quota'
  | 'internal'
  | 'protocol'
  | 'unavailable'
  | 'timeout';

const STATUS: Record<FaultKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  notFound: 404,
  methodNotAllowed: 405,
  conflict: 409,
  precondition: 412,
  tooLarge: 413,
  unsupportedMedia: 415,
  rejected: 422,
  quota: 429,
  internal: 500,
  protocol: 502,
  unavailable: 503,
  timeout: 504,
};

/** RFC 9110 section 15. The only place where a kind becomes a status. */
export const statusOf = (kind: FaultKind): number => STATUS[kind];

/** The breaker counts what says "the system is sick", never a business answer. */
export const countsAgainstSystem = (kind: FaultKind): boolean =>
  kind === 'unavailable' || kind === 'timeout' || kind === 'protocol';

/** What a caller may do about it: nothing, wait and try again, or try again at once. */
export type RetryAdvice = 'never' | 'after' | 'safe';

/** One row of the table that docs/errors.md, OpenAPI and the alerts are printed from. */
export interface FaultRow {
  kind: FaultKind;
  title: string;
  retry: RetryAdvice;
  meaning: string;
  caller: string;
  operator: string;
}

const row = (kind: FaultKind, title: string, retry: RetryAdvice, meaning: string, caller: string, operator: string) =>
  ({ kind, title, retry, meaning, caller, operator }) satisfies FaultRow;

/** Every code Bailey itself can answer with. Declared faults of a legacy system add their own names. */
// One row a line, or the table cannot be read as one.
// oxfmt-ignore
export const FAULTS = {
  INVALID_INPUT: row('invalid', 'Invalid input', 'never', 'The input does not fit the operation; `errors` names each place.', 'Correct the fields named by the JSON Pointers.', 'Nothing: the legacy system was not called.'),
  MALFORMED_JSON: row('invalid', 'Malformed JSON', 'never', 'The body is not JSON.', 'Send valid JSON in UTF-8.', 'Nothing.'),
  UNKNOWN_PARAMETER: row('invalid', 'Unknown parameter', 'never', 'A query parameter is not known here.', 'Use the parameters of the OpenAPI document.', 'Nothing.'),
  INVALID_RESOURCE: row('invalid', 'Invalid resource', 'never', 'A resource file does not fit its schema, or names what is not there.', 'Correct the places named in `errors`.', 'Nothing: what runs is untouched.'),
  SOURCE_REFUSED: row('invalid', 'Source refused', 'never', 'A WSDL, schema or copybook cannot be read; file, line and construct are named.', 'Correct the source, or ask its owner.', 'Nothing: what runs is untouched.'),
  UNAUTHENTICATED: row('unauthenticated', 'Authentication needed', 'never', 'The credential is missing, unknown or expired.', 'Send `Authorization: Bearer <key or token>`.', 'Watch for a run of these from one caller.'),
  FORBIDDEN: row('forbidden', 'Not allowed', 'never', 'The caller is known, but lacks the scope or role.', 'Ask the owner of the bridge for the scope.', 'Grant it, or tell the caller why not.'),
  UNKNOWN_PATH: row('notFound', 'Unknown path', 'never', 'Nothing is served at this path.', 'See /api for what is.', 'Nothing.'),
  UNKNOWN_BRIDGE: row('notFound', 'Unknown bridge', 'never', 'No bridge has this name.', 'See /api for the bridges.', 'Check whether it was removed.'),
  UNKNOWN_OPERATION: row('notFound', 'Unknown operation', 'never', 'The bridge has no such operation.', 'See the OpenAPI document of the bridge.', 'Check whether a revision removed it.'),
  NOT_FOUND: row('notFound', 'Not found', 'never', 'There is nothing under this key.', 'Check the key.', 'Nothing.'),
  METHOD_NOT_ALLOWED: row('methodNotAllowed', 'Method not allowed', 'never', 'The path exists, the method does not.', 'Use a method of the `Allow` header.', 'Nothing.'),
  CONFLICT: row('conflict', 'Conflict', 'never', 'Someone else changed it meanwhile.', 'Read again, then repeat.', 'Nothing.'),
  PRECONDITION_FAILED: row('precondition', 'Precondition failed', 'never', 'The version in `If-Match` is not the current one.', 'Read again, then repeat with the new ETag.', 'Nothing.'),
  BODY_TOO_LARGE: row('tooLarge', 'Body too large', 'never', 'The request is larger than is accepted.', 'Send less.', 'Raise the limit if it is too low for the system.'),
  UNSUPPORTED_MEDIA_TYPE: row('unsupportedMedia', 'Unsupported media type', 'never', 'Only `application/json` is accepted here.', 'Send JSON and say so in `Content-Type`.', 'Nothing.'),
  INTERNAL: row('internal', 'Internal error', 'never', 'Bailey itself failed.', 'Report the trace id.', 'Look the trace id up in the log; this is a bug.'),
  LEGACY_FAULT: row('protocol', 'Fault of the legacy system', 'never', 'The legacy system answered with a fault that its contract does not declare.', 'Report the trace id.', 'Look at the legacy system; declare the fault if it is a business answer.'),
  PROTOCOL_ERROR: row('protocol', 'Broken answer', 'never', 'The legacy system answered with something that is not what its contract says.', 'Report the trace id.', 'Compare with `bailey drift`; look at the legacy system.'),
  ANSWER_TOO_LARGE: row('protocol', 'Answer too large', 'never', 'The answer is larger than `maxResponseBytes`.', 'Ask for less.', 'Raise the limit if the memory allows it.'),
  CREDENTIALS_REFUSED: row('protocol', 'Our credentials were refused', 'never', 'The legacy system refused the credentials of the bridge.', 'Nothing: the caller did nothing wrong.', 'Renew the credentials of the bridge.'),
  EGRESS_REFUSED: row('protocol', 'Egress refused', 'never', 'The address is not one that the bridge declares.', 'Nothing.', 'Declare the host in the resource file, if it is right.'),
  UNREACHABLE: row('unavailable', 'Legacy system unreachable', 'after', 'No connection could be made; nothing was sent.', 'Try again after `Retry-After`.', 'Check the system and the network to it.'),
  CONNECTION_LOST: row('unavailable', 'Connection lost', 'after', 'The connection broke after the request was sent.', 'If `outcome` is unknown, ask before repeating a write.', 'Check the system and the network to it.'),
  LEGACY_UNAVAILABLE: row('unavailable', 'Legacy system unavailable', 'after', 'The legacy system says that it cannot serve now.', 'Try again after `Retry-After`.', 'Check the system.'),
  BREAKER_OPEN: row('unavailable', 'Breaker open', 'after', 'The system failed too often; calls are held back to let it recover.', 'Try again after `Retry-After`.', 'Look at the failures before it opened.'),
  OVERLOADED: row('unavailable', 'At its limit', 'after', 'As many calls as the system may bear are in flight.', 'Try again after `Retry-After`.', 'See whether calls became slow; raise the limit only if the system can bear it.'),
  BRIDGE_DOWN: row('unavailable', 'Bridge not connected', 'after', 'The bridge is known but could not be opened; the detail says why.', 'Try again after `Retry-After`.', 'See /readyz?verbose and the log.'),
  STORE_DOWN: row('unavailable', 'Store unavailable', 'after', 'The store of Bailey cannot be reached; what needs it pauses.', 'Try again after `Retry-After`.', 'Check the database.'),
  SHUTTING_DOWN: row('unavailable', 'Shutting down', 'after', 'This instance is about to stop.', 'Try again; another instance answers.', 'Nothing.'),
  TIMEOUT: row('timeout', 'Deadline passed', 'after', 'The legacy system did not answer in time.', 'If `outcome` is unknown, ask before repeating a write.', 'See whether the system is slow; the deadline is `policy.timeoutMs`.'),
} as const satisfies Record<string, FaultRow>;

export type FaultCode = keyof typeof FAULTS;

/** A fault that a contract declares: a business answer of the legacy system, never a reason to open the breaker. */
export interface DeclaredFault {
  /** UPPER_SNAKE of the native name. */
  code: string;
  native: string;
  /** HTTP status; 422 unless the resource file says otherwise. */
  status: number;
  description?: string;
  /** Schema of `fault.detail`. */
  detail?: JsonSchema;
}

/** One place that is wrong: a JSON Pointer (RFC 6901) into the input. */
export interface PointerError {
  pointer: string;
  message: string;
  [more: string]: unknown;
}

/** What is known of a write that failed: it did not happen, or nobody can tell. */
export type Outcome = 'notDone' | 'unknown';

export interface FailureOptions {
  /** Overrides the table's status, for declared faults. */
  status?: number;
  title?: string;
  retry?: RetryAdvice;
  retryAfterMs?: number;
  outcome?: Outcome;
  /** How far the call had come: `before` nothing reached the system, `after` it may have. Decides retries. */
  phase?: 'before' | 'after';
  fault?: { name: string; detail: Value };
  errors?: PointerError[];
  /** Extra members of the problem document (`file`, `line`, `construct`, `allow`…). Never a secret. */
  more?: Record<string, unknown>;
  /** For the log and the span only; it never leaves the house. */
  cause?: unknown;
}

/** The one error that crosses rooms. Data first: `code` and `kind` decide everything; `message` is for people. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: string;
  readonly kind: FaultKind;
  readonly status: number;
  readonly title: string;
  readonly retry: RetryAdvice;
  readonly options: Readonly<FailureOptions>;

  private constructor(
    code: string,
    table: Pick<FaultRow, 'kind' | 'title' | 'retry'>,
    detail: string,
    options: FailureOptions,
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.kind = table.kind;
    this.status = options.status ?? statusOf(table.kind);
    this.title = options.title ?? table.title;
    this.retry = options.retry ?? table.retry;
    this.options = options;
  }

  /** `detail` opens with what we were doing and ends with what to try. No secret, host or SQL text in it. */
  static of(code: FaultCode, detail: string, options: FailureOptions = {}): Failure {
    return new Failure(code, FAULTS[code], detail, options);
  }

  /** A business answer that the contract declares. */
  static declared(fault: DeclaredFault, detail: string, value: Value): Failure {
    const title = fault.description ?? fault.native;
    return new Failure(fault.code, { kind: 'rejected', title, retry: 'never' }, detail, {
      status: fault.status,
      outcome: 'notDone',
      phase: 'after',
      fault: { name: fault.native, detail: value },
    });
  }

  /** Anything thrown, as a Failure: what is not one already is a bug of ours and says nothing of itself. */
  static from(error: unknown): Failure {
    return error instanceof Failure
      ? error
      : Failure.of('INTERNAL', 'The call failed inside Bailey.', { cause: error });
  }
}
