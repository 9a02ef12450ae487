import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { embeddedPostgres, openStore } from '@bailey/inventory';
import { startPolicySystem, type PolicySystem } from '@bailey/estate';
import { createLog, hashKey, newKey } from '@bailey/platform';
import supertest from 'supertest';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand } from './src/bailey-command.ts';
import { askGraphql, askRest, type Question } from './src/faces.ts';
import { makeHome, removeHome } from './src/home.ts';
import { writePolicyFiles } from './src/policy-files.ts';
import { startPlane, type RunningPlane } from './src/running-plane.ts';
import { until } from './src/waiting.ts';

let home: string;
let policy: PolicySystem;
let file: string;
let closers: (() => Promise<unknown>)[];

beforeEach(async () => {
  home = await makeHome();
  policy = await startPolicySystem();
  file = await writePolicyFiles(join(home, 'files'), [{ name: 'policy-admin', endpoint: policy.soapUrl }]);
  closers = [() => policy.close().catch(() => undefined), () => removeHome(home)];
});
afterEach(async () => {
  for (const close of closers) await close();
});

const QUESTION: Question = {
  bridge: 'policy-admin',
  operation: 'getPolicy',
  input: { policyNumber: '0007' },
  selection: '{ policy { premium } }',
};

const openGateway = async (env: NodeJS.ProcessEnv): Promise<RunningPlane> => {
  const plane = await startPlane('gateway', join(home, 'gateway'), { BAILEY_OPEN_ACCESS: 'true', ...env });
  closers.unshift(() => plane.stop());
  return plane;
};

const verbose = async (url: string) => (await supertest(url).get('/readyz?verbose').expect(200)).body;

test('resource files are enough: no database', async () => {
  const { url } = await openGateway({ BAILEY_FILES: file });
  for (const ask of [askRest, askGraphql])
    expect((await ask(url, QUESTION)).value).toMatchObject({ policy: { premium: '123.40' } });
  expect(await verbose(url)).toMatchObject({ status: 'ready', source: 'files', problems: [] });
});

test('a bridge that is added to the files is served without a restart', async () => {
  const { url } = await openGateway({ BAILEY_FILES: join(home, 'files') });
  await writePolicyFiles(join(home, 'files'), [
    { name: 'policy-admin', endpoint: policy.soapUrl },
    { name: 'policy-copy', endpoint: policy.soapUrl },
  ]);
  const asked = { ...QUESTION, bridge: 'policy-copy' };
  expect(
    await until('the new bridge', async () => (await askRest(url, asked)).value as object | undefined),
  ).toMatchObject({
    policy: { premium: '123.40' },
  });
});

test('with files and systems away a restart serves what is cached', async () => {
  const first = await openGateway({ BAILEY_FILES: file });
  await until('the cache', async () => (await askRest(first.url, QUESTION)).value !== undefined);
  await first.stop();
  await rm(join(home, 'files'), { recursive: true });
  const { url } = await openGateway({ BAILEY_FILES: file });
  expect((await askRest(url, QUESTION)).value).toMatchObject({ policy: { premium: '123.40' } });
  await policy.close();
  expect((await askRest(url, QUESTION)).problem).toMatchObject({ status: 503, system: 'policy-mainframe' });
  expect(await verbose(url)).toMatchObject({ status: 'ready', source: 'cache' });
});

const log = createLog({ name: 'e2e', level: 'error' });

/** The first key of an estate, put there by whoever may write to its store. */
const issueAdminKey = async (url: string): Promise<string> => {
  const store = await openStore({ url, log });
  const key = newKey();
  await store.keys.issue({ id: 'admin', hash: hashKey(key), roles: ['admin'], scopes: [] }, 'e2e');
  await store.close();
  return key;
};

test('two deployments share a store alone; without it and the systems a restarted gateway still serves', async () => {
  const database = await embeddedPostgres({ home: join(home, 'store'), log });
  closers.unshift(() => database.stop());
  const env = { BAILEY_DATABASE_URL: database.url };
  const first = await openGateway(env);
  const catalogue = await startPlane('catalogue', join(home, 'catalogue'), env);
  closers.unshift(() => catalogue.stop());

  const control = { BAILEY_CONTROL_URL: catalogue.url, BAILEY_TOKEN: await issueAdminKey(database.url) };
  const applied = await runCommand(join(home, 'catalogue'), ['apply', '-f', file], control);
  expect(applied, applied.output).toMatchObject({ code: 0 });
  await until('the gateway to serve it', async () => (await askRest(first.url, QUESTION)).value !== undefined);
  expect(await verbose(first.url)).toMatchObject({ source: 'store' });

  await catalogue.stop();
  await database.stop();
  expect((await askGraphql(first.url, QUESTION)).value).toMatchObject({ policy: { premium: '123.40' } });

  await first.stop();
  await policy.close();
  const second = await openGateway(env);
  expect(await verbose(second.url)).toMatchObject({ source: 'cache', bridges: [{ name: 'policy-admin' }] });
  expect((await supertest(second.url).get('/api').expect(200)).body.bridges).toHaveLength(1);
  expect((await askRest(second.url, QUESTION)).problem).toMatchObject({ status: 503, code: 'UNREACHABLE' });
});

test('with nothing to serve from it says what is missing, and ends', async () => {
  await expect(openGateway({})).rejects.toThrow(/BAILEY_DATABASE_URL.*BAILEY_FILES/);
});
