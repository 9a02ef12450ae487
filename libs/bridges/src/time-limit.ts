import type { Clock, Failure } from '@bailey/contract';

/** Rejects with `tooLate` when `work` has not ended within `ms`. The work goes on: who started it stops it. */
export const withinTime = <Result>(
  work: Promise<Result>,
  ms: number,
  clock: Clock,
  tooLate: Failure,
): Promise<Result> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = clock.setTimeout(() => reject(tooLate), ms);
  return Promise.race([work, promise]).finally(() => timer.cancel());
};
