import type { Clock } from '@bailey/contract';
import type { Post } from './roster.ts';

/** Lets posts drain and closes them then; or after `shutdownMs`, with whoever is still inside. */
export class Retirement {
  readonly #clock: Clock;
  readonly #shutdownMs: number;
  readonly #leaving = new Set<Promise<void>>();

  constructor(clock: Clock, shutdownMs: number) {
    this.#clock = clock;
    this.#shutdownMs = shutdownMs;
  }

  retire({ built, lease }: Post): void {
    const leaving = this.#drain(lease.drained())
      .then(() => built.dispose())
      .catch(() => undefined)
      .then(() => void this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  /** Resolves when all that was retired is closed. */
  async finished(): Promise<void> {
    await Promise.all(this.#leaving);
  }

  async #drain(drained: Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.setTimeout(resolve, this.#shutdownMs);
    await Promise.race([drained, promise]);
    timer.cancel();
  }
}
