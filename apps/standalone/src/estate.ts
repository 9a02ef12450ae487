import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from '@bailey/contract';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const ESTATE = join(ROOT, 'test', 'estate');
const READY_MS = 30_000;

export const ESTATE_RESOURCES = join(ESTATE, 'bailey.yaml');

export interface RunningEstate {
  soapUrl: string;
  stop(): Promise<void>;
}

const firstLine = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`The sample estate was not up in ${READY_MS / 1000} s.`)),
      READY_MS,
    );
    const lines = createInterface({ input: child.stdout! });
    lines.once('line', (line) => {
      clearTimeout(timer);
      resolve(line);
    });
    child.once('exit', (code) => reject(new Error(`The sample estate ended at once (exit code ${code}).`)));
  });

/** The insurer's legacy systems as a process of their own; it ends when we do, however we end. */
export const startEstate = async (log: Log): Promise<RunningEstate> => {
  const child = fork(join(ESTATE, 'dist', 'main.js'), { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const { soapUrl } = JSON.parse(await firstLine(child)) as { soapUrl: string };
  let isStopping = false;
  void exited.then(() => isStopping || log.error({}, 'The sample estate has ended; its bridges answer 503'));
  return {
    soapUrl,
    stop: async () => {
      isStopping = true;
      child.kill('SIGTERM');
      await exited;
    },
  };
};
