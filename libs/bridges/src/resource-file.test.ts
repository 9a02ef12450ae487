import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Failure } from '@bailey/contract';
import { compileSchema } from '@bailey/platform';
import { echoAdapter } from './echo-adapter.test-data.ts';
import { parseResources, placeOf, readResourceFiles, type LocatedError } from './resource-file.ts';
import { resourceSchema } from './resource-schema.ts';
import { validateResources } from './validation.ts';

const adapters = [echoAdapter().adapter];

const errorsOf = (work: () => unknown): LocatedError[] => {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure && error.code === 'INVALID_RESOURCE') return error.options.errors as LocatedError[];
    throw error;
  }
  return [];
};

const check = (text: string): LocatedError[] =>
  errorsOf(() => validateResources(parseResources(text, 'r.yaml'), adapters));

const seen = (text: string) => check(text).map(({ pointer, message, line }) => `${line} ${pointer}: ${message}`);

const GOOD = `# the estate
apiVersion: bailey.dev/v1
kind: Bridge
metadata: { name: policy-admin, title: Policy, owner: team, labels: { tier: one } }
spec:
  system: mainframe
  adapter: echo
  connection: { source: ./s.json, url: { env: URL }, password: { file: /run/pw } }
  operations: { GetPolicy: { effect: read, name: getPolicy, faults: { NotFound: { status: 404 } }, access: { scopes: [a] } } }
  policy: { timeoutMs: 10000, concurrency: 20, queue: 0, breaker: { windowMs: 10000, minimumCalls: 10, failureRate: 0.5, openMs: 5000, probes: 1 }, retry: { attempts: 2, backoffMs: 100 } }
  access: { scopes: { read: policy.read, write: policy.write } }
---
apiVersion: bailey.dev/v1
kind: System
metadata: { name: mainframe }
spec: { domain: d, owner: o, description: x, lifecycle: l, criticality: c, dataClass: p, environment: e, endpoints: [{ protocol: soap, host: h, port: 80 }] }
---
apiVersion: bailey.dev/v1
kind: Consumer
metadata: { name: web }
spec: { owner: team, identities: [{ header: web }, { subject: s }, { spiffe: "spiffe://x/y" }, { apiKey: "sha256:${'a'.repeat(64)}" }, { apiKey: { env: KEY } }] }
---
apiVersion: bailey.dev/v1
kind: Pathway
metadata: { name: web-policy }
spec: { consumer: web, bridge: policy-admin, operations: [getPolicy], purpose: p, dataClass: d }
---
# nothing in this one
`;

test('every kind of the design is accepted, and knows its line', () => {
  const resources = parseResources(GOOD, 'r.yaml');
  validateResources(resources, adapters);
  expect(resources.map(({ kind, where }) => [kind, where?.line])).toEqual([
    ['Bridge', 2],
    ['System', 13],
    ['Consumer', 18],
    ['Pathway', 23],
  ]);
  expect(placeOf(resources[0]!, '/spec/policy/breaker/openMs')).toEqual({ file: 'r.yaml', line: 10 });
  expect(placeOf(resources[0]!, '/spec/policy/unknown')).toEqual({ file: 'r.yaml', line: 10 });
});

test('a document that came as JSON is checked like any other', () => {
  const documents = parseResources(GOOD, 'r.yaml').map(({ where: _, ...document }) =>
    JSON.parse(JSON.stringify(document)),
  );
  validateResources(documents, adapters);
  documents[0].spec.conection = {};
  expect(errorsOf(() => validateResources(documents, adapters))).toMatchObject([
    { pointer: '/spec/conection', kind: 'Bridge', name: 'policy-admin' },
  ]);
});

test('the schema for editors accepts what the check accepts, and refuses what it refuses', () => {
  const schema = compileSchema(resourceSchema(adapters));
  const documents = parseResources(GOOD, 'r.yaml').map(({ where: _, ...document }) => document);
  expect(documents.flatMap((document) => schema(document))).toEqual([]);
  expect(schema({ ...documents[0], spec: { ...documents[0]!.spec, connection: { sourc: 'x' } } })).not.toEqual([]);
  expect(schema({ ...documents[3], spec: { consumer: 'web' } })).not.toEqual([]);
});

const bridge = (spec: string, name = 'b') => `apiVersion: bailey.dev/v1
kind: Bridge
metadata: { name: ${name} }
spec:
${spec}`;
const SPEC = '  system: s\n  adapter: echo\n  connection: { source: a, url: b }\n';

