import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isBuildFresh, isInstallFresh, stampBuild } from './freshness.mjs';

let root;

const BEFORE = new Date('2026-01-01T00:00:00Z');
const BUILD = new Date('2026-01-02T00:00:00Z');
const AFTER = new Date('2026-01-03T00:00:00Z');

const write = (path, content = '', at = BEFORE) => {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, typeof content === 'string' ? content : JSON.stringify(content));
  utimesSync(full, at, at);
};

beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'bailey-fresh-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('install', () => {
  const entry = (version, more = {}) => ({ version, ...more });
  const install = (wanted, found) => {
    write('package-lock.json', { packages: { '': {}, ...wanted } });
    if (found) write('node_modules/.package-lock.json', { packages: found });
    return isInstallFresh(root);
  };
  const a = 'node_modules/a';

  test.each([
    ['nothing installed', { [a]: entry('1.0.0') }, undefined, false],
    ['the same version', { [a]: entry('1.0.0') }, { [a]: entry('1.0.0') }, true],
    ['another version', { [a]: entry('1.0.1') }, { [a]: entry('1.0.0') }, false],
    ['a package missing', { [a]: entry('1.0.0') }, {}, false],
    ['a package of another platform', { [a]: entry('1.0.0', { optional: true }) }, {}, true],
    ['a workspace', { [a]: { link: true } }, { [a]: { link: true } }, true],
  ])('%s', (_name, wanted, found, fresh) => expect(install(wanted, found)).toBe(fresh));
});

describe('build', () => {
  beforeEach(() => {
    write('tsconfig.base.json');
    write('tsconfig.json', { references: [{ path: 'libs/a' }] });
    write('libs/a/src/index.ts');
    write('libs/a/dist/.tsbuildinfo');
    stampBuild(root, BUILD);
  });

  test('is fresh when nothing changed since', () => expect(isBuildFresh(root)).toBe(true));

  test.each(['libs/a/src/deep/new.ts', 'libs/a/tsconfig.json', 'tsconfig.base.json'])(
    'is stale when %s is newer',
    (path) => {
      write(path, '', AFTER);
      expect(isBuildFresh(root)).toBe(false);
    },
  );

  test.each(['libs/a/src/new.test.ts', 'libs/a/dist/index.js', 'libs/a/node_modules/x.ts'])(
    'does not mind %s',
    (path) => {
      write(path, '', AFTER);
      expect(isBuildFresh(root)).toBe(true);
    },
  );

  test('is stale when a project was never built', () => {
    rmSync(join(root, 'libs/a/dist'), { recursive: true });
    expect(isBuildFresh(root)).toBe(false);
  });
});
