import { parseArgs } from 'node:util';

export interface Options {
  /** Whether the sample estate and its bridges are brought up. */
  estate: boolean;
  /** Resource files and folders to apply before the first call. */
  files: string[];
}

/** The words after `npm start --`. Throws with the words that are not known. */
export const readOptions = (args: readonly string[]): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: { 'no-estate': { type: 'boolean' }, file: { type: 'string', short: 'f', multiple: true } },
  });
  return { estate: values['no-estate'] !== true, files: values.file ?? [] };
};
