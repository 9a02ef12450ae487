import { expect, test } from 'vitest';
import { judge } from './limits.ts';
import type { Results } from './limits.ts';

const results = (codec: number, whole: number): Results => ({
  'node-soap': { '1 kB': [1], '30 kB': [40, 40, 40] },
  "bailey's codec": { '1 kB': [1], '30 kB': [codec, codec, 1000] },
  "bailey's whole path": { '1 kB': [whole, whole, 1], '30 kB': [1] },
  'pass-through': { '1 kB': [10, 10, 10], '30 kB': [1] },
});

test.each([
  [10, 20, [true, true]],
  [11, 20, [false, true]],
  [10, 21, [true, false]],
])('codec %d and whole path %d', (codec, whole, expected) => {
  expect(judge(results(codec, whole)).map(({ isMet }) => isMet)).toEqual(expected);
});

test('what was not measured is not met', () => {
  expect(judge({}).map(({ isMet }) => isMet)).toEqual([false, false]);
});
