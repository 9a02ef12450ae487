import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { OfflineTools, Value } from '@bailey/contract';
import type { Io } from './io.ts';

export const isUrl = (source: string): boolean => /^https?:\/\//i.test(source);

/**
 * Absolute for the adapter, since a relative entry may not import from above the working folder: that guards uploads,
 * while here the user may read what the user may read.
 */
export const inFull = (source: string, { cwd }: Io): string =>
  isUrl(source) || source.startsWith('file:///') ? source : resolve(cwd, source);

/** Turns the file of a place back into what a user of relative paths expects. */
export const fileAsWritten = (file: string, source: string, { cwd }: Io): string =>
  isAbsolute(file) && !isAbsolute(source) ? relative(cwd, file) : file;

/** The same for the files that stand in a sentence. */
export const textAsWritten = (text: string, source: string, { cwd }: Io): string =>
  isAbsolute(source) ? text : text.replaceAll(cwd.endsWith(sep) ? cwd : cwd + sep, '');

const PROBE = 'source';

/** Names of the options that hold a source: `wsdl` for soap. */
export const sourceOptions = (tools: OfflineTools): string[] =>
  Object.entries(tools.connection(PROBE) as object).flatMap(([name, value]) => (value === PROBE ? [name] : []));

/** `options` with the sources in full. */
export const optionsInFull = (
  options: Readonly<Record<string, Value>>,
  names: readonly string[],
  io: Io,
): Record<string, Value> => {
  const full = Object.assign(Object.create(null), options) as Record<string, Value>;
  for (const name of names) {
    const source = full[name];
    if (typeof source === 'string') full[name] = inFull(source, io);
  }
  return full;
};
