import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureBuilt, ROOT } from './checkout.ts';
import { makeHome } from './home.ts';
import { environment, spawnProgram, type Spawned } from './spawned.ts';
import { until } from './waiting.ts';

export interface RunFile {
  pid: number;
  dataUrl: string;
  controlUrl: string;
}

export interface RunningBailey extends RunFile {
  home: string;
  /** The administrator's key. */
  key: string;
  /** The process that was started: what `npm start` runs. `pid` is the standalone behind it. */
  program: Spawned;
  /** SIGTERM, and its exit code. */
  stop(): Promise<number | NodeJS.Signals>;
}

export interface BaileyOptions {
  home?: string;
  /** What stands after `npm start --`. */
  args?: readonly string[];
  env?: NodeJS.ProcessEnv;
}

const START = join(ROOT, 'scripts', 'start.mjs');
const STOP_MS = 30_000;

const readRunFile = async (home: string): Promise<RunFile> =>
  JSON.parse(await readFile(join(home, 'run.json'), 'utf8')) as RunFile;

const untilReady = async (program: Spawned, home: string): Promise<RunFile> => {
  const isOver = (): boolean => program.exit() !== undefined;
  const found = await until('run.json', async () => isOver() || (await readRunFile(home)), 120_000).catch(() => true);
  if (found !== true) return found as RunFile;
  program.kill('SIGTERM');
  throw new Error(`Bailey is not up (exit code ${program.exit()}):\n${program.output()}`);
};

const stopProgram = async (program: Spawned): Promise<number | NodeJS.Signals> => {
  program.kill('SIGTERM');
  await until('Bailey to stop', () => program.exit() !== undefined, STOP_MS).catch((error: unknown) => {
    program.kill('SIGKILL');
    throw new Error(`Bailey does not stop:\n${program.output()}`, { cause: error });
  });
  return program.exited;
};

/** `npm start` on any free ports, up to the moment when it says that it is ready. */
export const startBailey = async ({ home, args = [], env = {} }: BaileyOptions = {}): Promise<RunningBailey> => {
  const node = await ensureBuilt();
  const ownHome = home ?? (await makeHome());
  // A killed one leaves its own behind.
  await rm(join(ownHome, 'run.json'), { force: true });
  const program = spawnProgram(node, [START, ...args], environment(ownHome, env));
  const run = await untilReady(program, ownHome);
  const key = (await readFile(join(ownHome, 'admin.key'), 'utf8')).trim();
  return { ...run, home: ownHome, key, program, stop: () => stopProgram(program) };
};
