import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Failure, type Value } from '@bailey/contract';
import { getIntrospectionQuery } from './graphql-js.ts';
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { FACE } from '../sample-contract.test-data.ts';
import { createGraphqlHandler } from './handler.ts';
import { buildSchema } from './schema.ts';
import { bridgeTypeMap } from './type-map.ts';
import type { GraphqlCall } from './types.ts';

type Json = ReturnType<typeof JSON.parse>;

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const inputs: Value[] = [];
const call: GraphqlCall = async (_bridge, operation, input) => {
  inputs.push(input);
  const number = (input as { policyNumber?: string }).policyNumber;
  if (number === 'lost')
    throw Failure.declared({ code: 'POLICY_NOT_FOUND', native: 'PolicyNotFound', status: 404 }, 'No such policy.', {
      number,
    });
  if (number === 'bug') throw new Error('secret password');
  if (number === 'odd') return { count: 'x' };
  return operation === 'getPolicy'
    ? {
        policyNumber: number!,
        vehicle: { $type: 'Car', seats: 4 },
        coverages: [{ code: 'c' }],
        address: {},
        $headers: { session: 's' },
      }
    : { version: '1' };
};

const schema = buildSchema([bridgeTypeMap(FACE)], call);
const handle = createGraphqlHandler({
  schema: () => schema,
  introspection: (context) => context !== 'stranger',
  traceId: () => TRACE,
});

const send = async (query: string, variables?: object, context: unknown = 'friend') => {
  const { body, status } = await handle({
    method: 'POST',
    url: '/graphql',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
    context,
  });
  return { status, ...(JSON.parse(body) as { data?: Json; errors?: Json[] }) };
};
const get = (query: string) =>
  handle({
    method: 'GET',
    url: `/graphql?query=${encodeURIComponent(query)}`,
    headers: {},
    body: undefined,
    context: undefined,
  });

describe('over a real listener', () => {
  let server: Server;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', async () => {
        const { method = '', url = '', headers } = request;
        const answer = await handle({
          method,
          url,
          headers,
          body: Buffer.concat(chunks).toString(),
          context: undefined,
        });
        response.writeHead(answer.status, answer.headers).end(answer.body);
      });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });
  afterAll(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );

  it('passes all 61 audits of GraphQL over HTTP', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
    const results = await Promise.all(serverAudits({ url, fetchFn: fetch }).map((audit) => audit.fn()));
    expect(results.filter(({ status }) => status !== 'ok').map(({ name, status }) => `${status}: ${name}`)).toEqual([]);
    expect(results).toHaveLength(61);
  });
});

