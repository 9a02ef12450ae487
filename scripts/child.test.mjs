import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runQuietly, runToEnd } from './child.mjs';
import { root } from './root.mjs';

let folder;
let wrapper;

// A wrapper as scripts/start.mjs is one; its child ends with 7 when told to, and by itself when its parent has gone.
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailey-child-'));
  const child = join(folder, 'child.mjs');
  writeFileSync(
    child,
    `let signals = 0;
     process.on('SIGTERM', () => { signals += 1; setTimeout(() => process.exit(6 + signals), 100); });
     process.on('disconnect', () => process.exit(0));
     console.log(process.pid);`,
  );
  wrapper = join(folder, 'wrapper.mjs');
  writeFileSync(
    wrapper,
    `import { runToEnd } from ${JSON.stringify(pathToFileURL(join(root, 'scripts/child.mjs')).href)};
     process.exitCode = await runToEnd(process.execPath, [${JSON.stringify(child)}],
       { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], detached: true });`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = async () => {
  const started = fork(wrapper, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const [pid] = await once(started.stdout.setEncoding('utf8'), 'data');
  return { started, exit: once(started, 'exit'), pid: Number(pid) };
};

const isGone = (pid) => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

test('a signal reaches the child once, and its exit code comes back', async () => {
  const { started, exit } = await start();
  started.kill('SIGTERM');
  expect(await exit).toEqual([7, null]);
});

test('the child ends when the wrapper is killed', async () => {
  const { started, exit, pid } = await start();
  started.kill('SIGKILL');
  await exit;
  await vi.waitUntil(() => isGone(pid), { timeout: 5_000 });
});

test('a death by signal is 128 + its number', async () => {
  const code = await runToEnd(process.execPath, ['-e', 'process.kill(process.pid, "SIGKILL")']);
  expect(code).toBe(137);
});

test('a quiet run hands back what was said', async () => {
  const done = await runQuietly(process.execPath, ['-e', 'console.log("out"); console.error("err"); process.exit(3)']);
  expect(done.code).toBe(3);
  expect(done.output.split('\n').sort()).toEqual(['', 'err', 'out']);
});

test('a program that is not there is an error', async () => {
  await expect(runToEnd('/nonexistent/program', [])).rejects.toThrow('ENOENT');
});
