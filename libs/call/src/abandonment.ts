import { Failure, type Call, type Effect, type Outcome } from '@bailey/contract';

/** Why a call's signal was aborted, as its `reason`. */
export const DEADLINE_PASSED = Symbol('deadline passed');
export const CALLER_GONE = Symbol('caller gone');

export type Phase = 'before' | 'after';

export const isCallerGone = (call: Call): boolean => call.signal.aborted && call.signal.reason === CALLER_GONE;

/** What is known of a write that failed in this phase; a read has no outcome. */
export const outcomeOf = (effect: Effect, phase: Phase): { outcome?: Outcome } =>
  effect === 'read' ? {} : { outcome: phase === 'before' ? 'notDone' : 'unknown' };

/** The failure of a call whose signal was aborted when it had come as far as `phase`. */
export const abandoned = (call: Call, phase: Phase, cause?: unknown): Failure => {
  const { signal, operation } = call;
  // The bridge closes its calls with the failure that says so.
  if (signal.reason instanceof Failure) return signal.reason;
  const what = signal.reason === CALLER_GONE ? 'the caller has gone' : 'the deadline passed';
  const hint = phase === 'before' ? 'nothing was sent' : 'the system may have worked on';
  return Failure.of('TIMEOUT', `Calling ${operation.name}: ${what} before the answer came; ${hint}.`, {
    phase,
    ...outcomeOf(operation.effect, phase),
    cause,
  });
};
