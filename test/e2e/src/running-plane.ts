import { join } from 'node:path';
import { ensureBuilt, ROOT } from './checkout.ts';
import { environment, spawnProgram, type Spawned } from './spawned.ts';
import { until } from './waiting.ts';

export interface RunningPlane {
  url: string;
  program: Spawned;
  stop(): Promise<void>;
}

interface LogLine {
  url?: string;
  msg?: string;
}

const urlIn = (output: string): string | undefined => {
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  const ready = lines.map((line) => JSON.parse(line) as LogLine).find(({ msg }) => msg?.includes('is ready at'));
  return ready?.url;
};

/** One plane as a process of its own, as it is deployed. It says in its log where it listens. */
export const startPlane = async (
  app: 'gateway' | 'catalogue',
  home: string,
  env: NodeJS.ProcessEnv,
): Promise<RunningPlane> => {
  const node = await ensureBuilt();
  const main = join(ROOT, 'apps', app, 'dist', 'main.js');
  const program = spawnProgram(node, [main], environment(home, env));
  const isOver = (): boolean => program.exit() !== undefined;
  const found = await until(`the ${app}`, () => isOver() || urlIn(program.output()), 60_000).catch(() => true as const);
  if (found === true) {
    program.kill('SIGKILL');
    throw new Error(`The ${app} is not up:\n${program.output()}`);
  }
  const stop = async (): Promise<void> => {
    program.kill('SIGTERM');
    await program.exited;
  };
  return { url: found, program, stop };
};
