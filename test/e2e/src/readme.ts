import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureBuilt, ROOT } from './checkout.ts';
import type { CommandResult } from './bailey-command.ts';
import type { RunningBailey } from './running-bailey.ts';
import { environment, spawnProgram } from './spawned.ts';

const SAFE_BLOCK = /^```sh safe\n([\s\S]*?)^```$/gm;

/** The README's blocks that change nothing, so that a test may run them. */
export const safeBlocks = async (): Promise<string[]> => {
  const text = await readFile(join(ROOT, 'README.md'), 'utf8');
  return [...text.matchAll(SAFE_BLOCK)].map(([, block]) => block!);
};

/** Lines of a shell, against this Bailey where they name the ports and the home of a usual start. */
export const runLines = async (lines: string, { dataUrl, controlUrl, home }: RunningBailey): Promise<CommandResult> => {
  await ensureBuilt();
  const script = lines
    .replaceAll('http://127.0.0.1:8080', dataUrl)
    .replaceAll('http://127.0.0.1:8081', controlUrl)
    .replaceAll(' .bailey/admin.key', ` ${home}/admin.key`);
  const program = spawnProgram('/bin/sh', ['-e', '-c', script], environment(home));
  return { code: await program.exited, output: program.output() };
};
