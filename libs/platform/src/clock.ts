/** Time as it is injected everywhere, so that tests own it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Monotonic milliseconds, the base of deadlines. */
  monotonic(): number;
  setTimeout(callback: () => void, ms: number): { cancel(): void };
}

class Timer {
  readonly #handle: NodeJS.Timeout;

  constructor(callback: () => void, ms: number) {
    this.#handle = setTimeout(callback, ms);
  }

  cancel(): void {
    clearTimeout(this.#handle);
  }
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (callback, ms) => new Timer(callback, ms),
};

interface Pending {
  at: number;
  callback: () => void;
}

/** A clock that stands still until `advance`; due timers run in the order of their times. */
export const manualClock = (start = 0): Clock & { advance(ms: number): void } => {
  let now = start;
  const pending = new Set<Pending>();
  const nextDue = (until: number) => [...pending].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];

  return {
    now: () => now,
    monotonic: () => now,
    setTimeout(callback, ms) {
      const timer = { at: now + ms, callback };
      pending.add(timer);
      return { cancel: () => void pending.delete(timer) };
    },
    advance(ms) {
      const until = now + ms;
      for (let timer = nextDue(until); timer !== undefined; timer = nextDue(until)) {
        pending.delete(timer);
        now = timer.at;
        timer.callback();
      }
      now = until;
    },
  };
};
