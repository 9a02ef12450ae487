import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, planeThat, run, type Seen } from './cli.test-data.ts';

const openApi = {
  paths: {
    '/api/rates/getRate': {
      post: { requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/In' } } } } },
    },
  },
  components: {
    schemas: {
      In: { properties: { id: { type: 'string' }, count: { type: ['integer', 'null'] }, late: { type: 'boolean' } } },
    },
  },
};

const gateway = (seen: Seen) => ({ body: seen.method === 'GET' ? openApi : { rate: 2.5 } });

test('call types its fields by the contract: text keeps its leading zeros', async () => {
  const { url, seen } = await planeThat(gateway);
  const fields = ['id=0007', 'count=3', 'late=true', 'other=1=2'];
  const { exit, out } = await run(['call', 'rates', 'getRate', ...fields], { env: { BAILEY_DATA_URL: url } });
  expect([exit, out]).toEqual([0, '{\n  "rate": 2.5\n}\n']);
  expect(seen[1]).toMatchObject({ method: 'POST', url: '/api/rates/getRate' });
  expect(seen[1]!.body).toEqual({ id: '0007', count: 3, late: true, other: '1=2' });
});

test('call takes its input from JSON, a file or standard input, and the gateway from the home', async () => {
  const { url, seen } = await planeThat(gateway);
  const home = await folderWith({ 'in.json': '{"from":"file"}', 'admin.key': 'bly_home\n' });
  await writeFile(join(home, 'run.json'), JSON.stringify({ pid: 1, dataUrl: url, controlUrl: url }));
  const env = { BAILEY_HOME: '.' };
  const inputs = ['{"from":"words"}', '@in.json', '-'];
  for (const input of inputs)
    await run(['call', 'rates', 'getRate', '--json', '--input', input], { cwd: home, env, stdin: '{"from":"stdin"}' });
  expect(seen.map(({ body }) => body.from)).toEqual(['words', 'file', 'stdin']);
  expect(seen[0]!.authorization).toBe('Bearer bly_home');
});

test('a refused call prints the problem and is exit 1', async () => {
  const problem = { type: 't', title: 'x', status: 422, code: 'RATE_UNKNOWN', detail: 'No such rate.' };
  const { url } = await planeThat(() => ({ status: 422, type: 'application/problem+json', body: problem }));
  const env = { BAILEY_DATA_URL: url };
  expect(await run(['call', 'rates', 'getRate'], { env })).toMatchObject({ exit: 1, err: 'No such rate.\n' });
  const { exit, lines } = await run(['call', 'rates', 'getRate', '--json'], { env });
  expect([exit, lines()]).toEqual([1, [problem]]);
});

test('lists every page as a table or as JSON', async () => {
  const pages = (seen: Seen) => ({
    body: seen.url!.includes('after=c1')
      ? { items: [{ name: 'b', domain: 'money' }], next: null }
      : { items: [{ name: 'a-long-one', owner: 'team' }], next: 'c1' },
  });
  const { url } = await planeThat(pages);
  const env = { BAILEY_CONTROL_URL: url };
  const { out } = await run(['systems'], { env });
  expect(out).toBe(
    'NAME        DOMAIN  OWNER  LIFECYCLE  CRITICALITY\n' +
      'a-long-one  -       team   -          -\nb           money   -      -          -\n',
  );
  expect((await run(['pathways', '--json'], { env })).lines()[0]).toHaveLength(2);
});

test('deletes by name', async () => {
  const { url, seen } = await planeThat(() => ({ status: 204, body: '' }));
  const { exit, out } = await run(['delete', 'bridge', 'rates'], { env: { BAILEY_CONTROL_URL: url } });
  expect([exit, out]).toEqual([0, 'Deleted bridge rates\n']);
  expect(seen).toMatchObject([{ method: 'DELETE', url: '/control/v1/bridges/rates' }]);
});
