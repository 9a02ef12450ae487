import type { Handler } from '@bailey/contract';

/**
 * One link around a call. A stage may also throw at once instead of rejecting: the outermost one, trace, makes both
 * the same.
 */
export type Stage = (next: Handler) => Handler;

/** First stage outermost. */
export const pipeline = (stages: readonly Stage[], last: Handler): Handler =>
  stages.reduceRight((next, stage) => stage(next), last);
