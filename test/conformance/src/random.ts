/** Numbers in [0, 1) that a seed decides (mulberry32): what a bad day did can be done again. */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** `BAILEY_SEED`, or a new one. */
export const chosenSeed = (): number => Number(process.env['BAILEY_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
