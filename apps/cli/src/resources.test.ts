import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WSDL, folderWith, planeThat, run } from './cli.test-data.ts';

const bridge = (name: string, wsdl = './rates.wsdl'): string => `apiVersion: bailey.dev/v1
kind: Bridge
metadata: { name: ${name} }
spec:
  system: rates-host
  adapter: soap
  connection: { wsdl: ${wsdl} }
`;
const system = 'apiVersion: bailey.dev/v1\nkind: System\nmetadata: { name: rates-host }\nspec: { domain: money }\n';

test('validate says how many, or where each error is', async () => {
  const cwd = await folderWith({
    'all.yaml': `${system}---\n${bridge('rates')}`,
    'x.yaml': bridge('x').replace('wsdl:', 'wsdk:'),
  });
  expect(await run(['validate', '-f', 'all.yaml'], { cwd })).toMatchObject({ exit: 0, out: '2 resources are valid\n' });
  const { exit, err } = await run(['validate', '-f', '.'], { cwd });
  expect(exit).toBe(1);
  expect(err).toMatch(/x\.yaml:7: \/spec\/connection/);
});

test('validate --json prints the problem', async () => {
  const cwd = await folderWith({ 'x.yaml': 'kind: Brdge\n' });
  const { exit, lines } = await run(['validate', '--json', '-f', 'x.yaml', '-f', 'gone.yaml'], { cwd });
  expect([exit, lines()[0].code]).toEqual([1, 'INVALID_RESOURCE']);
});

const applied = { generation: 4, bridges: [{ name: 'rates', revision: 2, change: 'updated', ledger: [] }] };

test('apply sends the documents and the files that they read, with the key', async () => {
  const cwd = await folderWith({ 'all.yaml': `${system}---\n${bridge('rates')}`, 'rates.wsdl': WSDL });
  const { url, seen } = await planeThat(() => ({ body: applied }));
  const env = { BAILEY_CONTROL_URL: `${url}/`, BAILEY_TOKEN: 'bly_x' };
  const { exit, out } = await run(['apply', '-f', '.'], { cwd, env });
  expect(exit).toBe(0);
  expect(out).toBe(
    'Applied 2 resources (generation 4)\nBRIDGE  REVISION  CHANGE   LEDGER\nrates   2         updated\n',
  );
  expect(seen).toMatchObject([{ method: 'POST', url: '/control/v1/apply', authorization: 'Bearer bly_x' }]);
  const { documents, files } = seen[0]!.body;
  expect(documents.map(({ kind }: { kind: string }) => kind)).toEqual(['System', 'Bridge']);
  expect(documents[1]).not.toHaveProperty('where');
  expect(files).toEqual({ 'rates.wsdl': Buffer.from(WSDL).toString('base64') });
});

test('apply gives the errors of the other side their place in the file', async () => {
  const cwd = await folderWith({ 'all.yaml': `${system}---\n${bridge('rates')}`, 'rates.wsdl': WSDL });
  const errors = [{ pointer: '/spec/system', message: 'is wrong', kind: 'Bridge', name: 'rates' }];
  const body = { type: 't', title: 't', status: 400, code: 'INVALID_RESOURCE', detail: 'No.', errors };
  const { url } = await planeThat(() => ({ status: 400, type: 'application/problem+json', body }));
  const { exit, err } = await run(['apply', '-f', 'all.yaml'], { cwd, env: { BAILEY_CONTROL_URL: url } });
  expect(exit).toBe(1);
  expect(err).toBe(`${join(cwd, 'all.yaml')}:6: /spec/system is wrong\n`);
});

test('two files of one path are never mixed up', async () => {
  const [one, two] = await Promise.all(
    [WSDL, WSDL.replace('name="note"', 'name="memo"')].map(async (wsdl, at) =>
      folderWith({ 'b.yaml': bridge(`rates-${at + 1}x`), 'rates.wsdl': wsdl }),
    ),
  );
  const { url, seen } = await planeThat(() => ({ body: applied }));
  const { exit, err } = await run(['apply', '-f', one!, '-f', two!], { env: { BAILEY_CONTROL_URL: url } });
  expect([exit, seen]).toEqual([1, []]);
  expect(err).toContain('"rates.wsdl" is another file here');
});

test('says so when nothing runs, is stale, or is foreign', async () => {
  const cwd = await folderWith({ 'all.yaml': system });
  const apply = (env: NodeJS.ProcessEnv) => run(['apply', '-f', 'all.yaml'], { cwd, env });
  expect((await apply({ BAILEY_HOME: cwd })).err).toMatch(/^No gateway runs here: there is no .*run\.json\. Start it/);
  await writeFile(join(cwd, 'run.json'), '{"pid":1,"controlUrl":"http://127.0.0.1:1"}');
  const stale = await apply({ BAILEY_HOME: cwd });
  expect(stale.exit).toBe(1);
  expect(stale.err).toMatch(/^Nothing answers at http:\/\/127\.0\.0\.1:1 .*run\.json/);
  const { url } = await planeThat(() => ({ status: 502, type: 'text/html', body: '<html>' }));
  expect((await apply({ BAILEY_CONTROL_URL: url })).err).toContain('it answered 502');
});
