import { describe, expect, it, test } from 'vitest';
import { FACE } from '../sample-contract.test-data.ts';
import { compileDocument } from './compiled-query.ts';
import { getOperationAST, parse } from './graphql-js.ts';
import { buildSchema } from './schema.ts';
import { bridgeTypeMap } from './type-map.ts';
import type { GraphqlCall } from './types.ts';

const call: GraphqlCall = async (_bridge, _operation, input) => ({
  policyNumber: JSON.stringify(input),
  vehicle: { $type: 'Truck', load: '1.0' },
});
const schema = buildSchema([bridgeTypeMap(FACE)], call);

const compile = (query: string) => {
  const document = parse(query);
  return compileDocument(schema, document, getOperationAST(document)!);
};

describe('compileDocument', () => {
  // A silent fall back to the interpreter would keep every other test green.
  test.each([
    '{ policyAdmin_ping }',
    'query Q($n: String!) { policyAdmin_getPolicy(policyNumber: $n) { policyNumber vehicle { ... on PolicyAdmin_Truck { load } } headers { session } } }',
    'mutation($p: PolicyAdmin_PolicyInput!) { policyAdmin_savePolicy(policy: $p) { version } }',
    'query($yes: Boolean!) { policyAdmin_getPolicy(policyNumber: "7") { policyNumber @include(if: $yes) } }',
  ])('compiles %s', (query) => {
    expect(compile(query)).toBeTypeOf('function');
  });

  it('hands on the arguments as graphql-js coerces them', async () => {
    const run = compile(
      'query($n: String!, $d: Int = 3) { policyAdmin_getPolicy(policyNumber: $n, depth: $d) { policyNumber vehicle { ... on PolicyAdmin_Truck { load } } } }',
    )!;
    const { data, errors } = await run({ n: '7' }, undefined);
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      policyAdmin_getPolicy: { policyNumber: '{"policyNumber":"7","depth":3}', vehicle: { load: '1.0' } },
    });
  });

  it('reports a variable that does not fit before anything is called', async () => {
    expect(
      (await compile('query($n: String!) { policyAdmin_getPolicy(policyNumber: $n) { count } }')!({}, undefined))
        .errors,
    ).toHaveLength(1);
  });
});
