import type { Results, Verdict } from './limits.ts';
import { SIZE_NAMES } from './payload.ts';
import { ratios, spreadOf } from './statistics.ts';

const LIMIT = 'raw dispatch';

const cell = (values: readonly number[]): string => {
  const { median, lowest, highest } = spreadOf(values);
  return `${median.toFixed(0)} [${lowest.toFixed(0)}-${highest.toFixed(0)}]`;
};

const times = (of: readonly number[], to: readonly number[]): string =>
  `${spreadOf(ratios(of, to)).median.toFixed(1)}×`;

/** CPU microseconds a call, median and spread, and how many times the limit that is. */
export const formatTable = (results: Results): string => {
  const header = ['µs CPU a call', ...SIZE_NAMES.flatMap((size) => [size, '× limit'])];
  const rows = Object.entries(results).map(([name, costs]) => [
    name,
    ...SIZE_NAMES.flatMap((size) => [cell(costs[size]), times(costs[size], results[LIMIT]![size])]),
  ]);
  return [header, ...rows]
    .map((row) => row.map((text, column) => (column === 0 ? text.padEnd(22) : text.padStart(18))).join(''))
    .join('\n');
};

export const formatVerdicts = (verdicts: readonly Verdict[]): string =>
  verdicts
    .map(({ text, ratio, isMet }) => {
      const spread = `${ratio.median.toFixed(2)} [${ratio.lowest.toFixed(2)}-${ratio.highest.toFixed(2)}]`;
      return `${isMet ? '✓' : '✗'} ${text}: ${spread}`;
    })
    .join('\n');
