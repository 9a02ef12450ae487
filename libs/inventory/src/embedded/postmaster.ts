import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { commandOf, identify, isRunning, waitForExit, type ProcessIdentity } from './process.ts';

export const DATABASE_USER = 'bailey';

/** A running server. */
export interface Postmaster extends ProcessIdentity {
  port: number;
}

/** A line to a database of the embedded server; an error after the connect (the server was stopped) is no crash. */
export const connectTo = async (port: number, password: string, database: string): Promise<Client> => {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: DATABASE_USER,
    password,
    database,
    ssl: false,
    connectionTimeoutMillis: 2_000,
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};

const ownsFolder = async (port: number, password: string, data: string): Promise<boolean> => {
  const client = await connectTo(port, password, 'postgres');
  try {
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    return rows[0]?.data_directory === data;
  } finally {
    await client.end();
  }
};

const INVALID_PASSWORD = '28P01';

const ask = (port: number, password: string, data: string): Promise<'yes' | 'no' | 'notYet'> =>
  ownsFolder(port, password, data).then(
    (ours) => (ours ? 'yes' : 'no'),
    (error: { code?: string }) => (error.code === INVALID_PASSWORD ? 'no' : 'notYet'),
  );

/** Waits until the server answers with our password from our folder; false after `ms`, or when `isOver`. */
export const answers = async (
  port: number,
  password: string,
  data: string,
  ms: number,
  isOver: () => boolean,
): Promise<boolean> => {
  const deadline = performance.now() + ms;
  while (!isOver() && performance.now() < deadline) {
    const answer = await ask(port, password, data);
    if (answer !== 'notYet') return answer === 'yes';
    await wait(25);
  }
  return false;
};

/** First line the pid, fourth the port: PostgreSQL's miscadmin.h, LOCK_FILE_LINE_*. */
const readPidFile = async (data: string): Promise<{ pid: number; port: number } | undefined> => {
  const lines = await readFile(join(data, 'postmaster.pid'), 'utf8').then(
    (text) => text.split('\n'),
    () => undefined,
  );
  return lines && { pid: Number(lines[0]), port: Number(lines[3]) };
};

/** The pid may be a stranger's by now: only a postgres started on this very folder is ours to adopt or to stop. */
const serverOf = (data: string, found: { pid: number; port: number }): Postmaster | undefined => {
  const identity = identify(found.pid);
  return identity && commandOf(found.pid).includes(`-D ${data} `) ? { ...identity, port: found.port } : undefined;
};

/** Fast shutdown (SIGINT) first: clients are cut off, committed work is safe; the ruder ways only after it. */
export const stopPostmaster = async (postmaster: ProcessIdentity): Promise<void> => {
  for (const [signal, ms] of [
    ['SIGINT', 15_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!isRunning(postmaster)) return;
    process.kill(postmaster.pid, signal);
    if (await waitForExit(postmaster, ms)) return;
  }
};

/** The server that a killed process has left on this folder; a pid file without one is removed. */
const findOrphan = async (data: string): Promise<Postmaster | undefined> => {
  const found = await readPidFile(data);
  const orphan = found && serverOf(data, found);
  if (orphan) return orphan;
  await rm(join(data, 'postmaster.pid'), { force: true });
  return undefined;
};

/** Takes over an orphan that answers, stops one that does not. Undefined: the folder is free. */
export const adoptOrphan = async (data: string, password: string): Promise<Postmaster | undefined> => {
  const orphan = await findOrphan(data);
  if (!orphan) return undefined;
  if (await answers(orphan.port, password, data, 5_000, () => !isRunning(orphan))) return orphan;
  await stopPostmaster(orphan);
  return undefined;
};

export const stopOrphan = async (data: string): Promise<void> => {
  const orphan = await findOrphan(data);
  if (orphan) await stopPostmaster(orphan);
};
