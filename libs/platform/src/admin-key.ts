import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hashKey, newKey, type KeyRecord } from './identity.ts';

/**
 * The administrator's key of a control plane, from a file: the one that opens a store in which no key is yet. Made
 * where the file is missing, readable by its owner alone.
 */
export const adminKey = async (path: string): Promise<{ key: string; record: KeyRecord }> => {
  const known = (await readFile(path, 'utf8').catch(() => '')).trim();
  const key = known === '' ? newKey() : known;
  if (known === '') {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${key}\n`, { mode: 0o600 });
  }
  return { key, record: { id: 'admin-key-file', hash: hashKey(key), roles: ['admin'], scopes: [] } };
};
