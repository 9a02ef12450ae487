import { expect, test } from 'vitest';
import { manualClock, systemClock } from './clock.ts';

test('a manual clock runs what is due, in order, at its time', () => {
  const clock = manualClock(1_000);
  const seen: [string, number][] = [];
  const note = (name: string) => () => void seen.push([name, clock.now()]);
  clock.setTimeout(note('late'), 30);
  clock.setTimeout(() => clock.setTimeout(note('nested'), 5), 10);
  clock.setTimeout(note('cancelled'), 20).cancel();
  clock.setTimeout(note('beyond'), 100);
  clock.advance(50);
  expect(seen).toEqual([
    ['nested', 1_015],
    ['late', 1_030],
  ]);
  expect(clock.monotonic()).toBe(1_050);
});

test('the system clock ticks and cancels', async () => {
  const before = systemClock.monotonic();
  const cancelled = systemClock.setTimeout(() => expect.fail('it was cancelled'), 0);
  cancelled.cancel();
  await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 2));
  expect(systemClock.monotonic()).toBeGreaterThan(before);
});
