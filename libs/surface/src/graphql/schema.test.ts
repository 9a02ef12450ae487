import { Failure, type Contract, type JsonSchema, type Value } from '@bailey/contract';
import { graphql, printSchema, validateSchema, type GraphQLSchema } from './graphql-js.ts';
import { describe, expect, it, test, vi } from 'vitest';
import { CONTRACT, FACE } from '../sample-contract.test-data.ts';
import { buildSchema } from './schema.ts';
import { bridgeTypeMap } from './type-map.ts';
import type { GraphqlCall } from './types.ts';

const answering = (answer: Value | undefined) => vi.fn<GraphqlCall>(async () => answer);
const schemaOf = (call: GraphqlCall, contract: Contract = CONTRACT): GraphQLSchema =>
  buildSchema([bridgeTypeMap({ ...FACE, contract })], call);
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const ask = async (answer: Value | undefined, source: string, variableValues: Record<string, unknown> = {}) => {
  const call = answering(answer);
  const result = await graphql({ schema: schemaOf(call), source, variableValues });
  return { result: plain(result), call };
};

const operationOf = (more: Partial<Contract['operations'][number]>) =>
  ({
    name: 'o',
    native: 'o',
    effect: 'read',
    exchange: 'unary',
    input: { type: 'object', properties: {}, additionalProperties: false },
    faults: [],
    ...more,
  }) as Contract['operations'][number];
const contractOf = (output: JsonSchema, $defs: Contract['$defs'] = {}): Contract => ({
  operations: [operationOf({ output })],
  collections: [],
  $defs,
});

