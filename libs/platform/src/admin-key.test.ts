import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { adminKey } from './admin-key.ts';
import { createIdentity, hashKey } from './identity.ts';
import { systemClock } from './clock.ts';
import { createLog } from './log.ts';
import { writeRunFile } from './run-file.ts';

let home: string;
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'bailey-admin-'))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('the key is made once, for its owner alone, and opens what an administrator may', async () => {
  const path = join(home, 'deep', 'admin.key');
  const { key, record } = await adminKey(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect((await adminKey(path)).key).toBe(key);
  const identity = createIdentity({ keys: () => [record], clock: systemClock });
  await expect(identity.verify(`Bearer ${key}`)).resolves.toMatchObject({ roles: ['admin'] });
});

test('a key that was mounted is taken as it is', async () => {
  const path = join(home, 'mounted');
  writeFileSync(path, 'bly_mounted\n');
  expect(await adminKey(path)).toMatchObject({ key: 'bly_mounted', record: { hash: hashKey('bly_mounted') } });
});

test('run.json says where a process is, until it goes', async () => {
  const log = createLog({ name: 'test', level: 'silent' });
  const state = { pid: process.pid, dataUrl: 'http://127.0.0.1:1' };
  const remove = await writeRunFile(home, state, log);
  expect(JSON.parse(readFileSync(join(home, 'run.json'), 'utf8'))).toEqual(state);
  await remove();
  expect(() => statSync(join(home, 'run.json'))).toThrow(/ENOENT/);
});

test('a home that cannot be written is no reason to stop', async () => {
  const file = join(home, 'a-file');
  writeFileSync(file, '');
  const remove = await writeRunFile(join(file, 'home'), { pid: 1 }, createLog({ name: 'test', level: 'silent' }));
  await expect(remove()).resolves.toBeUndefined();
});
