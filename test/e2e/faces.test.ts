import { Validator } from '@seriousme/openapi-schema-validator';
import supertest from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { askRest, FACES, type Json, type Question } from './src/faces.ts';
import { startPolicyEstate, type PolicyEstate } from './src/policy-estate.ts';

let estate: PolicyEstate;
let dataUrl: string;

beforeAll(async () => {
  estate = await startPolicyEstate();
  ({ dataUrl } = estate.bailey);
});
afterAll(() => estate?.close());
beforeEach(() => estate.policy.journal.clear());

const getPolicy = (policyNumber: Json, selection: string): Question => ({
  bridge: 'policy-admin',
  operation: 'getPolicy',
  input: { policyNumber },
  selection: `{ policy { ${selection} } }`,
});

const findPolicies = (input: Question['input']): Question => ({
  bridge: 'policy-admin',
  operation: 'findPolicies',
  input,
  selection: '{ total policies { policyNumber holderName premium } }',
});

describe.each(FACES)('through %s', (_face, ask) => {
  test.each<[string, Question, unknown]>([
    [
      'leading zeros and names of all alphabets',
      getPolicy('0007', 'policyNumber person { firstName lastName birthDate }'),
      {
        policy: {
          policyNumber: '0007',
          person: { firstName: 'Zoë', lastName: 'Müller-Brontë', birthDate: '1971-02-28' },
        },
      },
    ],
    [
      'decimals with their scale, and integers that no double holds',
      getPolicy('0007', 'premium ledgerNumber version'),
      { policy: { premium: '123.40', ledgerNumber: '9007199254740993', version: 3 } },
    ],
    [
      'the smallest long there is',
      getPolicy('4711', 'ledgerNumber premium'),
      { policy: { ledgerNumber: '-9223372036854775808', premium: '98000.00' } },
    ],
    [
      'dates and times as they were written',
      getPolicy('0007', 'startDate changedAt bookedAt'),
      {
        policy: {
          startDate: '2019-03-31',
          changedAt: '2024-10-27T02:30:00.123+01:00',
          bookedAt: '2024-03-10T02:30:00',
        },
      },
    ],
    [
      'the branch of a choice that is there',
      getPolicy('4711', 'company { companyName taxId employees }'),
      { policy: { company: { companyName: 'Smith & Sons <Haulage> Ltd', taxId: 'GB 123 4567 89', employees: 240 } } },
    ],
    [
      'arrays of one, of many and of none',
      getPolicy('0007', 'address { line } coverages { code exclusions limit { value currency } }'),
      {
        policy: {
          address: { line: ['Große Bleichen 7', '3. Stock'] },
          coverages: [
            {
              code: 'TPL',
              exclusions: ['racing', 'wilful damage'],
              limit: { value: '100000000.00', currency: 'EUR' },
            },
            { code: 'GLS', exclusions: [], limit: { value: '2500.00', currency: 'EUR' } },
          ],
        },
      },
    ],
    ['an empty array', getPolicy('4711', 'coverages { code }'), { policy: { coverages: [] } }],
    [
      'text with its spaces and line ends',
      getPolicy('0815', 'remarks region'),
      {
        policy: { remarks: '  Umlaute im Archiv: ä ö ü,\nzwei Zeilen 🏠', region: '' },
      },
    ],
    ['nil', getPolicy('0007', 'agentCode'), { policy: { agentCode: null } }],
    [
      'a search by several optional fields',
      findPolicies({ holderName: 'smith', from: '2020-01-01' }),
      {
        total: 1,
        policies: [{ policyNumber: '4711', holderName: 'Smith & Sons <Haulage> Ltd', premium: '98000.00' }],
      },
    ],
    ['a search that finds nothing', findPolicies({ holderName: 'nobody' }), { total: 0, policies: [] }],
  ])('%s', async (_what, question, expected) => {
    const { value, problem } = await ask(dataUrl, question);
    expect(problem).toBeUndefined();
    expect(value).toMatchObject(expected as object);
  });

  test('the branch of a choice that is not there', async () => {
    const { value } = await ask(dataUrl, getPolicy('4711', 'person { lastName } company { companyName }'));
    expect((value as { policy: { person?: unknown } }).policy.person ?? null).toBeNull();
  });

  test('a write, with an array on the way in', async () => {
    const address = { line: ['Hauptstraße 1', 'Hinterhof'], postCode: '10115', city: 'Berlin', country: 'DE' };
    const question = {
      bridge: 'policy-admin',
      operation: 'changeAddress',
      input: { policyNumber: '20230099', address },
    };
    const { value, problem } = await ask(dataUrl, { ...question, selection: '{ changeNumber version }', writes: true });
    expect(problem).toBeUndefined();
    expect(value).toMatchObject({
      changeNumber: expect.stringMatching(/^90071992547409\d\d$/),
      version: expect.any(Number),
    });
    const after = await ask(dataUrl, getPolicy('20230099', 'address { line city }'));
    expect(after.value).toMatchObject({ policy: { address: { line: address.line, city: 'Berlin' } } });
  });

  test('a declared fault, with its typed detail', async () => {
    const { problem } = await ask(dataUrl, getPolicy('9999', 'premium'));
    expect(problem).toMatchObject({
      status: 404,
      code: 'POLICY_NOT_FOUND',
      type: 'urn:bailey:error:POLICY_NOT_FOUND',
      system: 'policy-mainframe',
      operation: 'getPolicy',
      retry: 'never',
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      fault: { name: 'PolicyNotFound', detail: { policyNumber: '9999', reason: 'No policy has this number.' } },
    });
  });

  test('bad input is 400 with pointers, and nothing reaches the system', async () => {
    const { problem } = await ask(dataUrl, getPolicy('12x', 'premium'));
    expect(problem).toMatchObject({ status: 400, code: 'INVALID_INPUT', errors: [{ pointer: '/policyNumber' }] });
    expect(estate.policy.journal.page().entries).toEqual([]);
  });
});