describe('the schema', () => {
  it('is valid and prints the same each time', () => {
    const schema = schemaOf(answering(null));
    expect(validateSchema(schema)).toEqual([]);
    expect(printSchema(schema)).toBe(printSchema(schemaOf(answering(null))));
  });

  it('has the fields and types of the public interface', () => {
    const sdl = printSchema(schemaOf(answering(null)));
    expect(sdl).toContain(
      'policyAdmin_getPolicy(policyNumber: String!, depth: Int, full: Boolean, tags: [String!]): PolicyAdmin_Policy',
    );
    expect(sdl).toContain(
      'policyAdmin_savePolicy(policy: PolicyAdmin_PolicyInput!, headers: PolicyAdmin_SavePolicyHeadersInput): PolicyAdmin_SavePolicyResult',
    );
    expect(sdl).toContain('policyAdmin_notify(message: String!): Boolean');
    expect(sdl).toContain('policyAdmin_ping: Boolean @deprecated');
    expect(sdl).toContain('union PolicyAdmin_Vehicle = PolicyAdmin_Car | PolicyAdmin_Truck | PolicyAdmin_Trailer');
    expect(sdl).toMatch(
      /input PolicyAdmin_HolderInput @oneOf \{\n {2}person: PolicyAdmin_PersonInput\n {2}company: String\n\}/,
    );
    expect(sdl).toMatch(
      /input PolicyAdmin_VehicleInput @oneOf \{\n {2}car: PolicyAdmin_CarInput\n {2}truck: PolicyAdmin_TruckInput\n {2}trailer: Boolean\n\}/,
    );
    expect(sdl).toMatch(
      /premium: Decimal\n {2}version: Int64\n {2}views: Int64\n {2}count: Int\n {2}rate: Float\n {2}from: Date\n {2}status: PolicyAdmin_PolicyStatus\n {2}grade: String\n {2}coverages: \[PolicyAdmin_Coverage!\]/,
    );
  });

  it('shares type maps between the whole schema and one bridge', () => {
    const maps = ['claims', 'policy-admin'].map((name) => bridgeTypeMap({ ...FACE, name }));
    expect(validateSchema(buildSchema(maps, answering(null)))).toEqual([]);
    expect(validateSchema(buildSchema([maps[1]!], answering(null)))).toEqual([]);
  });

  it('has a query even where there is nothing to ask', () => {
    expect(validateSchema(buildSchema([], answering(null)))).toEqual([]);
    expect(validateSchema(schemaOf(answering(null), { ...CONTRACT, operations: [CONTRACT.operations[1]!] }))).toEqual(
      [],
    );
  });

  const recursive: Contract['$defs'] = {
    List: { type: 'array', items: { $ref: '#/$defs/List' } },
    Loop: { $ref: '#/$defs/Loop' },
  };
  test.each<[string, JsonSchema, Contract['$defs']?]>([
    ['a list of itself', { $ref: '#/$defs/List' }, recursive],
    ['a reference to itself', { $ref: '#/$defs/Loop' }, recursive],
    ['a dangling reference', { $ref: '#/$defs/Nobody' }],
    ['a map', { type: 'object', additionalProperties: { type: 'string' } }],
    ['a mixture of scalars', { anyOf: [{ type: 'string' }, { type: 'boolean' }] }],
    ['a union of scalars', { oneOf: [{ type: 'string' }], discriminator: { propertyName: '$type' } }],
    [
      'names that mean something to JavaScript',
      {
        type: 'object',
        properties: Object.fromEntries(
          ['__proto__', 'constructor', 'a-b', 'aB', '1', ''].map((name) => [name, { type: 'string' }]),
        ),
      },
    ],
    ['nothing', {}],
  ])('takes %s', (_name, output, $defs = {}) => {
    const contract = contractOf(output, $defs);
    contract.operations.push(operationOf({ name: 'write', effect: 'write', input: output }));
    expect(validateSchema(schemaOf(answering(null), contract))).toEqual([]);
  });

  it('keeps colliding names apart', () => {
    const object: JsonSchema = { type: 'object', properties: { a: { type: 'string' } } };
    const contract = contractOf({ $ref: '#/$defs/Foo' }, { Foo: object, FooInput: object });
    contract.operations.push(
      operationOf({
        name: 'w',
        effect: 'write',
        input: { type: 'object', properties: { x: { $ref: '#/$defs/Foo' }, y: { $ref: '#/$defs/FooInput' } } },
        output: { $ref: '#/$defs/FooInput' },
      }),
    );
    expect(validateSchema(schemaOf(answering(null), contract))).toEqual([]);
  });

  it('is built from 2,000 types within 50 ms of processor time', () => {
    const $defs = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, index) => [
        `T${index}`,
        {
          type: 'object',
          properties: {
            name: { type: 'string' },
            amount: { type: 'string', format: 'decimal' },
            next: { $ref: `#/$defs/T${(index + 1) % 2_000}` },
          },
        } as JsonSchema,
      ]),
    );
    const contract = contractOf({ $ref: '#/$defs/T0' }, $defs);
    const times = Array.from({ length: 8 }, () => {
      const start = process.threadCpuUsage();
      schemaOf(answering(null), contract);
      const { user, system } = process.threadCpuUsage(start);
      return (user + system) / 1000;
    });
    expect(Math.min(...times)).toBeLessThan(50);
  });
});

