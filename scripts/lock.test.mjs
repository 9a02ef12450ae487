import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from './lock.mjs';

let folder;
let lock;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailey-lock-'));
  lock = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const deadPid = async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid;
};

test('work is done one at a time, and the waiter is told', async () => {
  const events = [];
  let finish;
  const first = withLock(lock, () => new Promise((resolve) => (finish = resolve)).then(() => events.push('first')));
  const second = withLock(lock, () => events.push('second'), { pollMs: 1, onWait: () => finish(events.push('wait')) });
  await Promise.all([first, second]);
  expect(events).toEqual(['wait', 'first', 'second']);
  expect(existsSync(lock)).toBe(false);
});

test('the lock is released when the work throws', async () => {
  await expect(withLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(lock)).toBe(false);
});

test('a lock of a dead process is taken over', async () => {
  mkdirSync(lock);
  writeFileSync(join(lock, 'owners'), `${await deadPid()}\n`);
  await expect(withLock(lock, () => 'done', { pollMs: 1 })).resolves.toBe('done');
});

test('a lock shared with a living process is waited for', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
  mkdirSync(lock);
  writeFileSync(join(lock, 'owners'), `${await deadPid()}\n${child.pid}\n`);
  let waited = false;
  const onWait = () => {
    waited = true;
    child.kill();
  };
  await withLock(lock, () => undefined, { pollMs: 1, onWait });
  expect(waited).toBe(true);
});

test('a lock whose owner died before it wrote its name is taken over', async () => {
  mkdirSync(lock);
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(lock, longAgo, longAgo);
  await expect(withLock(lock, () => 'done', { pollMs: 1 })).resolves.toBe('done');
});
