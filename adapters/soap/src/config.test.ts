import type { JsonSchema } from '@bailey/contract';
import { describe, expect, it } from 'vitest';
import { soapConfig } from './config.ts';

const everySchema = function* (schema: JsonSchema, path = ''): Generator<[string, JsonSchema]> {
  yield [path, schema];
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    yield* everySchema(property, `${path}/${name}`);
};

describe('the schema of a SOAP connection', () => {
  it('describes every key, for someone on call', () => {
    for (const [path, schema] of everySchema(soapConfig)) expect(schema.description, path).toMatch(/^[A-Z].*\.$/s);
  });

  it('is closed at every level', () => {
    for (const [path, schema] of everySchema(soapConfig))
      if (schema.type === 'object') expect(schema.additionalProperties, path).not.toBe(undefined);
  });

  it('marks what must never be printed', () => {
    const secrets = [...everySchema(soapConfig)].filter(([, schema]) => schema['x-secret']).map(([path]) => path);
    expect(secrets).toEqual(['/auth/basic/password', '/auth/bearer', '/auth/usernameToken/password', '/tls/key']);
  });
});
