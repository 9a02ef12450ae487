import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Log } from '@bailey/contract';
import { canEnter, postgresAccount, type Account } from './account.ts';
import { runnableBinaries } from './binaries.ts';
import { initialise, startServer, type Cluster } from './cluster.ts';
import { lockHome } from './home-lock.ts';
import { DATABASE_USER, adoptOrphan, connectTo, stopOrphan, stopPostmaster, type Postmaster } from './postmaster.ts';
import { isRunning } from './process.ts';

const DATABASE = 'bailey';

export interface EmbeddedPostgres {
  /** Holds the generated password: not for a log. */
  url: string;
  /** Fast shutdown; resolves when the process is gone. */
  stop(): Promise<void>;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Where root's PostgreSQL lives when its user cannot enter the home. */
const fallbackFolder = (home: string): string =>
  join('/var/lib/bailey', createHash('sha256').update(home).digest('hex').slice(0, 16));

/** Said again after mkdir: the umask of root may be 077, and the account must get through. */
const makeOpenFolder = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await chmod(dirname(folder), 0o755);
  await chmod(folder, 0o755);
};

const chooseFolder = async (home: string, account: Account, log: Log): Promise<string> => {
  if (await canEnter(account, home)) return join(home, 'postgres');
  const folder = fallbackFolder(home);
  log.warn({ home, folder }, `The user "postgres" cannot enter ${home}; the embedded store lives in ${folder}`);
  await makeOpenFolder(folder);
  return folder;
};

/** A data folder without its password belongs to a home that was deleted; it is set aside, for nobody can open it. */
const setAsideLocked = async (data: string, log: Log): Promise<void> => {
  if (!(await exists(data))) return;
  const aside = `${data}.${new Date().toISOString().replaceAll(':', '')}`;
  log.warn(
    { data, aside },
    `The embedded store in ${data} has lost its password; a new one is made, the old one is in ${aside}`,
  );
  await stopOrphan(data);
  await rename(data, aside);
};

const readOrMakePassword = async (home: string, data: string, log: Log): Promise<string> => {
  const path = join(home, 'postgres.password');
  const known = await readFile(path, 'utf8').catch(() => '');
  if (known !== '') return known;
  await setAsideLocked(data, log);
  const password = randomBytes(24).toString('base64url');
  await writeFile(path, password, { mode: 0o600 });
  return password;
};

const prepareCluster = async (home: string, log: Log): Promise<Cluster> => {
  const account = await postgresAccount();
  const folder = await chooseFolder(home, account, log);
  const data = join(folder, 'data');
  const copies = account ? fallbackFolder(home) : folder;
  const binaries = await runnableBinaries(account, copies, log);
  const password = await readOrMakePassword(home, data, log);
  return { folder, data, log: join(home, 'postgres.log'), account, binaries, password };
};

const ensureDatabase = async ({ port }: Postmaster, password: string): Promise<void> => {
  const client = await connectTo(port, password, 'postgres');
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
};

const startOrAdopt = async (cluster: Cluster, log: Log): Promise<Postmaster> => {
  const orphan = await adoptOrphan(cluster.data, cluster.password);
  if (orphan) log.info({ pid: orphan.pid }, 'Took over the embedded store that a killed process left running');
  return orphan ?? startServer(cluster);
};

const openCluster = async (home: string, log: Log): Promise<{ cluster: Cluster; postmaster: Postmaster }> => {
  const cluster = await prepareCluster(home, log);
  await initialise(cluster);
  const postmaster = await startOrAdopt(cluster, log);
  await ensureDatabase(postmaster, cluster.password);
  return { cluster, postmaster };
};

/** A process that ends without `stop` (an uncaught error) takes its server with it; only SIGKILL leaves an orphan. */
const stopWithProcess = (postmaster: Postmaster): (() => void) => {
  const onExit = (): void => {
    if (isRunning(postmaster)) process.kill(postmaster.pid, 'SIGINT');
  };
  process.once('exit', onExit);
  return () => void process.off('exit', onExit);
};

/**
 * PostgreSQL under `home`, started or taken over, on a free loopback port. One process a home: a second one is told
 * who has it. As root it runs as the user `postgres`, and lives in /var/lib/bailey/<hash> where that user cannot enter.
 */
export const embeddedPostgres = async (options: { home: string; log: Log }): Promise<EmbeddedPostgres> => {
  await mkdir(options.home, { recursive: true, mode: 0o755 });
  const home = await realpath(options.home);
  const unlock = await lockHome(join(home, 'postgres.lock'));
  try {
    const { cluster, postmaster } = await openCluster(home, options.log);
    const forget = stopWithProcess(postmaster);
    const stop = async (): Promise<void> => {
      forget();
      await stopPostmaster(postmaster);
      await unlock();
    };
    let stopped: Promise<void> | undefined;
    return {
      url: `postgresql://${DATABASE_USER}:${cluster.password}@127.0.0.1:${postmaster.port}/${DATABASE}`,
      stop: () => (stopped ??= stop()),
    };
  } catch (error) {
    await unlock();
    throw error;
  }
};
