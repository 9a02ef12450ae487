import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openPool, rawPost, repeat } from './load.ts';
import { REQUEST_JSON } from './payload.ts';
import type { Size } from './payload.ts';
import type { Cost } from './worker.ts';

/** One way to do the work, in a process of its own. */
export interface Contender {
  name: string;
  /** CPU microseconds a call, of the contender's process alone. */
  measure(size: Size, calls: number): Promise<number>;
  close(): Promise<void>;
}

/** Starts a script of this folder; resolves with the number that it says it is ready with. */
export const startScript = async (script: string, args: string[]): Promise<{ child: ChildProcess; ready: number }> => {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(`${script} ended with ${code} before it was ready.`);
  });
  const [{ ready }] = (await Promise.race([once(child, 'message'), died])) as [{ ready: number }];
  return { child, ready };
};

export const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill();
  await exit;
};

/** A contender that makes the calls by itself. */
export const clientContender = async (name: string, script: string, origin: string): Promise<Contender> => {
  const { child } = await startScript(script, [origin]);
  return {
    name,
    measure: async (size, calls) => {
      child.send({ size, calls });
      const [{ cpuMicros }] = (await once(child, 'message')) as [Cost];
      return cpuMicros / calls;
    },
    close: () => stop(child),
  };
};

// proc(5): fields 14 and 15 are user and system time in ticks; the name before them may contain spaces.
const MICROS_A_TICK = 10_000;
const cpuMicrosOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MICROS_A_TICK;
};

/** A contender that is called: the load comes from this process, which is not counted. */
export const serverContender = (
  name: string,
  child: ChildProcess,
  origin: string,
  pathOf: (size: Size) => string,
): Contender => {
  const pool = openPool(origin);
  const headers = { 'content-type': 'application/json' };
  return {
    name,
    measure: async (size, calls) => {
      const before = cpuMicrosOf(child.pid!);
      await repeat(calls, async () => void (await rawPost(pool, { path: pathOf(size), body: REQUEST_JSON, headers })));
      return (cpuMicrosOf(child.pid!) - before) / calls;
    },
    close: async () => {
      await pool.close();
      await stop(child);
    },
  };
};
