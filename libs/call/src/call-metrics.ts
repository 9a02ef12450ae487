import type { CounterChild, GaugeChild, HistogramChild, Metrics } from '@bailey/platform';

/** `ok`, the kind of a failure, or that the caller went away. */
export type CallOutcome = string;

export interface OperationMetrics {
  readonly duration: HistogramChild;
  readonly retries: CounterChild;
  calls(outcome: CallOutcome): CounterChild;
}

export interface BridgeMetrics {
  readonly inFlight: GaugeChild;
  readonly queued: GaugeChild;
  /** 0 closed, 1 half open, 2 open. */
  breaker(operation: string): GaugeChild;
  /** The series of the bridge go when its last holder has released them. */
  release(): void;
}

/** What calls are measured by; children are bound at registration, so that no caller can make new series. */
export interface CallMetrics {
  /** While a guard of the bridge is open. */
  operation(bridge: string, operation: string, system: string): OperationMetrics;
  bridge(bridge: string): BridgeMetrics;
  forget(bridge: string): void;
}

// From a cache hit to the longest deadline that people accept.
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const UNCOUNTED: CounterChild = { inc: () => undefined };

export const createCallMetrics = (metrics: Metrics): CallMetrics => {
  const perOperation = ['bridge', 'operation', 'system'];
  const calls = metrics.counter('bailey_calls_total', 'Calls by outcome: ok, the kind of the failure, or cancelled.', [
    ...perOperation,
    'outcome',
  ]);
  const duration = metrics.histogram(
    'bailey_call_duration_seconds',
    'Time from entry to answer.',
    perOperation,
    DURATION_BUCKETS,
  );
  const retries = metrics.counter('bailey_retries_total', 'Attempts after the first.', perOperation);
  const breaker = metrics.gauge('bailey_breaker_state', 'State of the breaker: 0 closed, 1 half open, 2 open.', [
    'bridge',
    'operation',
  ]);
  const inFlight = metrics.gauge('bailey_in_flight_calls', 'Calls that hold a slot of the in-flight limit.', [
    'bridge',
  ]);
  const queued = metrics.gauge('bailey_queued_calls', 'Calls that wait for a slot.', ['bridge']);
  const families = [calls, duration, retries, breaker, inFlight, queued];
  const holders = new Map<string, number>();

  const forget = (bridge: string): void => {
    holders.delete(bridge);
    for (const family of families) family.remove({ bridge });
  };

  const release = (bridge: string): void => {
    const left = (holders.get(bridge) ?? 0) - 1;
    if (left > 0) holders.set(bridge, left);
    else forget(bridge);
  };

  return {
    operation(bridge, operation, system) {
      const labels = { bridge, operation, system };
      const byOutcome = new Map<CallOutcome, CounterChild>();
      const countOf = (outcome: CallOutcome): CounterChild => {
        // A call that ends after its bridge has gone must not bring its series back.
        if (!holders.has(bridge)) return UNCOUNTED;
        const child = byOutcome.get(outcome) ?? calls.child({ ...labels, outcome });
        byOutcome.set(outcome, child);
        return child;
      };
      // Present from the start: a rate over a series that appears with its first failure misses that failure.
      countOf('ok');
      return { duration: duration.child(labels), retries: retries.child(labels), calls: countOf };
    },
    bridge(bridge) {
      holders.set(bridge, (holders.get(bridge) ?? 0) + 1);
      return {
        inFlight: inFlight.child({ bridge }),
        queued: queued.child({ bridge }),
        breaker: (operation) => breaker.child({ bridge, operation }),
        release: () => release(bridge),
      };
    },
    forget,
  };
};
