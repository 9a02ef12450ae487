import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const start = async () => {
  // Node strips the types by itself: the process is tested without a build.
  const child = fork(fileURLToPath(new URL('main.ts', import.meta.url)), {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
  return { child, exit: once(child, 'exit'), ready: JSON.parse(line) as Record<string, unknown> };
};

test('says where it is, and ends when its parent has gone', async () => {
  const { child, exit, ready } = await start();
  expect(ready).toMatchObject({ ready: true, wsdl: `${ready['soapUrl']}?wsdl` });
  child.disconnect();
  expect(await exit).toEqual([0, null]);
});

test('ends on SIGTERM', async () => {
  const { child, exit } = await start();
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});
