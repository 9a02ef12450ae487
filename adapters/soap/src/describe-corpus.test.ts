import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, type AdapterHost } from '@bailey/contract';
import { describe, expect, it } from 'vitest';
import { describeWsdl } from './describe.ts';

const corpus = process.env['BAILEY_CORPUS'];
if (corpus === undefined)
  process.stdout.write('describe-corpus: BAILEY_CORPUS is not set, so the WSDLs of the world are skipped.\n');

const hostAt = (folder: string): AdapterHost => {
  const silent = () => undefined;
  return {
    fetch: () => Promise.reject(new Error('the network was used')),
    readFile: (path) => readFile(join(folder, path)),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    clock: { now: Date.now, monotonic: () => performance.now(), setTimeout: () => ({ cancel: silent }) },
    signal: new AbortController().signal,
  };
};

const rowsOf = async (folder: string): Promise<{ id: string; entry: string }[]> => {
  const lines = (await readFile(join(folder, 'INDEX.tsv'), 'utf8')).trim().split('\n').slice(1);
  return lines.map((line) => line.split('\t')).map(([id = '', entry = '']) => ({ id, entry }));
};

describe.skipIf(corpus === undefined)('the WSDLs of the world', () => {
  it('load, or are refused with a place and a reason, without the network', async () => {
    const folder = join(corpus!, 'wsdl');
    const rows = await rowsOf(folder);
    expect(rows.length).toBe((await readdir(folder)).filter((name) => name !== 'INDEX.tsv').length);
    const refused: string[] = [];
    for (const { id, entry } of rows) {
      try {
        const { contract, plan } = await describeWsdl({ wsdl: entry }, hostAt(join(folder, id)), { operations: {} });
        expect(contract.operations.map(({ name }) => name)).toEqual(plan.operations.map(({ name }) => name));
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
        expect((error as Failure).options.more).toMatchObject({ file: expect.any(String), line: expect.any(Number) });
        refused.push(`${id} ${(error as Failure).message}`);
      }
    }
    expect(refused).toEqual([]);
  }, 60_000);
});
