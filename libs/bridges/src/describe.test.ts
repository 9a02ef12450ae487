import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Failure } from '@bailey/contract';
import type { BridgeDoc } from '@bailey/inventory';
import { manualClock } from '@bailey/platform';
import { answerDescribe, describeBridge, fileClosure } from './describe.ts';
import { depsFor, echoAdapter, echoServer } from './echo-adapter.test-data.ts';
import { closureFiles, folderFiles } from './file-access.ts';

const { adapter } = echoAdapter();
const root = mkdtempSync(join(tmpdir(), 'bailey-describe-'));
const folder = join(root, 'estate');
mkdirSync(folder);
const SOURCE = JSON.stringify({
  operations: [
    { native: 'GetPolicy', faults: ['NotFound'] },
    { native: 'AddPolicy', effect: 'write' },
  ],
});
writeFileSync(join(folder, 's.json'), SOURCE);
writeFileSync(join(folder, 'ca.pem'), 'PEM');
writeFileSync(join(folder, 'pw.txt'), 's3cr3t\n');
writeFileSync(join(root, 'outside.txt'), 'private');
afterAll(() => rmSync(root, { recursive: true }));

const resource = (connection: Record<string, unknown>, more: Partial<BridgeDoc['spec']> = {}): BridgeDoc => ({
  apiVersion: 'bailey.dev/v1',
  kind: 'Bridge',
  metadata: { name: 'policy' },
  spec: {
    system: 's',
    adapter: 'echo',
    connection: { source: './s.json', url: 'http://127.0.0.1:1', ...connection },
    ...more,
  },
});

const describe = (doc: BridgeDoc, env: NodeJS.ProcessEnv = {}) =>
  describeBridge(doc, folderFiles(folder, doc), depsFor([adapter], { env }));

const failureOf = (work: Promise<unknown>): Promise<Failure> =>
  work.then(
    () => expect.fail('nothing was thrown'),
    (error: Failure) => error,
  );

test('gives the contract and the sources it was read from, by the path as written', async () => {
  const { described, files } = await describe(resource({}));
  expect(described.contract.operations.map(({ name }) => name)).toEqual(['getPolicy', 'addPolicy']);
  expect(Object.entries(files).map(([path, bytes]) => [path, Buffer.from(bytes).toString()])).toEqual([
    ['s.json', SOURCE],
  ]);
});

test('settings of what the source does not have are refused with near names and the reason of a refusal', async () => {
  const operations = { GetPolcy: {}, Old: {}, GetPolicy: { faults: { NotFond: { status: 404 } } } };
  const { code, options } = await failureOf(describe(resource({}, { operations })));
  expect(code).toBe('INVALID_RESOURCE');
  expect(options.errors?.map(({ pointer, message }) => [pointer, message])).toEqual([
    ['/spec/operations/GetPolcy', 'the source has no operation "GetPolcy"; did you mean "GetPolicy"?'],
    ['/spec/operations/Old', 'the operation "Old" is in the source, but refused: too old'],
    [
      '/spec/operations/GetPolicy/faults/NotFond',
      'the operation "GetPolicy" declares no fault "NotFond"; did you mean "NotFound"?',
    ],
  ]);
});

test('references that lead nowhere are named by their place; what opens Bailey itself is not given away', async () => {
  const env = { BAILEY_DATABASE_URL: 'postgres://…' };
  const first = await failureOf(describe(resource({ password: { env: 'NOT_SET' } }), env));
  expect(first.options.errors).toMatchObject([
    { pointer: '/spec/connection/password', message: 'the environment variable NOT_SET is not set' },
  ]);
  const second = await failureOf(describe(resource({ password: { env: 'BAILEY_DATABASE_URL' } }), env));
  expect(second.code).toBe('INVALID_RESOURCE');
});

