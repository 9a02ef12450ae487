import { Readable } from 'node:stream';
import type { OfflineJob } from '@bailey/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batch } from './batch.ts';
import type { Direction } from './codec.ts';

/** Runs `jobs` through a codec that answers `result`; gives what it was handed, and what was printed. */
const through = async (direction: Direction, jobs: string | Buffer[], result: string) => {
  const handed: OfflineJob[] = [];
  let out = '';
  const stdout = async (chunk: string | Uint8Array): Promise<void> => void (out += String(chunk));
  const io = {
    stdin: Readable.from(typeof jobs === 'string' ? [Buffer.from(jobs)] : jobs),
    stdout,
    stderr: stdout,
    env: {},
    cwd: '/',
  };
  const codec = async (job: OfflineJob): Promise<Uint8Array> => {
    handed.push(job);
    return Buffer.from(result);
  };
  const exit = await batch(direction, codec, { codepage: 'cp037', lrecl: '80' }, io);
  return { exit, out, handed };
};

test('hands JSON on as exactly as floats are', async () => {
  const { handed } = await through('encode', '{"id":1,"input":{"a":-0,"b":1e300,"__proto__":"name"}}', '<a/>');
  expect(Buffer.from(handed[0]!.data).toString()).toBe('{"a":-0,"b":1e+300,"__proto__":"name"}');
});

test('a job may hold any character, and come in pieces', async () => {
  const jobs = Buffer.from('{"id":"a\u2028\u{1f600}b","input":1}\r\n\n{"id":2,"input":1}');
  const pieces = fc.asyncProperty(fc.array(fc.nat(jobs.length)), async (cuts) => {
    const edges = [0, ...cuts.sort((a, b) => a - b), jobs.length];
    const chunks = edges.slice(1).map((end, at) => jobs.subarray(edges[at], end));
    const { out } = await through('encode', chunks, 'x');
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual(['a\u2028\u{1f600}b', 2]);
  });
  await fc.assert(pieces, { numRuns: 50 });
});

test('options of a job go before those of the command line', async () => {
  const { handed } = await through('encode', '{"id":1,"operation":"o","options":{"lrecl":"90"},"input":{}}', '<a/>');
  expect({ ...handed[0]!.options }).toEqual({ codepage: 'cp037', lrecl: '90', operation: 'o' });
});

test('rows are encoded to base64, and decoded from NDJSON to an array', async () => {
  const encoded = await through('encode', '{"id":1,"rows":[{"a":1}]}', 'bytes');
  expect(encoded.out).toBe(`{"id":1,"ok":true,"result":"${btoa('bytes')}"}\n`);
  const decoded = await through('decode', '{"id":1,"dataPath":"/dev/null"}', '{"a":1}\n{"a":2}\n');
  expect(decoded.out).toBe('{"id":1,"ok":true,"result":[{"a":1},{"a":2}]}\n');
});
