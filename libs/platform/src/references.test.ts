import { expect, test } from 'vitest';
import { resolveReferences, withReferences } from './references.ts';
import { compileSchema } from './schema.ts';
import { Secret } from './secret.ts';

const CONFIG = {
  type: 'object',
  additionalProperties: false,
  properties: {
    url: { type: 'string', pattern: '^https?://' },
    port: { type: 'integer', minimum: 1, default: 80 },
    strict: { type: 'boolean' },
    mode: { enum: ['a', 'b'] },
    auth: {
      oneOf: [
        {
          type: 'object',
          additionalProperties: false,
          required: ['basic'],
          properties: { basic: { $ref: '#/$defs/Basic' } },
        },
        { type: 'object', additionalProperties: false, required: ['none'], properties: { none: { type: 'boolean' } } },
      ],
    },
    hosts: { type: 'array', items: { type: 'string' } },
    tables: { type: 'object', additionalProperties: { type: 'string' } },
    source: { type: 'object', properties: { file: { type: 'string' } } },
  },
  $defs: {
    Basic: {
      type: 'object',
      properties: { username: { type: 'string' }, password: { type: 'string', 'x-secret': true } },
    },
  },
};

const read = {
  env: (name: string) => ({ URL: 'https://legacy', PORT: '8443', YES: 'true', PW: 'hidden', BAD: 'not a port' })[name],
  async file(path: string) {
    if (path === './pw') return 'from-file\n';
    throw Object.assign(new Error('no'), { code: 'ENOENT' });
  },
};

const written = compileSchema(withReferences(CONFIG));
const resolve = (value: unknown) => resolveReferences(value, CONFIG, read);

test('every scalar may be a reference, and takes the type that the schema says', async () => {
  const config = {
    url: { env: 'URL' },
    port: { env: 'PORT' },
    strict: { env: 'YES' },
    hosts: [{ env: 'URL' }, 'b'],
    tables: { x: { env: 'URL' } },
  };
  expect(written(config)).toEqual([]);
  const { value, problems } = await resolve(config);
  expect(problems).toEqual([]);
  expect(value).toEqual({
    url: 'https://legacy',
    port: 8443,
    strict: true,
    hosts: ['https://legacy', 'b'],
    tables: { x: 'https://legacy' },
  });
});

test('a secret is a Secret, from the environment or a file', async () => {
  for (const [password, expected] of [
    [{ env: 'PW' }, 'hidden'],
    [{ file: './pw' }, 'from-file'],
  ] as const) {
    const config = { auth: { basic: { username: 'svc', password } } };
    expect(written(config)).toEqual([]);
    const { value } = await resolve(config);
    const resolved = (value as { auth: { basic: { password: Secret } } }).auth.basic.password;
    expect(resolved).toBeInstanceOf(Secret);
    expect(resolved.reveal()).toBe(expected);
    expect(JSON.stringify(value)).toBe('{"auth":{"basic":{"username":"svc","password":"***"}}}');
  }
});

test('a literal secret is refused, before and while resolving, and is not repeated', async () => {
  const config = { auth: { basic: { username: 'svc', password: 'hidden' } } };
  expect(JSON.stringify(written(config))).toContain('a secret must not stand here');
  const { problems } = await resolve(config);
  expect(problems).toEqual([
    { pointer: '/auth/basic/password', message: 'a secret must not stand here; write {env: NAME} or {file: PATH}' },
  ]);
});

test('what a plain schema refuses is still refused, in the same words', () => {
  expect(written({ url: 'ftp://x' })).toEqual([{ pointer: '/url', message: 'must match pattern "^https?://"' }]);
  expect(written({ port: 'eighty' })).toEqual([{ pointer: '/port', message: 'must be integer, is string' }]);
  expect(written({ url: { evn: 'URL' } })).toEqual([
    { pointer: '/url/evn', message: 'unknown key "evn"; did you mean "env"?' },
  ]);
  expect(written({ url: { env: 'A', file: 'B' } })).toHaveLength(1);
});

test.each([
  [{ url: { env: 'ABSENT' } }, '/url', 'the environment variable ABSENT is not set'],
  [{ url: { file: './gone' } }, '/url', 'the file ./gone cannot be read (ENOENT)'],
  [{ port: { env: 'BAD' } }, '/port', 'the value of the environment variable BAD does not fit: it must be integer'],
  [
    { url: { env: 'PW' } },
    '/url',
    'the value of the environment variable PW does not fit: must match pattern "^https?://"',
  ],
])('%o says where it leads to nothing', async (config, pointer, message) => {
  expect((await resolve(config)).problems).toEqual([{ pointer, message }]);
});

test('an object with a member called file is an object', async () => {
  expect(await resolve({ source: { file: './gone' } })).toEqual({
    value: { source: { file: './gone' } },
    problems: [],
  });
});

test('defaults stay where Ajv fills them', () => {
  const config = {};
  compileSchema(withReferences(CONFIG), { useDefaults: true })(config);
  expect(config).toEqual({ port: 80 });
});

test('foreign names cannot reach a prototype', async () => {
  const { value } = await resolve(JSON.parse('{"tables":{"__proto__":"x","constructor":"y"}}'));
  const { tables } = value as { tables: Record<string, string> };
  expect(Object.getPrototypeOf(tables)).toBeNull();
  expect(Object.keys(tables)).toEqual(['__proto__', 'constructor']);
});
