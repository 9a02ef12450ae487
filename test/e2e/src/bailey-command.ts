import { join } from 'node:path';
import { ensureBuilt, ROOT } from './checkout.ts';
import { environment, spawnProgram } from './spawned.ts';

export interface CommandResult {
  code: number | NodeJS.Signals;
  output: string;
}

/** `npx bailey …`: it finds the standalone of `home`, and its key, by itself. */
export const runCommand = async (
  home: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<CommandResult> => {
  const node = await ensureBuilt();
  const program = spawnProgram(node, [join(ROOT, 'scripts', 'bailey.mjs'), ...args], environment(home, env));
  return { code: await program.exited, output: program.output() };
};
