import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hashKey, newKey, type KeyRecord } from '@bailey/platform';

/** The administrator's key of a standalone: made once, kept where only its owner reads it. */
export const adminKey = async (path: string): Promise<{ key: string; record: KeyRecord }> => {
  const known = (await readFile(path, 'utf8').catch(() => '')).trim();
  const key = known === '' ? newKey() : known;
  if (known === '') {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${key}\n`, { mode: 0o600 });
  }
  return { key, record: { id: 'standalone-admin', hash: hashKey(key), roles: ['admin'], scopes: [] } };
};
