import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty folder that everyone may enter: under root the embedded store runs as the user `postgres`. */
export const makeHome = async (): Promise<string> => {
  const home = await mkdtemp(join(tmpdir(), 'bailey-e2e-'));
  await chmod(home, 0o755);
  return home;
};

export const removeHome = (home: string): Promise<void> => rm(home, { recursive: true, force: true, maxRetries: 3 });
