import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from './log.ts';

/** What `run.json` in the home says of a process that is ready. */
export interface RunState {
  pid: number;
  dataUrl?: string;
  controlUrl?: string;
}

const writeWhole = async (path: string, text: string): Promise<void> => {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
};

/**
 * Says where a process that is ready can be reached. Written whole or not at all: whoever waits for the file may read
 * it the moment it is there. The result removes it. A home that cannot be written is a container's, and no fault.
 */
export const writeRunFile = async (home: string, state: RunState, log: Log): Promise<() => Promise<void>> => {
  const path = join(home, 'run.json');
  try {
    await mkdir(home, { recursive: true });
    await writeWhole(path, `${JSON.stringify(state)}\n`);
    return () => rm(path, { force: true });
  } catch (error) {
    log.warn({ err: error, home }, 'run.json cannot be written; the command line has to be told the URLs');
    return async () => undefined;
  }
};