describe('compiled and interpreted documents', () => {
  // The first time graphql-js answers, from the second on graphql-jit does.
  const twice = async (query: string, variables?: object) => {
    inputs.length = 0;
    const first = await send(query, variables);
    const second = await send(query, variables);
    expect(second).toEqual(first);
    expect(JSON.stringify(inputs.slice(inputs.length / 2))).toBe(JSON.stringify(inputs.slice(0, inputs.length / 2)));
    return second;
  };

  test.each<[string, string, object?]>([
    [
      'a selection with unions, lists and aliases',
      'query($n: String!) { a: policyAdmin_getPolicy(policyNumber: $n) { ...F } policyAdmin_ping } fragment F on PolicyAdmin_Policy { number: policyNumber vehicle { __typename ... on PolicyAdmin_Car { seats } } coverages { code } address { toString } headers { session } parent { count } }',
      { n: '7' },
    ],
    [
      'skip and include',
      'query($yes: Boolean = true, $no: Boolean!) { policyAdmin_getPolicy(policyNumber: "7", full: $yes) { policyNumber @include(if: $yes) coverages @include(if: $no) { code } } }',
      { no: false },
    ],
    [
      'two fields with arguments of their own',
      '{ a: policyAdmin_getPolicy(policyNumber: "1") { policyNumber } b: policyAdmin_getPolicy(policyNumber: "2") { policyNumber } }',
    ],
    [
      'mutations in their order',
      'mutation { a: policyAdmin_savePolicy(policy: {}) { version } b: policyAdmin_notify(message: "x") }',
    ],
    [
      'a variable that is absent',
      'mutation($note: String) { policyAdmin_savePolicy(policy: { note: $note }) { version } }',
    ],
    [
      'a variable that is null',
      'mutation($note: String) { policyAdmin_savePolicy(policy: { note: $note }) { version } }',
      { note: null },
    ],
    [
      'a recursive input',
      'mutation($p: PolicyAdmin_PolicyInput!) { policyAdmin_savePolicy(policy: $p) { version } }',
      { p: { parent: { parent: { note: 'x' } } } },
    ],
    [
      'a choice with two alternatives',
      'mutation($p: PolicyAdmin_PolicyInput!) { policyAdmin_savePolicy(policy: $p) { version } }',
      { p: { holder: { person: { name: 'a' }, company: 'b' } } },
    ],
    [
      'a variable of the wrong type',
      'query($n: String!) { policyAdmin_getPolicy(policyNumber: $n) { count } }',
      { n: 7 },
    ],
    ['a failure', '{ policyAdmin_getPolicy(policyNumber: "lost") { count } }'],
    ['a bug', '{ policyAdmin_getPolicy(policyNumber: "bug") { count } }'],
  ])('give the same: %s', async (_name, query, variables) => {
    await twice(query, variables);
  });

  it('keep null and absent apart', async () => {
    await twice('mutation($note: String) { x: policyAdmin_savePolicy(policy: { note: $note }) { version } }');
    expect(JSON.stringify(inputs)).toBe('[{"policy":{}},{"policy":{}}]');
  });

  it('never let a literal become code', async () => {
    const magic = '__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74d(globalThis.broken=true)';
    await twice(`{ policyAdmin_getPolicy(policyNumber: ${JSON.stringify(magic)}) { policyNumber } }`);
    expect(globalThis).not.toHaveProperty('broken');
  });
});

describe('errors', () => {
  it('carry the problem document', async () => {
    const { data, errors } = await send('{ policyAdmin_getPolicy(policyNumber: "lost") { count } }');
    expect(data).toEqual({ policyAdmin_getPolicy: null });
    expect(errors).toMatchObject([
      {
        message: 'No such policy.',
        path: ['policyAdmin_getPolicy'],
        extensions: {
          type: 'urn:bailey:error:POLICY_NOT_FOUND',
          code: 'POLICY_NOT_FOUND',
          status: 404,
          retry: 'never',
          system: 'policy-mainframe',
          operation: 'getPolicy',
          traceId: TRACE,
          instance: `urn:trace:${TRACE}`,
          fault: { name: 'PolicyNotFound', detail: { number: 'lost' } },
        },
      },
    ]);
  });

  it('tell nothing of a bug', async () => {
    const { errors } = await send('{ policyAdmin_getPolicy(policyNumber: "bug") { count } }');
    expect(errors).toMatchObject([{ extensions: { code: 'INTERNAL', status: 500 } }]);
    expect(JSON.stringify(errors)).not.toContain('secret');
  });

  it('say when the answer is not what the contract says', async () => {
    const { errors } = await send('{ policyAdmin_getPolicy(policyNumber: "odd") { count } }');
    expect(errors).toMatchObject([
      { extensions: { code: 'PROTOCOL_ERROR' }, path: ['policyAdmin_getPolicy', 'count'] },
    ]);
  });

  it.each([
    '{',
    '{ nothing }',
    '{ policyAdmin_getPolicy { count } }',
    'query A { policyAdmin_ping } query B { policyAdmin_ping }',
  ])("%s is the caller's", async (query) => {
    expect((await send(query)).errors![0]).toMatchObject({ extensions: { code: 'INVALID_INPUT', status: 400 } });
  });

  it('offer near names only to callers who may introspect', async () => {
    expect(JSON.stringify(await send('{ policyAdmin_pin }'))).toContain('Did you mean');
    expect(JSON.stringify(await send('{ policyAdmin_pin }', {}, 'stranger'))).not.toMatch(
      /Did you mean|policyAdmin_ping/,
    );
    const wrong = { p: { coverage: [] } };
    const save = 'mutation($p: PolicyAdmin_PolicyInput!) { policyAdmin_savePolicy(policy: $p) { version } }';
    expect(JSON.stringify(await send(save, wrong))).toContain('Did you mean');
    expect(JSON.stringify(await send(save, wrong, 'stranger'))).not.toContain('Did you mean');
  });
});

