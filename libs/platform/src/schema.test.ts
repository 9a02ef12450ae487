import { expect, test } from 'vitest';
import { compileSchema } from './schema.ts';

const POLICY = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', minLength: 2 },
    timeoutMs: { type: 'integer', minimum: 1, default: 10_000 },
    level: { enum: ['read', 'write'] },
    breaker: {
      type: 'object',
      default: {},
      additionalProperties: false,
      properties: { openMs: { type: 'integer', default: 5 } },
    },
    password: { type: 'object', 'x-secret': true },
    'a/b~c': { type: 'string' },
    auth: {
      oneOf: [
        {
          type: 'object',
          required: ['kind', 'user'],
          additionalProperties: false,
          properties: { kind: { const: 'basic' }, user: { type: 'string' } },
        },
        {
          type: 'object',
          required: ['kind', 'token'],
          additionalProperties: false,
          properties: { kind: { const: 'bearer' }, token: { type: 'string' } },
        },
      ],
    },
    scopes: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  },
};

const check = compileSchema(POLICY);

test.each([
  [{}, '', '"name" is missing'],
  [{ name: 'ab', timout: 1 }, '/timout', 'unknown key "timout"; did you mean "timeoutMs"?'],
  [
    { name: 'ab', zzzzzzzzzz: 1 },
    '/zzzzzzzzzz',
    'unknown key "zzzzzzzzzz"; known are name, timeoutMs, level, breaker, password, a/b~c, auth, scopes',
  ],
  [{ name: 'ab', breaker: { openms: 1 } }, '/breaker/openms', 'unknown key "openms"; did you mean "openMs"?'],
  [{ name: 7 }, '/name', 'must be string, is number'],
  [{ name: null }, '/name', 'must be string, is null'],
  [{ name: 'ab', timeoutMs: 1.5 }, '/timeoutMs', 'must be integer, is number'],
  [{ name: 'ab', timeoutMs: 0 }, '/timeoutMs', 'must be >= 1'],
  [{ name: 'ab', level: 'reed' }, '/level', 'must be one of "read", "write"; did you mean "read"?'],
  [{ name: 'ab', password: 'literal' }, '/password', 'a secret must not stand here; write {env: NAME} or {file: PATH}'],
  [{ name: 'ab', 'a/b~c': 1 }, '/a~1b~0c', 'must be string, is number'],
  [
    { name: 'ab', auth: { kind: 'basic', usr: 'x', user: 'y' } },
    '/auth/usr',
    'unknown key "usr"; did you mean "user"?',
  ],
  [{ name: 'ab', auth: { kind: 'bearer' } }, '/auth', '"token" is missing'],
  [{ name: 'ab', auth: { kind: 'magic' } }, '/auth', 'fits none of the allowed shapes'],
  [{ name: 'ab', scopes: ['a', 7] }, '/scopes/1', 'must be string, is number'],
  [{ name: 'ab', scopes: 7 }, '/scopes', 'fits none of the allowed shapes'],
])('%o: one problem, in words', (value, pointer, message) => {
  expect(check(value)).toEqual([{ pointer, message }]);
});

test('all problems at once', () => {
  expect(
    check({ timout: 1, level: 'x' })
      .map(({ pointer }) => pointer)
      .sort(),
  ).toEqual(['', '/level', '/timout']);
});

test('a valid value has none', () => {
  expect(check({ name: 'ab', auth: { kind: 'basic', user: 'u' }, scopes: 'x' })).toEqual([]);
});

test('defaults are filled in when asked for, and only then', () => {
  const value = { name: 'ab' };
  check(value);
  expect(value).toEqual({ name: 'ab' });
  compileSchema(POLICY, { useDefaults: true })(value);
  expect(value).toEqual({ name: 'ab', timeoutMs: 10_000, breaker: { openMs: 5 } });
});

test.each([
  ['int64', '9223372036854775808', 'x1'],
  ['integer', '-12', '1.0'],
  ['decimal', '-1.20', '1e3'],
  ['xsd-date', '2026-11-24+01:00', '2026-13-01'],
  ['xsd-time', '10:00:00.5Z', '10:60:00'],
  ['date-time', '2026-11-24T10:00:00Z', '2026-11-24T10:00:00'],
  ['local-date-time', '2026-11-24T10:00:00', '2026-11-24T10:00:00Z'],
  ['xsd-date-time', '2026-11-24T10:00:00', '2026-11-24'],
  ['xsd-duration', 'P1DT2.5S', 'P'],
  ['base64', 'YQ==', 'YQ='],
  ['hex', '0aFF', '0'],
])('format %s', (format, good, bad) => {
  const valid = compileSchema({ type: 'string', format });
  expect(valid(good)).toEqual([]);
  expect(valid(bad)).toHaveLength(1);
});