describe('answers', () => {
  const POLICY: Value = {
    policyNumber: '0007',
    premium: '123.40',
    version: '9223372036854775807',
    views: 9007199254740991,
    count: 3,
    rate: 'INF',
    status: 'ACTIVE',
    grade: 'A+',
    coverages: [{ code: 'A', amount: '1.0' }],
    holder: { person: { name: 'Ann' } },
    vehicle: { $type: 'Car', seats: 4 },
    extra: { any: [1] },
    $headers: { session: 's' },
    address: { line1: 'x' },
  };

  it('print values exactly as REST does', async () => {
    const { result } = await ask(
      POLICY,
      '{ policyAdmin_getPolicy(policyNumber: "7") { premium version views count rate status grade extra headers { session } } }',
    );
    expect(result).toEqual({
      data: {
        policyAdmin_getPolicy: {
          premium: '123.40',
          version: '9223372036854775807',
          views: 9007199254740991,
          count: 3,
          rate: 'INF',
          status: 'ACTIVE',
          grade: 'A+',
          extra: { any: [1] },
          headers: { session: 's' },
        },
      },
    });
  });

  it('tell union members apart, and do not find what is inherited', async () => {
    const { result } = await ask(
      POLICY,
      '{ policyAdmin_getPolicy(policyNumber: "7") { vehicle { __typename ... on PolicyAdmin_Car { seats } } address { line1 toString } parent { premium } } }',
    );
    expect(result).toEqual({
      data: {
        policyAdmin_getPolicy: {
          vehicle: { __typename: 'PolicyAdmin_Car', seats: 4 },
          address: { line1: 'x', toString: null },
          parent: null,
        },
      },
    });
  });

  it('are true where there is no content', async () => {
    expect((await ask(undefined, '{ policyAdmin_ping }')).result).toEqual({ data: { policyAdmin_ping: true } });
    expect((await ask({}, 'mutation { policyAdmin_notify(message: "x") }')).result).toEqual({
      data: { policyAdmin_notify: true },
    });
  });

  it('say which properties were asked for, by API name', async () => {
    const { call } = await ask(
      POLICY,
      '{ policyAdmin_getPolicy(policyNumber: "7") { premium ...F headers { session } } } fragment F on PolicyAdmin_Policy { count __typename }',
    );
    expect(call.mock.calls[0]![4]).toEqual(['premium', 'count', '$headers']);
  });

  it('carry the failure and where it happened', async () => {
    const call: GraphqlCall = async () => {
      throw Failure.of('TIMEOUT', 'Too slow.');
    };
    const { errors } = await graphql({ schema: schemaOf(call), source: '{ policyAdmin_ping }' });
    expect(errors![0]!.originalError).toMatchObject({
      failure: { code: 'TIMEOUT' },
      where: { system: 'policy-mainframe', operation: 'ping' },
    });
  });
});

describe('arguments', () => {
  const save = async (policy: unknown) => {
    const { call, result } = await ask(
      { version: '1' },
      'mutation($p: PolicyAdmin_PolicyInput!) { policyAdmin_savePolicy(policy: $p) { version } }',
      { p: policy },
    );
    return call.mock.calls.length === 0 ? result : plain((call.mock.calls[0]![2] as { policy: Value }).policy);
  };

  it('keep null and absent apart', async () => {
    expect(await save({ note: null, premium: '1.50' })).toEqual({ note: null, premium: '1.50' });
    expect(await save({})).toEqual({});
  });

  it('take the forms of REST, whatever form Int64 came in', async () => {
    expect(await save({ version: 5, views: '5', premium: 7, rate: 1.5 })).toEqual({
      version: '5',
      views: 5,
      premium: '7',
      rate: 1.5,
    });
    expect(await save({ version: '9223372036854775807', views: 'x', rate: 'NaN' })).toEqual({
      version: '9223372036854775807',
      views: 'x',
      rate: 'NaN',
    });
  });

  it('refuse a number that a JSON reader has rounded already', async () => {
    expect(await save({ version: 2 ** 63 })).toHaveProperty('errors');
    expect(await save({ premium: 1.1 })).toHaveProperty('errors');
  });

  it('take literals exactly', async () => {
    const { call } = await ask(
      {},
      'mutation { policyAdmin_savePolicy(policy: { version: 9223372036854775807, premium: 123.40, views: 12 }) { version } }',
    );
    expect(plain(call.mock.calls[0]![2])).toEqual({
      policy: { version: '9223372036854775807', premium: '123.40', views: 12 },
    });
  });

  it('turn a choice into what the contract says, with its type', async () => {
    expect(await save({ vehicle: { car: { seats: 4 } }, holder: { company: 'x' } })).toEqual({
      vehicle: { $type: 'Car', seats: 4 },
      holder: { company: 'x' },
    });
    expect(await save({ vehicle: { trailer: true } })).toEqual({ vehicle: { $type: 'Trailer' } });
    expect(await save({ vehicle: { car: { seats: 4 }, truck: {} } })).toHaveProperty('errors');
    expect(await save({ holder: {} })).toHaveProperty('errors');
  });

  it('map names in depth and at the top', async () => {
    const { call } = await ask(
      {},
      'mutation { policyAdmin_savePolicy(policy: { parent: { headers: { session: "a" }, coverages: [{ code: "c" }] } }, headers: { session: "b" }) { version } }',
    );
    expect(plain(call.mock.calls[0]![2])).toEqual({
      policy: { parent: { $headers: { session: 'a' }, coverages: [{ code: 'c' }] } },
      $headers: { session: 'b' },
    });
  });
});
