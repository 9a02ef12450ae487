import { expect, test } from 'vitest';
import { Readable } from 'node:stream';
import { folderWith } from './cli.test-data.ts';
import { targetOf } from './target.ts';

const ioOf = (cwd: string, env: NodeJS.ProcessEnv) => {
  const nowhere = async (): Promise<void> => undefined;
  return { stdin: Readable.from([]), stdout: nowhere, stderr: nowhere, env, cwd };
};

const home = () =>
  folderWith({
    'admin.key': 'bly_own\n',
    'run.json': '{"dataUrl":"http://10.0.0.7:1/","controlUrl":"http://10.0.0.7:2"}',
  });

test.each([
  [{}, 'http://10.0.0.7:2', 'bly_own'],
  [{ BAILEY_CONTROL_URL: 'http://127.0.0.1:9/' }, 'http://127.0.0.1:9', 'bly_own'],
  [{ BAILEY_CONTROL_URL: 'https://gateway.example' }, 'https://gateway.example', undefined],
  [{ BAILEY_CONTROL_URL: 'https://gateway.example', BAILEY_TOKEN: 't' }, 'https://gateway.example', 't'],
])('with %j it is %s, and the key of the home goes nowhere else', async (env, url, token) => {
  const cwd = await home();
  const found = await targetOf('control', ioOf(cwd, { BAILEY_HOME: cwd, ...env }));
  expect([found.url, found.token]).toEqual([url, token]);
});

test('the data plane has its own variable', async () => {
  const cwd = await home();
  expect((await targetOf('data', ioOf(cwd, { BAILEY_HOME: '.' }))).url).toBe('http://10.0.0.7:1');
  const bad = targetOf('data', ioOf(cwd, { BAILEY_HOME: '.', BAILEY_DATA_URL: 'localhost:8080' }));
  await expect(bad).rejects.toThrow('BAILEY_DATA_URL is no http(s) URL');
});
