import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { processStart } from './process.ts';

interface Holder {
  pid: number;
  start: string;
}

const self = (): Holder => ({ pid: process.pid, start: processStart(process.pid) ?? '' });

const isAlive = (holder: Holder): boolean => processStart(holder.pid) === holder.start;

const readHolder = async (path: string): Promise<Holder | undefined> =>
  readFile(path, 'utf8').then(
    (text) => JSON.parse(text) as Holder,
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
  if (
    !(await rename(path, aside).then(
      () => true,
      () => false,
    ))
  )
    return;
  const holder = await readHolder(aside);
  if (holder !== undefined && isAlive(holder)) await tryLink(aside, path);
  await rm(aside, { force: true });
};

/**
 * Holds `path` for this process until the returned function is called; a dead process holds nothing.
 * Throws, naming the holder, when a live process has it.
 */
export const lockHome = async (path: string): Promise<() => Promise<void>> => {
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, JSON.stringify(self()), { mode: 0o600 });
  try {
    while (!(await tryLink(temporary, path))) {
      const holder = await readHolder(path);
      if (holder !== undefined && isAlive(holder)) throw held(path, holder);
      await removeStale(path);
    }
  } finally {
    await rm(temporary, { force: true });
  }
  return () => rm(path, { force: true });
};

const held = (path: string, holder: Holder): Error =>
  new Error(
    `Opening the embedded store: process ${holder.pid} holds ${path}. ` +
      'Stop that process, or give this one another BAILEY_HOME or a BAILEY_DATABASE_URL.',
  );
