import type { Size } from './payload.ts';
import { ratios, spreadOf } from './statistics.ts';
import type { Spread } from './statistics.ts';

/** CPU microseconds a call, one number a round. */
export type Results = Record<string, Record<Size, number[]>>;

export interface Verdict {
  text: string;
  ratio: Spread;
  isMet: boolean;
}

interface Limit {
  text: string;
  size: Size;
  of: string;
  to: string;
  isMet(median: number): boolean;
}

const LIMITS: Limit[] = [
  {
    text: "node-soap costs at least 4× bailey's codec at 30 kB",
    size: '30 kB',
    of: 'node-soap',
    to: "bailey's codec",
    isMet: (median) => median >= 4,
  },
  {
    text: "bailey's whole path costs at most 2× a pass-through at 1 kB",
    size: '1 kB',
    of: "bailey's whole path",
    to: 'pass-through',
    isMet: (median) => median <= 2,
  },
];

/** What was promised, and whether it holds: by the median of the ratios of each round. */
export const judge = (results: Results): Verdict[] =>
  LIMITS.map(({ text, size, of, to, isMet }) => {
    const ratio = spreadOf(ratios(results[of]?.[size] ?? [], results[to]?.[size] ?? []));
    return { text, ratio, isMet: isMet(ratio.median) };
  });
