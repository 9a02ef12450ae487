import { Failure, type Call, type Clock, type Effect } from '@bailey/contract';
import { abandoned, type Phase } from './abandonment.ts';
import type { CounterChild } from '@bailey/platform';
import type { Stage } from './pipeline.ts';
import type { RetryPolicy } from './policy.ts';
import type { RetryBudget } from './retry-budget.ts';

export interface RetryOptions {
  policy: RetryPolicy;
  budget: RetryBudget;
  clock: Clock;
  retries: CounterChild;
  /** From 0 to below 1. */
  random?: () => number;
}

// What may be over at the next attempt. Our own refusals (breaker, limit) are not among them, nor is any answer.
const PASSING = new Set(['UNREACHABLE', 'CONNECTION_LOST', 'LEGACY_UNAVAILABLE', 'TIMEOUT']);

/**
 * The table of phase × effect: what was never sent may always be sent again; what may have been sent, only when it
 * reads. An attempt whose phase nobody knows counts as sent.
 */
export const mayRepeat = (effect: Effect, failure: Failure): boolean => {
  const phase: Phase = failure.options.phase ?? 'after';
  return PASSING.has(failure.code) && (effect === 'read' || phase === 'before');
};

const pause = (call: Call, clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const onAbort = () => {
      timer.cancel();
      reject(abandoned(call, 'before'));
    };
    const timer = clock.setTimeout(() => {
      call.signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    call.signal.addEventListener('abort', onAbort, { once: true });
  });

/** Repeats outside breaker and limit: a pause holds no slot, and the breaker judges each attempt. */
export const retry =
  ({ policy, budget, clock, retries, random = Math.random }: RetryOptions): Stage =>
  (next) => {
    const backoff = (attempt: number) => policy.backoffMs * 2 ** (attempt - 1) * (0.5 + random() / 2);

    const waitFor = (call: Call, attempt: number, failure: Failure): number | undefined => {
      if (attempt >= policy.attempts || call.signal.aborted || !mayRepeat(call.operation.effect, failure))
        return undefined;
      const ms = Math.max(backoff(attempt), failure.options.retryAfterMs ?? 0);
      return clock.monotonic() + ms < call.deadline && budget.spend() ? ms : undefined;
    };

    return async (call) => {
      budget.countCall();
      for (let attempt = 1; ; attempt++) {
        try {
          return await next(call);
        } catch (error) {
          const failure = Failure.from(error);
          const ms = waitFor(call, attempt, failure);
          if (ms === undefined) throw failure;
          if (ms > 0) await pause(call, clock, ms);
          retries.inc();
        }
      }
    };
  };
