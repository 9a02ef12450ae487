import { countsAgainstSystem, Failure, FAULTS, type Effect, type FaultCode } from '@bailey/contract';
import { outcomeOf } from './abandonment.ts';

const isOwnCode = (code: string): code is FaultCode => Object.hasOwn(FAULTS, code);

/**
 * A write that failed because its system is sick is told with what is known of it: it did not happen, or nobody can
 * tell. Adapters that know better have said so already.
 */
export const withOutcome = (failure: Failure, effect: Effect): Failure => {
  const { code, kind, message, options } = failure;
  const isOpen = effect !== 'read' && options.outcome === undefined && countsAgainstSystem(kind);
  if (!isOpen || !isOwnCode(code)) return failure;
  return Failure.of(code, message, { ...options, ...outcomeOf(effect, options.phase ?? 'after') });
};
