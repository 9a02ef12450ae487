import type { Clock } from '@bailey/contract';

const WINDOW_MS = 10_000;
const SHARE = 0.1;
// So that a quiet bridge may repeat at all.
const FLOOR = 5;

/** Keeps repeats at a tenth of the calls: when everything fails, retries must not double the load. One a bridge. */
export class RetryBudget {
  readonly #clock: Clock;
  #windowEnds = -Infinity;
  #calls = 0;
  #retries = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  countCall(): void {
    this.#turnWindow();
    this.#calls++;
  }

  /** True when one more repeat is within the budget; it is then spent. */
  spend(): boolean {
    this.#turnWindow();
    if (this.#retries >= FLOOR + this.#calls * SHARE) return false;
    this.#retries++;
    return true;
  }

  #turnWindow(): void {
    const now = this.#clock.monotonic();
    if (now < this.#windowEnds) return;
    this.#windowEnds = now + WINDOW_MS;
    this.#calls = 0;
    this.#retries = 0;
  }
}
