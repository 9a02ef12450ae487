import { EventEmitter } from 'node:events';
import { Failure, type Clock, type Operation } from '@bailey/contract';
import type { GaugeChild } from '@bailey/platform';
import CircuitBreaker from 'opossum';
import { outcomeOf } from './abandonment.ts';
import type { BreakerPolicy } from './policy.ts';

export type BreakerState = 'closed' | 'open' | 'halfOpen';

/** What an attempt showed of the system; `nothing` when it never got there, or nobody waited for the end. */
export type Verdict = 'healthy' | 'sick' | 'nothing';

/** How an attempt was let through; given back with its verdict. */
export type Admission = 'ordinary' | 'probe';

const STATE_VALUES: Record<BreakerState, number> = { closed: 0, halfOpen: 1, open: 2 };
const BUCKETS = 10;
const HEALTHY = Promise.resolve();
// Between the probes of a half-open breaker: soon, but not at once.
const PROBE_RETRY_MS = 1_000;

/**
 * One operation's breaker. opossum keeps the window, the rate and the three states; attempts do not run inside it but
 * are admitted before and reported after, so that cancelled ones count for nothing, several probes are possible, and
 * the rate is over attempts that have ended. The states: closed -(rate reached)-> open -(openMs)-> halfOpen -(all
 * probes healthy)-> closed, halfOpen -(one sick)-> open.
 */
export class Breaker {
  readonly #circuit: CircuitBreaker<[Verdict], void>;
  readonly #policy: BreakerPolicy;
  readonly #clock: Clock;
  readonly #gauge: GaugeChild;
  readonly #rotation = new EventEmitter();
  #openedAt = 0;
  #probesRunning = 0;
  #probesHealthy = 0;

  constructor(policy: BreakerPolicy, clock: Clock, gauge: GaugeChild) {
    this.#policy = policy;
    this.#clock = clock;
    this.#gauge = gauge;
    this.#circuit = new CircuitBreaker(
      (verdict: Verdict) => (verdict === 'sick' ? Promise.reject(new Error('sick')) : HEALTHY),
      {
        timeout: false,
        // opossum opens above the percentage; ours is reached.
        errorThresholdPercentage: policy.failureRate * 100 - 1e-9,
        volumeThreshold: policy.minimumCalls,
        resetTimeout: policy.openMs,
        rollingCountTimeout: policy.windowMs,
        rollingCountBuckets: BUCKETS,
        rollingPercentilesEnabled: false,
        enableSnapshots: false,
        rotateBucketController: this.#rotation,
      },
    );
    this.#circuit.on('open', () => this.#onOpen());
    this.#circuit.on('halfOpen', () => this.#onHalfOpen());
    this.#circuit.on('close', () => this.#onClose());
    gauge.set(STATE_VALUES.closed);
  }

  get state(): BreakerState {
    if (this.#circuit.opened) return 'open';
    return this.#circuit.halfOpen ? 'halfOpen' : 'closed';
  }

  /** @throws Failure BREAKER_OPEN with the time after which it is worth trying */
  admit(operation: Operation): Admission {
    // Shut down with its bridge: the limit behind it tells callers so.
    if (this.#circuit.closed || this.#circuit.isShutdown) return 'ordinary';
    const isProbe = this.#circuit.halfOpen && this.#probesRunning + this.#probesHealthy < this.#policy.probes;
    if (!isProbe) throw this.#refusal(operation);
    this.#probesRunning++;
    return 'probe';
  }

  report(admission: Admission, verdict: Verdict): void {
    if (admission === 'probe') this.#reportProbe(verdict);
    // What began before it opened says nothing of the system as it is now.
    else if (verdict !== 'nothing' && this.#circuit.closed) this.#record(verdict);
  }

  /** To be called {@link BUCKETS} times in a window. */
  rotate(): void {
    this.#rotation.emit('rotate');
  }

  close(): void {
    this.#circuit.shutdown();
  }

  #reportProbe(verdict: Verdict): void {
    if (!this.#circuit.halfOpen) return;
    this.#probesRunning--;
    if (verdict === 'healthy') this.#probesHealthy++;
    if (verdict === 'sick' || this.#probesHealthy >= this.#policy.probes) this.#record(verdict);
  }

  #record(verdict: Verdict): void {
    this.#circuit.fire(verdict).catch(() => undefined);
  }

  #onOpen(): void {
    this.#openedAt = this.#clock.monotonic();
    this.#gauge.set(STATE_VALUES.open);
  }

  #onHalfOpen(): void {
    this.#probesRunning = 0;
    this.#probesHealthy = 0;
    this.#gauge.set(STATE_VALUES.halfOpen);
  }

  #onClose(): void {
    // Or the failures that opened it would open it again at the next single one.
    for (let bucket = 0; bucket < BUCKETS; bucket++) this.rotate();
    this.#gauge.set(STATE_VALUES.closed);
  }

  #refusal({ name, effect }: Operation): Failure {
    const left = this.#openedAt + this.#policy.openMs - this.#clock.monotonic();
    return Failure.of(
      'BREAKER_OPEN',
      `Calling ${name}: the system failed too often and is left to recover; try again later.`,
      {
        retryAfterMs: left > 0 ? left : PROBE_RETRY_MS,
        ...outcomeOf(effect, 'before'),
        phase: 'before',
      },
    );
  }
}

export const BREAKER_BUCKETS = BUCKETS;