test('a file outside the folder is not read, by whatever way', async () => {
  symlinkSync(join(root, 'outside.txt'), join(folder, 'link.json'));
  for (const source of ['../outside.txt/../../../../../../etc/hostname', 'link.json']) {
    const doc = resource({});
    await expect(folderFiles(folder, doc).read(source)).rejects.toMatchObject({
      code: expect.stringMatching(/EACCES|ENOTDIR/),
    });
  }
  await expect(folderFiles(folder, resource({})).read('/etc/hostname')).rejects.toMatchObject({ code: 'EACCES' });
  await expect(closureFiles({}).read('/etc/hostname')).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a source that the resource names elsewhere opens its neighbourhood', async () => {
  mkdirSync(join(root, 'vendor/wsdl'), { recursive: true });
  mkdirSync(join(root, 'vendor/xsd'), { recursive: true });
  writeFileSync(join(root, 'vendor/wsdl/a.json'), '{"operations":[]}');
  writeFileSync(join(root, 'vendor/xsd/b.json'), 'b');
  const doc = resource({ source: join(root, 'vendor/wsdl/a.json') });
  const files = folderFiles(folder, doc);
  expect(Buffer.from(await files.read(join(root, 'vendor/wsdl/../xsd/b.json'))).toString()).toBe('b');
  await expect(files.read('/etc/hostname')).rejects.toMatchObject({ code: 'EACCES' });
});

test('the closure holds what a description reads and plain references, never a secret', async () => {
  const doc = resource({
    ca: { file: 'ca.pem' },
    password: { file: join(folder, 'pw.txt') },
    url: { env: 'NOT_HERE' },
  });
  const closure = await fileClosure(doc, folder, depsFor([adapter]));
  expect(Object.keys(closure).sort()).toEqual(['ca.pem', 's.json']);
  expect(JSON.stringify(Object.values(closure).map((bytes) => Buffer.from(bytes).toString()))).not.toContain('s3cr3t');
  const answer = await answerDescribe(
    { resource: doc, files: closure },
    depsFor([adapter], { env: { NOT_HERE: 'http://x:1' } }),
  );
  expect(answer).toMatchObject({ ok: true });
});

test('the closure of a source that is wrong or far away is what could be read', async () => {
  const far = resource({ source: 'http://127.0.0.1:9/x' });
  expect(Object.keys(await fileClosure(far, folder, depsFor([adapter])))).toEqual([]);
  expect(Object.keys(await fileClosure(resource({ source: 'ca.pem' }), folder, depsFor([adapter])))).toEqual([
    'ca.pem',
  ]);
});

test('a source by URL is stored like a file', async () => {
  const legacy = await echoServer();
  legacy.server.removeAllListeners('request').on('request', (_request, response) => response.end(SOURCE));
  const { files } = await describe(resource({ source: `${legacy.url}/x` }));
  expect(Object.keys(files)).toEqual([`${legacy.url}/x`]);
  await legacy.close();
});

test('an address that is none is refused by its place', async () => {
  const { code, options } = await failureOf(describe(resource({ url: 'nonsense' })));
  expect(code).toBe('INVALID_RESOURCE');
  expect(options.errors).toMatchObject([{ pointer: '/spec/connection', message: 'an address in it is not a URL' }]);
});

test('a source that never answers is given up, and its socket closed', async () => {
  const legacy = await echoServer();
  legacy.server.removeAllListeners('request');
  const asked = once(legacy.server, 'request');
  const clock = manualClock();
  const doc = resource({ source: `${legacy.url}/x` });
  const refusal = failureOf(describeBridge(doc, folderFiles(folder, doc), depsFor([adapter], { clock })));
  const [request] = (await asked) as [IncomingMessage];
  const gone = once(request.socket, 'close');
  clock.advance(60_000);
  expect(await refusal).toMatchObject({ code: 'TIMEOUT', status: 504 });
  await gone;
  await legacy.close();
});

test('a data plane answers refusals as problems with their place, and bugs without a word of them', async () => {
  const files = { 's.json': Buffer.from('[]') };
  expect(await answerDescribe({ resource: resource({}), files }, depsFor([adapter]))).toEqual({
    ok: false,
    problem: {
      code: 'SOURCE_REFUSED',
      detail: 'a list is no source',
      more: { file: './s.json', line: 1, construct: 'list' },
    },
  });
  const broken = { 's.json': Buffer.from('{') };
  expect(await answerDescribe({ resource: resource({}), files: broken }, depsFor([adapter]))).toMatchObject({
    ok: false,
    problem: { code: 'INTERNAL' },
  });
});
