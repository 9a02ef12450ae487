import type { Failure, FaultKind, Value } from '@bailey/contract';

/** Where a failure happened, as far as the surface knows. */
export interface ProblemContext {
  system?: string | undefined;
  operation?: string | undefined;
  /** 32 hex digits of W3C trace context. */
  traceId?: string | undefined;
}

/** An RFC 9457 answer, ready to be sent as `application/problem+json`. */
export interface Problem {
  status: number;
  /** `Content-Type`, and where the failure calls for them `Retry-After`, `Allow`, `WWW-Authenticate`. */
  headers: Record<string, string>;
  body: Record<string, Value>;
}

// What a caller is told to wait when nobody knows better: a breaker's and a restart's usual order of magnitude.
const DEFAULT_RETRY_MS = 5_000;

/** RFC 9110 section 10.2.3 counts whole seconds; 0 would invite a hot loop. */
const retryAfterSeconds = (failure: Failure): number =>
  Math.max(1, Math.ceil((failure.options.retryAfterMs ?? DEFAULT_RETRY_MS) / 1000));

const WAITS: ReadonlySet<FaultKind> = new Set(['unavailable', 'quota']);

const allowed = (failure: Failure): string => {
  const allow = failure.options.more?.['allow'];
  return Array.isArray(allow) ? allow.join(', ') : String(allow ?? '');
};

const headersOf = (failure: Failure): Record<string, string> => ({
  'content-type': 'application/problem+json; charset=utf-8',
  ...(WAITS.has(failure.kind) ? { 'retry-after': String(retryAfterSeconds(failure)) } : {}),
  ...(failure.status === 405 ? { allow: allowed(failure) } : {}),
  ...(failure.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
});

const STANDARD = new Set([
  'type',
  'title',
  'status',
  'detail',
  'instance',
  'code',
  'system',
  'operation',
  'retry',
  'outcome',
  'traceId',
  'fault',
  'errors',
]);

/** Extra members never overwrite the standard ones. */
const extraMembers = (more: Readonly<Record<string, unknown>> | undefined): [string, unknown][] =>
  more === undefined ? [] : Object.entries(more).filter(([name]) => !STANDARD.has(name));

const bodyOf = (failure: Failure, { system, operation, traceId }: ProblemContext): Record<string, Value> => {
  const { outcome, fault, errors, more } = failure.options;
  const members: [string, unknown][] = [
    ['type', `urn:bailey:error:${failure.code}`],
    ['title', failure.title],
    ['status', failure.status],
    ['detail', failure.message],
    ['instance', traceId && `urn:trace:${traceId}`],
    ['code', failure.code],
    ['system', system],
    ['operation', operation],
    ['retry', failure.retry],
    ['outcome', outcome],
    ['traceId', traceId],
    ['fault', fault],
    ['errors', errors],
    ...extraMembers(more),
  ];
  const body = Object.create(null) as Record<string, Value>;
  for (const [name, value] of members) if (value !== undefined) body[name] = value as Value;
  return body;
};

/** The one place where a failure becomes an HTTP answer; GraphQL puts the same body into `extensions`. */
export const toProblem = (failure: Failure, context: ProblemContext): Problem => ({
  status: failure.status,
  headers: headersOf(failure),
  body: bodyOf(failure, context),
});
