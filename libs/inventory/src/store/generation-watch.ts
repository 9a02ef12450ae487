import { GENERATION_CHANNEL } from './apply.ts';
import { coalesced, type Listener } from './listener.ts';
import type { Subscription } from './store.ts';

const POLL_MS = 2_000;

/** Tells each new generation once, by notification or, should that fail, by polling. */
export const watchGeneration = (
  read: () => Promise<number>,
  listener: Listener,
  callback: (generation: number) => void,
): Subscription => {
  let last: number | undefined;
  const look = coalesced(async () => {
    const generation = await read();
    if (generation === last) return;
    last = generation;
    callback(generation);
  });
  const off = listener.on(GENERATION_CHANNEL, look);
  const timer = setInterval(look, POLL_MS).unref();
  look();
  return {
    close: async () => {
      off();
      clearInterval(timer);
    },
  };
};
