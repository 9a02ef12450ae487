import { Failure, type Clock } from '@bailey/contract';
import { abandoned, CALLER_GONE, DEADLINE_PASSED } from './abandonment.ts';
import type { Stage } from './pipeline.ts';

/**
 * Gives the call its deadline, and one signal for it and the caller's own. Whoever holds the call at that moment
 * (the queue, the back-off, the running attempt) ends it when the signal is aborted.
 */
export const deadline =
  ({ timeoutMs, clock }: { timeoutMs: number; clock: Clock }): Stage =>
  (next) =>
  async (call) => {
    const caller = call.signal;
    const controller = new AbortController();
    const onCallerGone = () => controller.abort(caller.reason instanceof Failure ? caller.reason : CALLER_GONE);
    call.signal = controller.signal;
    call.deadline = clock.monotonic() + timeoutMs;
    if (caller.aborted) {
      onCallerGone();
      throw abandoned(call, 'before');
    }
    caller.addEventListener('abort', onCallerGone);
    const timer = clock.setTimeout(() => controller.abort(DEADLINE_PASSED), timeoutMs);
    try {
      return await next(call);
    } finally {
      timer.cancel();
      // Or a signal that outlives the call would hold on to it.
      caller.removeEventListener('abort', onCallerGone);
    }
  };
