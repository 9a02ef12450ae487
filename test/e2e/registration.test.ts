import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import supertest from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from './src/bailey-command.ts';
import { FACES } from './src/faces.ts';
import { startPolicyEstate, type PolicyEstate } from './src/policy-estate.ts';
import { startRateService, type RateService } from './src/rate-service.ts';
import { callWhile } from './src/steady-callers.ts';
import { until } from './src/waiting.ts';

const CALLS = Number(process.env['BAILEY_E2E_CALLS'] ?? 2_000);
const APPLIES = 50;

let estate: PolicyEstate;
let rates: RateService;

beforeAll(async () => {
  rates = await startRateService();
  estate = await startPolicyEstate();
});
afterAll(async () => {
  await estate?.close();
  await rates?.close();
});

const writeFiles = async (name: string, text: string): Promise<string> => {
  const folder = join(estate.bailey.home, name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'bailey.yaml'), text);
  return join(folder, 'bailey.yaml');
};

const rateBridge = (wsdl: string): string => `
apiVersion: bailey.dev/v1
kind: System
metadata: { name: treasury }
spec: { owner: team-treasury }
---
apiVersion: bailey.dev/v1
kind: Bridge
metadata: { name: exchange-rates }
spec:
  system: treasury
  adapter: soap
  connection: { wsdl: '${wsdl}' }
  operations: { GetRate: { effect: read } }
`;

const stateOfPolicyAdmin = async () => {
  const { body } = await supertest(estate.bailey.dataUrl).get('/api/policy-admin/getPolicy?policyNumber=0007');
  return body.policy?.premium as unknown;
};

test('a service unknown until now is callable on both faces after one apply, without a restart', async () => {
  const { bailey } = estate;
  await supertest(bailey.dataUrl).post('/api/exchange-rates/getRate').send({ currency: 'USD' }).expect(404);
  const applied = await runCommand(bailey.home, ['apply', '-f', await writeFiles('rates', rateBridge(rates.wsdlUrl))]);
  expect(applied, applied.output).toMatchObject({ code: 0 });

  const question = { bridge: 'exchange-rates', operation: 'getRate', input: { currency: 'USD' } };
  for (const [, ask] of FACES) {
    const value = await until('the bridge to be served', async () => {
      const answer = await ask(bailey.dataUrl, { ...question, selection: '{ currency rate }' });
      return answer.value as object | undefined;
    });
    expect(value).toEqual({ currency: 'USD', rate: '1.0850' });
  }
  expect(process.kill(bailey.pid, 0)).toBe(true);
});

test('what was applied can be called and listed from the command line', async () => {
  const { home } = estate.bailey;
  const called = await runCommand(home, ['call', 'exchange-rates', 'getRate', 'currency=CHF', '--json']);
  expect(called, called.output).toMatchObject({ code: 0 });
  expect(JSON.parse(called.output)).toEqual({ currency: 'CHF', rate: '1.0850' });
  const systems = await runCommand(home, ['systems']);
  expect(systems.output).toContain('treasury');
});

test('an odd WSDL is refused with its place, and what runs is untouched', async () => {
  const wsdl = join(estate.bailey.home, 'odd', 'odd.wsdl');
  const file = await writeFiles('odd', rateBridge('./odd.wsdl').replace('exchange-rates', 'odd'));
  await writeFile(wsdl, '<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "b">]>\n<definitions/>');
  const { code, output } = await runCommand(estate.bailey.home, ['apply', '-f', file]);
  expect(code).toBe(1);
  expect(output).toContain('odd.wsdl');
  expect(output).toContain('DOCTYPE');
  expect(await stateOfPolicyAdmin()).toBe('123.40');
  await supertest(estate.bailey.dataUrl).get('/api/odd/openapi.json').expect(404);
});

test('every mistake of a resource file is told with its line', async () => {
  const file = await writeFiles(
    'wrong',
    rateBridge(rates.wsdlUrl).replace('adapter: soap', 'adapter: soup\n  timout: 1'),
  );
  const { code, output } = await runCommand(estate.bailey.home, ['validate', '-f', file]);
  expect(code).toBe(1);
  expect(output).toMatch(/bailey\.yaml:1[0-9]/);
  expect(output).toContain('timout');
});

interface Documents {
  documents: { kind: string; metadata: { labels?: Record<string, string> }; spec: { policy?: object } }[];
  files: Record<string, string>;
}

const readRequest = async (): Promise<Documents> => {
  const folder = join(estate.bailey.home, 'files');
  const documents = (await readFile(join(folder, 'policy.yaml'), 'utf8'))
    .split('\n---\n')
    .map((text) => JSON.parse(text));
  const paths = [
    'policy.wsdl',
    'interface/policy-interface.wsdl',
    'schema/policy-codes.xsd',
    'schema/policy-messages.xsd',
    'schema/policy-types.xsd',
    'schema/party/party.xsd',
    'schema/party/address.xsd',
  ];
  const contents = await Promise.all(paths.map((path) => readFile(join(folder, 'policy', path), 'base64')));
  return { documents, files: Object.fromEntries(paths.map((path, at) => [`./policy/${path}`, contents[at]!])) };
};

test(`${APPLIES} changes of a bridge under load fail no call`, { timeout: 600_000 }, async () => {
  const { dataUrl, controlUrl, key } = estate.bailey;
  const request = await readRequest();
  const bridge = request.documents.find(({ kind }) => kind === 'Bridge')!;
  const query = '{ policyAdmin_getPolicy(policyNumber: "0007") { policy { premium } } }';
  const targets = [
    { url: `${dataUrl}/api/policy-admin/getPolicy`, body: JSON.stringify({ policyNumber: '0007' }) },
    { url: `${dataUrl}/graphql`, body: JSON.stringify({ query }) },
  ];
  const revisions = new Set<number>();
  const apply = async (turn: number): Promise<void> => {
    bridge.spec.policy = { timeoutMs: 20_000 + turn };
    const { status, body } = await supertest(controlUrl)
      .post('/control/v1/apply')
      .set('authorization', `Bearer ${key}`)
      .send(request);
    expect(status, JSON.stringify(body)).toBe(200);
    revisions.add(body.bridges[0].revision);
  };
  const tally = await callWhile(targets, { callers: 8, atLeast: CALLS }, async () => {
    for (let turn = 0; turn < APPLIES; turn++) await apply(turn);
  });
  expect(tally.failures).toEqual([]);
  expect(tally.calls).toBeGreaterThanOrEqual(CALLS);
  expect(revisions.size).toBe(APPLIES);
  await until('the last revision to be served', async () => {
    const { body } = await supertest(dataUrl).get('/api');
    const served = body.bridges.find(({ name }: { name: string }) => name === 'policy-admin');
    return served.revision === Math.max(...revisions);
  });
});
