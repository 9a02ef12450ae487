import { FAULTS, statusOf, type DeclaredFault, type FaultCode, type JsonSchema } from '@bailey/contract';
import { openApiSchema } from './openapi-schema.ts';

const text = { type: 'string' } as const;

// No type of a contract has a dot in its name, so none can hide this one.
export const PROBLEM_NAME = 'bailey.Problem';

/** RFC 9457 with the members of Bailey. */
export const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'A problem document (RFC 9457).',
  required: ['type', 'title', 'status', 'code', 'retry'],
  properties: {
    type: { ...text, description: '`urn:bailey:error:` and the code.' },
    title: text,
    status: { type: 'integer' },
    detail: text,
    instance: { ...text, description: '`urn:trace:` and the trace id.' },
    code: text,
    system: text,
    operation: text,
    retry: {
      enum: ['never', 'after', 'safe'],
      description: 'Whether to call again: not at all, after a while, or at once.',
    },
    outcome: { enum: ['notDone', 'unknown'], description: 'What is known of a write that failed.' },
    traceId: text,
    fault: {
      type: 'object',
      description: 'The declared fault of the legacy system.',
      required: ['name', 'detail'],
      properties: { name: text, detail: {} },
    },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'message'],
        properties: { pointer: { ...text, description: 'JSON Pointer (RFC 6901) into the input.' }, message: text },
      },
    },
  },
};

/** What a call of an operation can answer, whatever the legacy system declares. */
const CALL_CODES: readonly FaultCode[] = [
  'INVALID_INPUT',
  'MALFORMED_JSON',
  'UNKNOWN_PARAMETER',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'UNKNOWN_BRIDGE',
  'UNKNOWN_OPERATION',
  'METHOD_NOT_ALLOWED',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'INTERNAL',
  'LEGACY_FAULT',
  'PROTOCOL_ERROR',
  'ANSWER_TOO_LARGE',
  'CREDENTIALS_REFUSED',
  'EGRESS_REFUSED',
  'UNREACHABLE',
  'CONNECTION_LOST',
  'LEGACY_UNAVAILABLE',
  'BREAKER_OPEN',
  'OVERLOADED',
  'BRIDGE_DOWN',
  'SHUTTING_DOWN',
  'TIMEOUT',
];

const byStatus = <T>(items: readonly T[], status: (item: T) => number): Map<number, T[]> => {
  const groups = new Map<number, T[]>();
  for (const item of [...items].sort((one, other) => status(one) - status(other)))
    groups.set(status(item), [...(groups.get(status(item)) ?? []), item]);
  return groups;
};

const STATUSES = byStatus(CALL_CODES, (code) => statusOf(FAULTS[code].kind));
const PROBLEM_REF = { $ref: `#/components/schemas/${PROBLEM_NAME}` };

const HEADERS: Readonly<Record<number, object>> = {
  401: { 'WWW-Authenticate': { schema: text } },
  405: { Allow: { schema: text } },
  503: {
    'Retry-After': { schema: { type: 'integer', minimum: 1 }, description: 'Seconds to wait before the next attempt.' },
  },
};

const sentence = (code: FaultCode): string => `\`${code}\`: ${FAULTS[code].meaning}`;

const response = (status: number, description: string, schema: object): object => ({
  description,
  ...(HEADERS[status] === undefined ? {} : { headers: HEADERS[status] }),
  content: { 'application/problem+json': { schema } },
});

/** `components.responses`, by the name that {@link problemResponses} refers to. */
export const sharedResponses = (): Record<string, object> =>
  Object.fromEntries(
    [...STATUSES].map(([status, codes]) => [
      `Problem${status}`,
      response(status, codes.map(sentence).join(' '), PROBLEM_REF),
    ]),
  );

const faultSchema = ({ code, native, detail }: DeclaredFault, prefix: string): object => ({
  allOf: [
    PROBLEM_REF,
    {
      type: 'object',
      required: ['code', 'fault'],
      properties: {
        code: { const: code },
        fault: {
          type: 'object',
          properties: { name: { const: native }, detail: openApiSchema(detail ?? ({} as JsonSchema), prefix) },
        },
      },
    },
  ],
});

const faultResponse = (status: number, faults: readonly DeclaredFault[], prefix: string): object => {
  const schemas = faults.map((fault) => faultSchema(fault, prefix));
  const shared = STATUSES.has(status) ? [PROBLEM_REF] : [];
  const words = faults.map(({ code, native, description }) => `\`${code}\`: ${description ?? native}`);
  const all = [...schemas, ...shared];
  return response(
    status,
    [...words, ...(STATUSES.get(status) ?? []).map(sentence)].join(' '),
    all.length === 1 ? all[0]! : { anyOf: all },
  );
};

/** The responses of one operation that are not successes: its declared faults, typed, and the shared ones. */
export const problemResponses = (faults: readonly DeclaredFault[], prefix: string): Record<string, object> => {
  const responses: Record<string, object> = {};
  for (const status of STATUSES.keys()) responses[status] = { $ref: `#/components/responses/Problem${status}` };
  for (const [status, group] of byStatus(faults, (fault) => fault.status))
    responses[status] = faultResponse(status, group, prefix);
  return responses;
};
