import { afterAll, beforeAll, beforeEach, describe, test } from 'vitest';
import { BEHAVIOURS } from './behaviours.ts';
import type { BehaviourName } from './behaviours.ts';
import type { Card } from './card.ts';
import type { Stand } from './line.ts';
import { chosenSeed } from './random.ts';

/**
 * Registers the behaviours for one adapter with Vitest: an adapter's whole conformance file is one call.
 * The title shows the seed; `BAILEY_SEED` gives it again.
 */
export const conformance = <Config, Plan>(card: Card<Config, Plan>): void => {
  const seed = chosenSeed();
  describe(`${card.name} (seed ${seed})`, () => {
    let stand: Stand<Config, Plan>;
    beforeAll(async () => {
      stand = { card, ...(await card.start(seed)) };
    });
    beforeEach(() => stand.emulator.setMode('healthy'));
    afterAll(() => stand.emulator.close());

    for (const name of Object.keys(BEHAVIOURS) as BehaviourName[]) {
      const waiver = card.waivers?.[name];
      if (waiver === undefined) test(name, () => BEHAVIOURS[name](stand));
      else test(`${name}: waived since ${waiver.date}, ${waiver.reason}`, ({ skip }) => skip(waiver.reason));
    }
  });
};
