import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkBoundaries } from './boundaries.mjs';
import { root } from './root.mjs';

let house;

const write = (path, text) => {
  mkdirSync(dirname(join(house, path)), { recursive: true });
  writeFileSync(join(house, path), text);
};

const room = (folder, name, dependencies = {}) => {
  const exports = { '.': { source: './src/index.ts' } };
  write(`${folder}/package.json`, JSON.stringify({ name, type: 'module', exports, dependencies }));
  write(`${folder}/src/index.ts`, 'export const here = 1;\n');
  mkdirSync(dirname(join(house, 'node_modules', name)), { recursive: true });
  symlinkSync(join(house, folder), join(house, 'node_modules', name));
};

beforeEach(() => {
  house = mkdtempSync(join(tmpdir(), 'bailey-boundaries-'));
  write('package.json', JSON.stringify({ name: 'house', type: 'module' }));
  room('libs/contract', '@bailey/contract');
  room('libs/call', '@bailey/call', { '@bailey/contract': '*' });
  room('adapters/soap', '@bailey/adapter-soap', { '@bailey/contract': '*' });
  room('adapters/mq', '@bailey/adapter-mq', { '@bailey/contract': '*' });
});

afterEach(() => rmSync(house, { recursive: true, force: true }));

const plant = (path, text) => {
  write(path, text);
  return checkBoundaries(house);
};

test('an allowed import passes, and every source was read', async () => {
  const result = await plant('libs/call/src/index.ts', "export { here } from '@bailey/contract';\n");
  expect(result).toEqual({ modules: 4, sources: 4, violations: [] });
});

test.each([
  ['libs/contract/src/index.ts', "import '@bailey/call';", 'room: libs/contract'],
  [
    'libs/contract/src/index.ts',
    "import type { here } from '@bailey/call'; export type X = typeof here;",
    'room: libs/contract',
  ],
  ['libs/contract/src/index.ts', "import 'node:path';", 'contract imports nothing'],
  ['adapters/soap/src/index.ts', "import '@bailey/adapter-mq';", 'room: adapters/[^/]+'],
  ['adapters/soap/src/index.ts', "import '../../mq/src/index.ts';", 'room: adapters/[^/]+'],
  ['adapters/soap/src/index.ts', "import 'node:net';", 'adapters have no way out'],
  ['libs/call/src/index.ts', "import '@bailey/missing';", 'resolvable'],
])('%s with %s is refused', async (path, text, rule) => {
  const { violations } = await plant(path, text);
  expect(violations.join('\n')).toContain(rule);
});

test('a file reached past the front door is refused', async () => {
  write('libs/contract/src/private.ts', 'export const secret = 1;\n');
  const { violations } = await plant('libs/call/src/index.ts', "import '../../contract/src/private.ts';");
  expect(violations.join('\n')).toContain('front door only');
});

test('two files that need each other are refused', async () => {
  write('libs/call/src/other.ts', "import './index.ts';\n");
  const { violations } = await plant('libs/call/src/index.ts', "import './other.ts';");
  expect(violations.join('\n')).toContain('no cycles');
});

test('a file that nothing needs is refused', async () => {
  const { violations } = await plant('libs/call/src/forgotten.ts', 'export const x = 1;\n');
  expect(violations.join('\n')).toContain('reachable');
});

test('the house itself was read whole', async () => {
  const { modules, sources } = await checkBoundaries(root);
  expect(sources).toBeGreaterThan(15);
  expect(modules).toBeGreaterThanOrEqual(sources);
});
