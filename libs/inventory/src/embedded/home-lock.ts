import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { identify, isRunning, type ProcessIdentity } from './process.ts';

const readHolder = async (path: string): Promise<ProcessIdentity | undefined> =>
  readFile(path, 'utf8').then(
    (text) => JSON.parse(text) as ProcessIdentity,
    () => undefined,
  );

/** A hard link either appears with its whole content or not at all: nobody reads half a lock. */
const tryLink = async (temporary: string, path: string): Promise<boolean> =>
  link(temporary, path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );

/** Takes away the lock of a dead holder; puts it back when a faster process has just renewed it. */
const removeStale = async (path: string): Promise<void> => {
  const aside = `${path}.${randomUUID()}`;
  // Another one may have been faster here, too.
  const isMine = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (!isMine) return;
  const holder = await readHolder(aside);
  if (holder !== undefined && isRunning(holder)) await tryLink(aside, path);
  await rm(aside, { force: true });
};

/**
 * Holds `path` for this process until the returned function is called; a dead process holds nothing.
 * Throws, naming the holder, when a live process has it.
 */
export const lockHome = async (path: string): Promise<() => Promise<void>> => {
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, JSON.stringify(identify(process.pid)), { mode: 0o600 });
  try {
    while (!(await tryLink(temporary, path))) {
      const holder = await readHolder(path);
      if (holder !== undefined && isRunning(holder)) throw held(path, holder);
      await removeStale(path);
    }
  } finally {
    await rm(temporary, { force: true });
  }
  return () => rm(path, { force: true });
};

const held = (path: string, holder: ProcessIdentity): Error =>
  new Error(
    `Opening the embedded store: process ${holder.pid} holds ${path}. ` +
      'Stop that process, or give this one another BAILEY_HOME or a BAILEY_DATABASE_URL.',
  );
