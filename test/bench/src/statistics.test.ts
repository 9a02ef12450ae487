import { expect, test } from 'vitest';
import { ratios, spreadOf } from './statistics.ts';

test.each([
  [[3, 1, 2], { median: 2, lowest: 1, highest: 3 }],
  [[4, 1, 2, 3], { median: 2.5, lowest: 1, highest: 4 }],
  [[10], { median: 10, lowest: 10, highest: 10 }],
])('%j', (values, expected) => expect(spreadOf(values)).toEqual(expected));

test('ratios pair the rounds', () => expect(ratios([2, 9], [1, 3])).toEqual([2, 3]));
