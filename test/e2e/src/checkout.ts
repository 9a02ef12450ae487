import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The clone that is tested. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

interface SetUp {
  ensureReady(options: { quiet: boolean }): Promise<string>;
}

/** Builds what is not up to date, as every command of the clone does. Path of a Node ≥ 24. */
export const ensureBuilt = async (): Promise<string> => {
  const { ensureReady } = (await import(pathToFileURL(join(ROOT, 'scripts', 'setup.mjs')).href)) as SetUp;
  return ensureReady({ quiet: true });
};