describe('limits', () => {
  it('let the usual introspection pass, for those who may', async () => {
    const query = getIntrospectionQuery({ descriptions: true, oneOf: true });
    expect((await send(query)).data.__schema.types.length).toBeGreaterThan(10);
    expect((await send(query, {}, 'stranger')).errors![0].message).toContain('introspection');
    expect((await send('{ __type(name: "Query") { name } }', {}, 'stranger')).data).toBeUndefined();
    expect((await send('{ __typename }', {}, 'stranger')).data).toEqual({ __typename: 'Query' });
  });

  const nested = (depth: number) =>
    `{ policyAdmin_getPolicy(policyNumber: "1") { ${'parent { '.repeat(depth)} count ${'} '.repeat(depth)} } }`;
  const aliases = (count: number) =>
    `{ ${Array.from({ length: count }, (_, index) => `a${index}: policyAdmin_ping`).join(' ')} }`;
  const bombs = Array.from(
    { length: 20 },
    (_, index) => `fragment F${index} on PolicyAdmin_Policy { parent { ...F${index + 1} } note ...F${index + 1} }`,
  ).join(' ');

  test.each([
    ['a deep document', nested(11), 'deeper than 12'],
    ['many aliases', aliases(31), 'more than 30 aliases'],
    ['many tokens', `{ ${'policyAdmin_ping '.repeat(2_001)} }`, 'tokens'],
    ['many directives', `{ policyAdmin_ping ${'@a '.repeat(51)} }`, 'more than 50 directives'],
    [
      'fragments that multiply',
      `{ policyAdmin_getPolicy(policyNumber: "1") { ...F0 } } ${bombs} fragment F20 on PolicyAdmin_Policy { note }`,
      'more than|deeper than',
    ],
    [
      'fragments in a circle',
      '{ policyAdmin_getPolicy(policyNumber: "1") { ...A } } fragment A on PolicyAdmin_Policy { ...B } fragment B on PolicyAdmin_Policy { ...A }',
      'itself',
    ],
    ['an alias for the prototype', '{ __proto__: policyAdmin_ping }', 'underscores'],
    ['depth hidden behind introspection', `{ __schema { types { name } } ${nested(11).slice(1)}`, 'deeper than 12'],
  ])('refuse %s', async (_name, query, message) => {
    const { data, errors } = await send(query);
    expect(data).toBeUndefined();
    expect(errors![0].message).toMatch(new RegExp(message));
    expect(errors![0].extensions.code).toBe('INVALID_INPUT');
  });

  it('let what is just within them pass', async () => {
    expect((await send(nested(10))).errors).toBeUndefined();
    expect((await send(aliases(30))).errors).toBeUndefined();
  });

  it('take no batch, no form, no mutation by GET', async () => {
    const post = (contentType: string, body: string) =>
      handle({ method: 'POST', url: '/graphql', headers: { 'content-type': contentType }, body, context: undefined });
    expect((await post('application/json', '[{"query":"{ policyAdmin_ping }"}]')).status).toBe(400);
    expect((await post('application/x-www-form-urlencoded', 'query={policyAdmin_ping}')).status).toBe(415);
    expect((await post('text/plain', '{"query":"{ policyAdmin_ping }"}')).status).toBe(415);
    expect((await get('mutation { policyAdmin_notify(message: "x") }')).status).toBe(405);
    expect((await get('{ policyAdmin_ping }')).status).toBe(200);
  });
});
