import type { JsonSchema } from '@bailey/contract';

/** How a bridge guards its system. Every key is enforced; what is not enforced yet is not a key. */
export interface Policy {
  /** From entry to answer, queueing and retries included. */
  timeoutMs: number;
  /** How long a call that was given up keeps its slot after its connection closed. */
  holdMs: number;
  /** Calls at the system at once, over all operations of the bridge. */
  concurrency: number;
  /** Calls that may wait for a slot; they wait no longer than their deadline. */
  queue: number;
  /** The largest answer that is taken. The adapter's host enforces it; absent: the adapter's own bound. */
  maxResponseBytes?: number;
  breaker: BreakerPolicy;
  retry: RetryPolicy;
}

/** One breaker an operation. */
export interface BreakerPolicy {
  windowMs: number;
  /** Fewer calls than this in the window say nothing. */
  minimumCalls: number;
  /** Share of failures at which it opens, above 0 to 1. */
  failureRate: number;
  openMs: number;
  /** Calls let through when it is half open; as many must succeed for it to close. */
  probes: number;
}

export interface RetryPolicy {
  /** Attempts in all: 1 never repeats. */
  attempts: number;
  /** Before the second attempt, half to whole of it at random; doubled before each further one. */
  backoffMs: number;
}

const milliseconds = (description: string, value: number, minimum: number): JsonSchema => ({
  type: 'integer',
  description,
  default: value,
  minimum,
  maximum: 3_600_000,
});

const count = (description: string, value: number, minimum: number, maximum: number): JsonSchema => ({
  type: 'integer',
  description,
  default: value,
  minimum,
  maximum,
});

/** Of `spec.policy`; validated with defaults, `{}` becomes a whole {@link Policy}. */
export const POLICY_SCHEMA: JsonSchema = {
  type: 'object',
  description: 'How the bridge guards its system',
  default: {},
  additionalProperties: false,
  properties: {
    timeoutMs: milliseconds('Deadline of a call, queueing and retries included', 10_000, 1),
    holdMs: milliseconds(
      'How long a call that timed out keeps its slot, for systems that work on after a hang-up',
      0,
      0,
    ),
    concurrency: count('Calls at the system at once', 20, 1, 10_000),
    queue: count('Calls that may wait for a slot', 0, 0, 100_000),
    maxResponseBytes: { type: 'integer', description: 'Largest answer in bytes', minimum: 1, maximum: 1_073_741_824 },
    breaker: {
      type: 'object',
      description: 'Holds calls back while the system fails; one an operation',
      default: {},
      additionalProperties: false,
      properties: {
        windowMs: milliseconds('Window over which failures are counted', 10_000, 100),
        minimumCalls: count('Calls in the window below which it stays closed', 10, 1, 100_000),
        failureRate: {
          type: 'number',
          description: 'Share of failed calls at which it opens',
          default: 0.5,
          exclusiveMinimum: 0,
          maximum: 1,
        },
        openMs: milliseconds('How long it stays open', 5_000, 1),
        probes: count('Calls that must succeed before it closes again', 1, 1, 100),
      },
    },
    retry: {
      type: 'object',
      description: 'Repeats what is proven safe to repeat',
      default: {},
      additionalProperties: false,
      properties: {
        attempts: count('Attempts in all; 1 never repeats', 2, 1, 10),
        backoffMs: milliseconds('Pause before the second attempt, doubled each time', 100, 0),
      },
    },
  },
};

const scopeList = (description: string): JsonSchema => ({
  anyOf: [
    { type: 'string', minLength: 1 },
    { type: 'array', items: { type: 'string', minLength: 1 } },
  ],
  description,
});

/** Of `spec.access`: what a caller must hold, all of it, by the effect of the operation. */
export const ACCESS_SCHEMA: JsonSchema = {
  type: 'object',
  description: 'What a caller must hold',
  additionalProperties: false,
  properties: {
    scopes: {
      type: 'object',
      description: 'Scopes by effect; an operation may name its own instead',
      additionalProperties: false,
      properties: {
        read: scopeList('For operations that only read'),
        write: scopeList('For operations that change something'),
      },
    },
  },
};
