import type { Clock } from '@bailey/contract';
import type { CallMetrics } from './call-metrics.ts';
import { Breaker, BREAKER_BUCKETS, type BreakerState } from './breaker.ts';
import { InFlightLimit } from './in-flight-limit.ts';
import type { Policy } from './policy.ts';
import { RetryBudget } from './retry-budget.ts';

/** What all calls of one bridge share. Lives as long as the revision of the bridge it was made for. */
export interface BridgeGuard {
  /** Slots taken, those included that are held after a time-out. */
  readonly inFlight: number;
  readonly limit: InFlightLimit;
  readonly retryBudget: RetryBudget;
  /** The operation's breaker, made at the first asking: at registration. */
  breaker(operation: string): Breaker;
  /** `closed` for operations that were never compiled. */
  breakerState(operation: string): BreakerState;
  /** After the drain: refuses waiting calls, stops timers, gives its metric series back. Twice is once. */
  close(): void;
}

export const createGuard = (bridge: string, policy: Policy, clock: Clock, metrics: CallMetrics): BridgeGuard => {
  const series = metrics.bridge(bridge);
  const breakers = new Map<string, Breaker>();
  const { concurrency, queue, holdMs } = policy;
  const limit = new InFlightLimit({
    concurrency,
    queue,
    holdMs,
    clock,
    inFlight: series.inFlight,
    queued: series.queued,
  });
  const rotate = () => {
    for (const breaker of breakers.values()) breaker.rotate();
  };
  let isClosed = false;
  const rotation = setInterval(rotate, policy.breaker.windowMs / BREAKER_BUCKETS).unref();

  return {
    get inFlight() {
      return limit.inFlight;
    },
    limit,
    retryBudget: new RetryBudget(clock),
    breaker(operation) {
      const known = breakers.get(operation) ?? new Breaker(policy.breaker, clock, series.breaker(operation));
      breakers.set(operation, known);
      return known;
    },
    breakerState: (operation) => breakers.get(operation)?.state ?? 'closed',
    close() {
      if (isClosed) return;
      isClosed = true;
      clearInterval(rotation);
      limit.close();
      for (const breaker of breakers.values()) breaker.close();
      series.release();
    },
  };
};