describe('on REST', () => {
  test('null and absent are kept apart', async () => {
    const { value } = await askRest(dataUrl, getPolicy('0007', ''));
    const { policy } = value as { policy: Record<string, unknown> };
    expect(policy).toHaveProperty('agentCode', null);
    expect(policy).toHaveProperty('remarks', '');
    expect(policy).not.toHaveProperty('endDate');
    expect(policy).not.toHaveProperty('company');
  });

  test('reads whose input is all single values answer GET', async () => {
    const { body, status } = await supertest(dataUrl).get('/api/policy-admin/getPolicy?policyNumber=0007');
    expect(status).toBe(200);
    expect(body.policy).toMatchObject({ policyNumber: '0007', premium: '123.40' });
  });

  test('every mistake of the input has its pointer', async () => {
    const input = { policyNumber: 7, address: { line: 'x' }, surprise: true };
    const { problem } = await askRest(dataUrl, {
      bridge: 'policy-admin',
      operation: 'changeAddress',
      input,
      selection: '',
    });
    expect(problem).toMatchObject({ status: 400, code: 'INVALID_INPUT', errors: expect.any(Array) });
    const pointers = (problem!['errors'] as { pointer: string }[]).map(({ pointer }) => pointer);
    expect(pointers).toEqual(expect.arrayContaining(['/policyNumber', '/address/line', '/surprise']));
    expect(estate.policy.journal.page().entries).toEqual([]);
  });

  test('null where the schema wants a value is 400', async () => {
    const { problem } = await askRest(dataUrl, getPolicy(null, ''));
    expect(problem).toMatchObject({ status: 400, errors: [{ pointer: '/policyNumber' }] });
  });

  test('a one-way operation is 202, and the system has it', async () => {
    const input = { policyNumber: '0007', occurredAt: '2026-01-31T10:00:00+01:00', description: 'Glass broken' };
    const { status, body } = await supertest(dataUrl).post('/api/policy-admin/notifyClaim').send(input);
    expect([status, body]).toEqual([202, {}]);
    expect(estate.policy.journal.page().entries).toMatchObject([{ operation: 'NotifyClaim' }]);
  });

  test.each([
    ['GET', '/nowhere', 404, 'UNKNOWN_PATH'],
    ['GET', '/api/nobody/getPolicy', 404, 'UNKNOWN_BRIDGE'],
    ['POST', '/api/policy-admin/nothing', 404, 'UNKNOWN_OPERATION'],
    ['GET', '/api/policy-admin/getPolicy?policyNumber=0007&x=1', 400, 'UNKNOWN_PARAMETER'],
    ['DELETE', '/api/policy-admin/getPolicy', 405, 'METHOD_NOT_ALLOWED'],
  ] as const)('%s %s is %i', async (method, path, status, code) => {
    const request = supertest(dataUrl);
    const send = { GET: request.get(path), POST: request.post(path), DELETE: request.delete(path) }[method];
    const response = await send.expect(status).expect('content-type', /^application\/problem\+json/);
    expect(response.body).toMatchObject({ code, status });
  });

  test('what is not JSON is 400, what does not say so is 415', async () => {
    const post = () => supertest(dataUrl).post('/api/policy-admin/getPolicy');
    const broken = await post().set('content-type', 'application/json').send('{"policyNumber":');
    const foreign = await post().set('content-type', 'text/xml').send('<policyNumber/>');
    expect([broken.status, broken.body.code]).toEqual([400, 'MALFORMED_JSON']);
    expect([foreign.status, foreign.body.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });
});

test('an unknown field is a GraphQL error', async () => {
  const { body } = await supertest(dataUrl)
    .post('/graphql')
    .send({ query: '{ policyAdmin_getPolicy(policyNumber: "0007") { nothing } }' });
  expect(body.errors[0].message).toContain('nothing');
});

test('a bridge has a GraphQL schema of its own beside the whole', async () => {
  const { body } = await supertest(dataUrl)
    .post('/graphql/policy-admin')
    .send({ query: '{ policyAdmin_getPolicy(policyNumber: "0007") { policy { premium } } }' });
  expect(body).toEqual({ data: { policyAdmin_getPolicy: { policy: { premium: '123.40' } } } });
});

test('the index names bridges, operations and where their documents are', async () => {
  const { body } = await supertest(dataUrl).get('/api').expect(200);
  const bridge = body.bridges.find(({ name }: { name: string }) => name === 'policy-admin');
  expect(bridge).toMatchObject({
    system: 'policy-mainframe',
    adapter: 'soap',
    openapi: '/api/policy-admin/openapi.json',
  });
  expect(bridge.operations.map(({ name }: { name: string }) => name)).toEqual(
    expect.arrayContaining(['getPolicy', 'findPolicies', 'changeAddress', 'notifyClaim']),
  );
});

test('the documentation page is there, and loads nothing from elsewhere', async () => {
  const { text } = await supertest(dataUrl).get('/docs').expect(200).expect('content-type', /html/);
  expect(text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
});

test.each(['/api/policy-admin/openapi.json', '/openapi.json'])('%s is valid OpenAPI 3.1', async (path) => {
  const { body } = await supertest(dataUrl).get(path).expect(200);
  expect(body.openapi).toMatch(/^3\.1\./);
  expect(await new Validator().validate(body)).toEqual({ valid: true });
});

test('the catalogue answers over GraphQL with what is registered', async () => {
  const query = `{
    systems { nodes { name } } bridges { nodes { name } } consumers { nodes { name } }
    operations { nodes { name } } pathways(kind: DECLARED) { nodes { name } }
  }`;
  const { body } = await supertest(estate.bailey.controlUrl)
    .post('/graphql')
    .set('authorization', `Bearer ${estate.bailey.key}`)
    .send({ query });
  expect(body.errors).toBeUndefined();
  expect(body.data).toMatchObject({
    systems: { nodes: [{ name: 'policy-mainframe' }] },
    bridges: { nodes: [{ name: 'policy-admin' }] },
    consumers: { nodes: [{ name: 'portal' }] },
    pathways: { nodes: [{ name: 'portal-policy-admin' }] },
  });
  expect(body.data.operations.nodes.map(({ name }: { name: string }) => name)).toContain('getPolicy');
});
