import type { Value } from '@bailey/contract';
import { UsageError } from './exit.ts';

/** `--key value`, `--key=value` and a bare `--key` (true): an adapter's own options, which the command line passes on. */
export const parseFlags = (words: readonly string[]): Record<string, Value> => {
  const flags: Record<string, Value> = Object.create(null);
  for (let at = 0; at < words.length; at++) {
    const [, key, inline] = /^--([A-Za-z][\w-]*)(?:=([^]*))?$/.exec(words[at]!) ?? [];
    if (key === undefined) throw new UsageError(`"${words[at]}" is no --option; the data comes on standard input`);
    const next = words[at + 1];
    const takesNext = inline === undefined && next !== undefined && !next.startsWith('--');
    flags[key] = inline ?? (takesNext ? next : true);
    if (takesNext) at++;
  }
  return flags;
};
