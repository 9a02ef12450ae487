import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/**
 * Asks again until there is an answer. `undefined`, `false` and a throw mean not yet.
 * @throws Error naming what was waited for, with the last failure as its cause
 */
export const until = async <T>(
  what: string,
  ask: () => T | Promise<T>,
  withinMs = 60_000,
): Promise<Exclude<T, undefined | false>> => {
  let cause: unknown;
  for (const givenUp = performance.now() + withinMs; performance.now() < givenUp; await delay(POLL_MS)) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    } catch (error) {
      cause = error;
    }
  }
  throw new Error(`Waited ${withinMs / 1000} s for ${what}`, { cause });
};