test.each([
  [
    'unknown key',
    bridge(`${SPEC}  policy:\n    timout: 3`),
    ['9 /spec/policy/timout: unknown key "timout"; did you mean "timeoutMs"?'],
  ],
  [
    'unknown key of a connection',
    bridge('  system: s\n  adapter: echo\n  connection:\n    sorce: a\n    source: a\n    url: b'),
    ['8 /spec/connection/sorce: unknown key "sorce"; did you mean "source"?'],
  ],
  [
    'a literal secret',
    bridge('  system: s\n  adapter: echo\n  connection:\n    source: a\n    url: b\n    password: hunter2'),
    ['10 /spec/connection/password: a secret must not stand here; write {env: NAME} or {file: PATH}'],
  ],
  [
    'unknown adapter',
    bridge(SPEC.replace('echo', 'ecko')),
    ['6 /spec/adapter: must be one of "echo"; did you mean "echo"?'],
  ],
  [
    'unknown kind',
    'apiVersion: bailey.dev/v1\nkind: Brige\nmetadata: { name: a }\nspec: {}',
    ['2 /kind: must be one of System, Bridge, Consumer, Pathway; did you mean "Bridge"?'],
  ],
  [
    'a missing member',
    'apiVersion: bailey.dev/v1\nkind: Pathway\nmetadata: { name: a }\nspec: { bridge: b }',
    ['4 /spec: "consumer" is missing'],
  ],
  ['a reserved name', bridge(SPEC, 'outcomes'), ['3 /metadata/name: "outcomes" is reserved; choose another name']],
  [
    'a name that is none',
    bridge(SPEC, 'Policy_Admin'),
    ['3 /metadata/name: must match pattern "^[a-z][a-z0-9-]{0,62}$"'],
  ],
  [
    'names that meet in camel case',
    `${bridge(SPEC, 'ab-1')}---\n${bridge(SPEC, 'ab1')}`,
    ['11 /metadata/name: Bridge "ab-1" (r.yaml:3) has this name already'],
  ],
  ['a key that is ours', 'kind: System\nwhere: { file: x, line: 1 }', ['2 /where: unknown key "where"']],
  ['a list', '- a\n- b', ['1 : must be an object with apiVersion, kind, metadata and spec']],
  ['a key twice', 'kind: System\nkind: Bridge', ['2 : Map keys must be unique']],
])('%s is refused with its line', (_what, text, expected) => {
  expect(seen(text)).toEqual(expected);
});

test('a secret that stands where it must not is not repeated', () => {
  expect(
    JSON.stringify(
      check(bridge('  system: s\n  adapter: echo\n  connection: { source: a, url: b, password: hunter2 }')),
    ),
  ).not.toContain('hunter2');
  const key =
    'apiVersion: bailey.dev/v1\nkind: Consumer\nmetadata: { name: a }\nspec: { owner: o, identities: [{ apiKey: hunter2 }] }';
  expect(JSON.stringify(check(key))).toMatch(/^(?!.*hunter2).*apiKey/);
});

test('all errors of all documents at once', () => {
  expect(seen(`${bridge('  system: S\n  adapter: echo')}\n---\nkind: Nothing`).length).toBe(3);
});

test('an alias bomb is refused', () => {
  const levels = Array.from(
    { length: 9 },
    (_, level) => `a${level + 1}: &a${level + 1} [${Array(9).fill(`*a${level}`).join()}]`,
  );
  expect(seen(`a0: &a0 [x]\n${levels.join('\n')}`)[0]).toMatch(/alias/i);
});

test('no text crashes the parser, and foreign names pollute nothing', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc
          .array(fc.constantFrom('a: ', '- ', '&x ', '*x', '\n', '  ', '{', '}', '"', '__proto__: ', '---\n'))
          .map((parts) => parts.join('')),
      ),
      (text) => {
        const errors = errorsOf(() => validateResources(parseResources(text, 'f'), adapters));
        expect(errors.every(({ line, file }) => line! >= 1 && file === 'f')).toBe(true);
        expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
      },
    ),
    { numRuns: 300 },
  );
  check('__proto__: { polluted: yes }\nkind: System');
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('a folder gives all its resource files, older versions of a mount left out', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bailey-resources-'));
  const text = (name: string) => `apiVersion: bailey.dev/v1\nkind: System\nmetadata: { name: ${name} }\nspec: {}\n`;
  mkdirSync(join(folder, '..data'));
  writeFileSync(join(folder, '..data', 'linked.yaml'), text('linked'));
  symlinkSync(join(folder, '..data', 'linked.yaml'), join(folder, 'b.yaml'));
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'sub', 'c.yml'), text('inner'));
  writeFileSync(join(folder, 'notes.txt'), 'not ours');
  const { resources } = await readResourceFiles(folder);
  expect(resources.map(({ metadata, where }) => [metadata.name, where?.file])).toEqual([
    ['linked', join(folder, 'b.yaml')],
    ['inner', join(folder, 'sub', 'c.yml')],
  ]);
  rmSync(folder, { recursive: true });
  await expect(readResourceFiles(folder)).rejects.toMatchObject({ code: 'INVALID_RESOURCE' });
});
