import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WSDL, folderWith, planeThat, run, splitSource } from './cli.test-data.ts';

test('describes a source for people', async () => {
  const cwd = await folderWith({ 'rates.wsdl': WSDL });
  const { exit, out } = await run(['describe', 'soap', 'rates.wsdl'], { cwd });
  expect(exit).toBe(0);
  expect(out).toMatch(/^rates\.wsdl \([\d.]+ ms\)\nOPERATION  EFFECT  INPUT → OUTPUT\n/);
  expect(out).toContain('getRate    write   rate → rate, note?');
  expect(out).toMatch(/Ledger: \d+ supported, 0 approximated, 0 refused/);
});

test('one line a source, the bad ones with their place, and exit 1', async () => {
  const cwd = await folderWith({ 'a.wsdl': WSDL, 'b.wsdl': '<definitions>\n<oops', 'c.wsdl': WSDL });
  const ran = await run(['describe', 'soap', '--json', 'a.wsdl', 'b.wsdl', 'missing.wsdl', join(cwd, 'c.wsdl')], {
    cwd,
  });
  const [first, broken, missing, last] = ran.lines();
  expect(ran.exit).toBe(1);
  expect(first).toMatchObject({ source: 'a.wsdl', ok: true, contract: { operations: [{ name: 'getRate' }] } });
  expect(first.plan).toBeTypeOf('object');
  expect(first.ledger[0].where.file).toBe('a.wsdl');
  expect(broken).toMatchObject({
    source: 'b.wsdl',
    ok: false,
    error: { code: 'SOURCE_REFUSED', file: 'b.wsdl', line: 2 },
  });
  expect(broken.error.message).not.toContain(cwd);
  expect(missing.error).toMatchObject({ code: 'SOURCE_REFUSED', file: 'missing.wsdl', line: 1, construct: 'file' });
  expect(last.ledger[0].where.file).toBe(join(cwd, 'c.wsdl'));
});

test('imports from a sibling of the working folder, and names it so', async () => {
  const cwd = join(await splitSource(), 'wsdl');
  const { exit, lines } = await run(['describe', 'soap', '--json', 'rates.wsdl'], { cwd });
  expect(exit).toBe(0);
  const { contract, ledger } = lines()[0];
  expect(contract.operations).toHaveLength(1);
  const files = new Set(ledger.map((entry: { where: { file: string } }) => entry.where.file));
  expect(files).toEqual(new Set(['rates.wsdl', '../xsd/r.xsd']));
});

test('a link that leads to itself, a folder and a device are refused, not a crash', async () => {
  const cwd = await folderWith({});
  await symlink('loop.wsdl', join(cwd, 'loop.wsdl'));
  const { exit, lines } = await run(['describe', 'soap', '--json', 'loop.wsdl', '.', '/dev/zero'], { cwd });
  expect(exit).toBe(1);
  expect(lines().map(({ error }) => error.code)).toEqual(Array(3).fill('SOURCE_REFUSED'));
});

test('fetches a source that is a URL', async () => {
  const { url, seen } = await planeThat(() => ({ type: 'text/xml', body: WSDL }));
  const { exit } = await run(['describe', 'soap', `${url}/rates?wsdl`]);
  expect(exit).toBe(0);
  expect(seen.map((each) => each.url)).toEqual(['/rates?wsdl']);
});

test('takes the port named, and refuses one that is not there', async () => {
  const cwd = await folderWith({ 'a.wsdl': WSDL });
  expect((await run(['describe', 'soap', 'a.wsdl', '--service', 'S', '--port', 'P'], { cwd })).exit).toBe(0);
  expect((await run(['describe', 'soap', 'a.wsdl', '--port', 'Q'], { cwd })).exit).toBe(1);
});
