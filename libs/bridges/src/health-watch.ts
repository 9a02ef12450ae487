import type { Clock, Health } from '@bailey/contract';

const INTERVAL_MS = 30_000;
const FIRST_WITHIN_MS = 1_000;
const TIMEOUT_MS = 5_000;

type Check = (signal: AbortSignal) => Promise<Health>;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'the health check failed');

/**
 * Asks a line now and then how it is; never on the way of a call. At random moments, so that a thousand bridges do
 * not ask at once.
 */
export class HealthWatch {
  readonly #check: Check;
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  #timer: { cancel(): void } | undefined;
  #last: Health | undefined;

  constructor(check: Check, clock: Clock) {
    this.#check = check;
    this.#clock = clock;
    this.#schedule(Math.random() * FIRST_WITHIN_MS);
  }

  /** Undefined until the first answer. */
  get last(): Health | undefined {
    return this.#last;
  }

  /** Asks now. Never rejects. */
  async ask(signal: AbortSignal): Promise<Health> {
    const either = AbortSignal.any([signal, this.#stopping.signal, AbortSignal.timeout(TIMEOUT_MS)]);
    this.#last = await this.#check(either).catch((error: unknown) => ({ up: false, reason: reasonOf(error) }));
    return this.#last;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#stopping.abort();
  }

  #schedule(ms: number): void {
    this.#timer = this.#clock.setTimeout(() => void this.#run(), ms);
  }

  async #run(): Promise<void> {
    await this.ask(this.#stopping.signal);
    if (!this.#stopping.signal.aborted) this.#schedule(INTERVAL_MS * (0.8 + Math.random() * 0.4));
  }
}
