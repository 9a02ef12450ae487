import { execFile, spawn } from 'node:child_process';
import { chown, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { DATABASE_USER, answers, type Postmaster } from './postmaster.ts';
import { identify } from './process.ts';

const run = promisify(execFile);

/** A data folder and everything needed to start a server on it. */
export interface Cluster {
  /** Owned by the account; holds `data`. */
  folder: string;
  data: string;
  /** What the server has to say; begins anew with each start. */
  log: string;
  password: string;
  account: Account;
  binaries: Binaries;
}

// Nothing of our environment: no PG* variable may change the server, and no secret of ours is its business.
const ENVIRONMENT = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' };

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '32MB',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

const ownedFolder = async (path: string, account: Account): Promise<void> => {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (account) await chown(path, account.uid, account.gid);
};

// 'wx' and the handle's own chown: the folder is the account's, so root must not follow a link planted there.
const passwordFile = async ({ folder, account, password }: Cluster): Promise<string> => {
  const path = join(folder, 'password.init');
  await rm(path, { force: true });
  await using file = await open(path, 'wx', 0o600);
  if (account) await file.chown(account.uid, account.gid);
  await file.writeFile(`${password}\n`);
  return path;
};

const initdbArguments = (data: string, password: string): string[] => [
  `--pgdata=${data}`,
  `--username=${DATABASE_USER}`,
  `--pwfile=${password}`,
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
];

/** Makes the data folder, unless it is there; under another name first, so that a kill half way leaves no half cluster. */
export const initialise = async (cluster: Cluster): Promise<void> => {
  await ownedFolder(cluster.folder, cluster.account);
  if (
    await stat(join(cluster.data, 'PG_VERSION')).then(
      () => true,
      () => false,
    )
  )
    return;
  const unfinished = `${cluster.data}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  const password = await passwordFile(cluster);
  try {
    await run(cluster.binaries.initdb, initdbArguments(unfinished, password), {
      ...cluster.account,
      env: ENVIRONMENT,
      cwd: cluster.folder,
    });
  } catch (cause) {
    throw initdbFailed(cause as { stderr?: string });
  } finally {
    await rm(password, { force: true });
  }
  await rename(unfinished, cluster.data);
};

const initdbFailed = (cause: { stderr?: string }): Error =>
  new Error(
    `Making the embedded store: initdb failed: ${cause.stderr?.trim() ?? String(cause)}. ` +
      'Set BAILEY_DATABASE_URL, or BAILEY_FILES for a gateway without a store.',
    { cause },
  );

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

const spawnServer = async (cluster: Cluster, port: number) => {
  await using log = await open(cluster.log, 'w', 0o600);
  const flags = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // In a process group of its own: the terminal's Ctrl-C is for us; we stop the server after our last write.
  return spawn(cluster.binaries.postgres, ['-D', cluster.data, '-p', String(port), ...flags], {
    ...cluster.account,
    env: ENVIRONMENT,
    cwd: cluster.folder,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
};

const startOn = async (cluster: Cluster, port: number): Promise<Postmaster | undefined> => {
  const server = await spawnServer(cluster, port);
  let isOver = false;
  server.once('exit', () => (isOver = true)).once('error', () => (isOver = true));
  const isUp = await answers(port, cluster.password, cluster.data, 60_000, () => isOver);
  if (!isUp) server.kill('SIGINT');
  server.unref();
  const identity = isUp ? identify(server.pid!) : undefined;
  return identity && { ...identity, port };
};

/** Starts a server on a free port: another one when someone was faster to take it. */
export const startServer = async (cluster: Cluster): Promise<Postmaster> => {
  for (let attempt = 1; ; attempt++) {
    const postmaster = await startOn(cluster, await freePort());
    if (postmaster) return postmaster;
    const log = await readFile(cluster.log, 'utf8').catch(() => '');
    if (attempt < 5 && log.includes('Address already in use')) continue;
    throw new Error(`Starting the embedded store on ${cluster.data}: ${log.trim().split('\n').slice(-5).join(' ')}`);
  }
};
