import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from './checkout.ts';

export interface Spawned {
  readonly pid: number;
  /** Standard output and error so far. */
  output(): string;
  /** Undefined while it runs; a signal's name when one ended it. */
  exit(): number | NodeJS.Signals | undefined;
  readonly exited: Promise<number | NodeJS.Signals>;
  kill(signal: NodeJS.Signals): void;
}

/** A program in a process group of its own, so that a test can press Ctrl-C in its terminal. */
export const spawnProgram = (node: string, args: readonly string[], env: NodeJS.ProcessEnv): Spawned => {
  const child = spawn(node, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const chunks: Buffer[] = [];
  let exit: number | NodeJS.Signals | undefined;
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const exited = once(child, 'exit').then(([code, signal]) => (exit = (code ?? signal) as number | NodeJS.Signals));
  return {
    pid: child.pid!,
    output: () => Buffer.concat(chunks).toString(),
    exit: () => exit,
    exited,
    kill: (signal) => void child.kill(signal),
  };
};

const SERVICE = { BAILEY_HOST: '127.0.0.1', BAILEY_PORT: '0', BAILEY_CONTROL_PORT: '0' };

// What the tests' own machine has set must not decide how the product behaves.
const INHERITED = /^(?:BAILEY_|OTEL_|VITEST|NODE_OPTIONS$|NODE_ENV$)/;

/** The environment of a process under test: any free port, its own home, and none of ours. */
export const environment = (home: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !INHERITED.test(name))),
  ...SERVICE,
  BAILEY_HOME: home,
  ...more,
});
