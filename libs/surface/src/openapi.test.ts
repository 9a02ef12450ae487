import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { openApi, openApiIndex } from './openapi.ts';
import { CONTRACT, FACE } from './sample-contract.test-data.ts';

type Json = ReturnType<typeof JSON.parse>;

const errorsOf = async (document: object): Promise<unknown> => {
  const { valid, errors } = await new Validator().validate(structuredClone(document) as Record<string, unknown>);
  return valid ? [] : errors;
};

describe('openApi', () => {
  const document: Json = openApi(FACE);
  const paths = document.paths;

  it('is valid OpenAPI 3.1, alone and merged', async () => {
    expect(await errorsOf(document)).toEqual([]);
    expect(await errorsOf(openApiIndex([FACE, { ...FACE, name: 'claims' }]))).toEqual([]);
    expect(await errorsOf(openApiIndex([]))).toEqual([]);
  });

  it('refers only to what it has', () => {
    for (const [, pointer] of JSON.stringify(openApiIndex([FACE])).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = pointer!.split('/').reduce((at: Json, key) => at?.[key], openApiIndex([FACE]));
      expect(target, pointer).toBeDefined();
    }
  });

  it('has GET where the input is scalar, POST always', () => {
    expect(Object.keys(paths['/api/policy-admin/getPolicy'])).toEqual(['get', 'post']);
    expect(Object.keys(paths['/api/policy-admin/savePolicy'])).toEqual(['post']);
    expect(paths['/api/policy-admin/getPolicy'].get.parameters[0]).toMatchObject({
      name: 'policyNumber',
      in: 'query',
      required: true,
    });
  });

  it('says how each operation may fail, with the type of each declared fault', () => {
    const { responses } = paths['/api/policy-admin/getPolicy'].post;
    expect(Object.keys(responses)).toEqual(
      expect.arrayContaining(['200', '400', '401', '403', '404', '422', '502', '503', '504']),
    );
    expect(JSON.stringify(responses[404])).toContain('POLICY_NOT_FOUND');
    expect(
      responses[404].content['application/problem+json'].schema.anyOf[0].allOf[1].properties.fault.properties.detail
        .properties,
    ).toHaveProperty('policyNumber');
    expect(responses[503]).toEqual({ $ref: '#/components/responses/Problem503' });
  });

  it('tells architects the native name and effect, callers the scope', () => {
    expect(paths['/api/policy-admin/savePolicy'].post).toMatchObject({
      'x-native': 'SavePolicy',
      'x-effect': 'write',
      security: [{ bearer: ['policy.write'] }],
      operationId: 'savePolicy',
    });
  });

  it('answers 202 one-way and 204 without content', () => {
    expect(paths['/api/policy-admin/notify'].post.responses).toHaveProperty('202');
    expect(paths['/api/policy-admin/ping'].post.responses).toHaveProperty('204');
  });

  it('has unique operation ids, and is the same text each time', () => {
    const ids = [
      ...JSON.stringify(openApiIndex([FACE, { ...FACE, name: 'claims' }])).matchAll(/"operationId":"([^"]+)"/g),
    ].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(JSON.stringify(openApi(FACE))).toBe(JSON.stringify(openApi(structuredClone(FACE))));
  });

  it('keeps a legacy type called Problem apart from its own', () => {
    const contract = {
      ...CONTRACT,
      $defs: { ...CONTRACT.$defs, Problem: { type: 'object' as const, title: 'legacy' } },
    };
    expect((openApi({ ...FACE, contract }) as Json).components.schemas.Problem.title).toBe('legacy');
  });
});
