import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, type AdapterHost, type Value } from '@bailey/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeWsdl } from './describe.ts';
import { Instances } from './instances.test-data.ts';
import type { SoapOperation, SoapPlan } from './plan.ts';
import { ReplyReader } from './reply.ts';
import { RequestWriters } from './request.ts';

const corpus = process.env['BAILEY_CORPUS'];
if (corpus === undefined)
  process.stdout.write('codec-corpus: BAILEY_CORPUS is not set, so messages of the WSDLs of the world are skipped.\n');

const silent = () => undefined;
const hostAt = (folder: string): AdapterHost => ({
  fetch: () => Promise.reject(new Error('the network was used')),
  readFile: (path) => readFile(join(folder, path)),
  log: { debug: silent, info: silent, warn: silent, error: silent },
  clock: { now: Date.now, monotonic: () => performance.now(), setTimeout: () => ({ cancel: silent }) },
  signal: new AbortController().signal,
});

/** Both messages of each operation, each as the request and the answer of an echo. */
const echoes = ({ operations }: SoapPlan): SoapOperation[] =>
  operations.flatMap((operation) =>
    [operation.input, ...(operation.output === undefined ? [] : [operation.output])].map((message) => ({
      ...operation,
      input: { ...message, headers: [] },
      output: { ...message, headers: [] },
    })),
  );

const SAMPLES = 3;

const judge = (plan: SoapPlan, operation: SoapOperation, write: (value: Value) => string): number => {
  const values = fc.sample(new Instances(plan.shapes).message(operation.input), { seed: 4711, numRuns: SAMPLES });
  for (const value of values) {
    const stream = new ReplyReader(plan, operation, [], false).open(undefined);
    stream.write(Buffer.from(write(value)));
    expect(JSON.parse(Buffer.from(stream.end()!).toString())).toEqual(value);
  }
  return values.length;
};

const reason = (error: unknown): string =>
  error instanceof Failure
    ? `${error.message} ${JSON.stringify(error.options.errors?.slice(0, 2))}`
    : String(error).slice(0, 600);

describe.skipIf(corpus === undefined)('messages of the WSDLs of the world', () => {
  it('are encoded, and decoded to what they were', async () => {
    const folder = join(corpus!, 'wsdl');
    const lines = (await readFile(join(folder, 'INDEX.tsv'), 'utf8')).trim().split('\n').slice(1);
    const wrong: string[] = [];
    let right = 0;
    for (const [id = '', entry = ''] of lines.map((line) => line.split('\t'))) {
      const { plan } = await describeWsdl({ wsdl: entry }, hostAt(join(folder, id)), { operations: {} });
      const operations = echoes(plan);
      const writers = new RequestWriters({ ...plan, operations });
      for (const operation of operations) {
        try {
          right += judge(plan, operation, (value) => writers.of(operation)(value, ''));
        } catch (error) {
          wrong.push(`${id} ${entry} ${operation.native}: ${reason(error)}`);
        }
      }
    }
    process.stdout.write(`codec-corpus: ${right} messages right, ${wrong.length} operations wrong\n`);
    expect(wrong).toEqual([]);
  }, 300_000);
});
