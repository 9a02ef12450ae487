import { countsAgainstSystem, Failure, type Call } from '@bailey/contract';
import { isCallerGone } from './abandonment.ts';
import type { Breaker, Verdict } from './breaker.ts';
import type { Stage } from './pipeline.ts';

// Unavailable by our own decision or fault: the system was not asked.
const OURS = new Set(['OVERLOADED', 'SHUTTING_DOWN', 'EGRESS_REFUSED', 'INTERNAL']);

const verdictOf = (call: Call, error: unknown): Verdict => {
  const { code, kind } = Failure.from(error);
  if (OURS.has(code) || isCallerGone(call)) return 'nothing';
  return countsAgainstSystem(kind) ? 'sick' : 'healthy';
};

/** Asks the operation's breaker before each attempt, and tells it after. */
export const breaking =
  (breaker: Breaker): Stage =>
  (next) =>
  async (call) => {
    const admission = breaker.admit(call.operation);
    try {
      const reply = await next(call);
      breaker.report(admission, 'healthy');
      return reply;
    } catch (error) {
      breaker.report(admission, verdictOf(call, error));
      throw error;
    }
  };
