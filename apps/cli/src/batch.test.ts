import { Readable } from 'node:stream';
import type { OfflineJob } from '@bailey/contract';
import { expect, test } from 'vitest';
import { batch } from './batch.ts';
import type { Direction } from './codec.ts';

/** Runs `jobs` through a codec that answers `result`; gives what it was handed, and what was printed. */
const through = async (direction: Direction, jobs: string, result: string) => {
  const handed: OfflineJob[] = [];
  let out = '';
  const stdout = async (chunk: string | Uint8Array): Promise<void> => void (out += String(chunk));
  const io = { stdin: Readable.from([Buffer.from(jobs)]), stdout, stderr: stdout, env: {}, cwd: '/' };
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
