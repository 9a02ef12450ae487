import { Failure, type PointerError, type Value } from '@bailey/contract';
import { outcomeOf } from './abandonment.ts';
import type { Stage } from './pipeline.ts';

/** Bad input ends here; no legacy system hears of it. */
export const validate =
  (check: (input: Value) => PointerError[] | undefined): Stage =>
  (next) =>
  (call) => {
    const errors = check(call.input);
    if (errors === undefined || errors.length === 0) return next(call);
    const places = errors.length === 1 ? 'one place' : `${errors.length} places`;
    throw Failure.of('INVALID_INPUT', `The input of ${call.operation.name} is wrong in ${places}; see errors.`, {
      errors,
      ...outcomeOf(call.operation.effect, 'before'),
    });
  };
