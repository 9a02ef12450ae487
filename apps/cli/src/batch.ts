import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Failure, type OfflineJob, type Value } from '@bailey/contract';
import type { Codec, Direction } from './codec.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { linesOf, type Io } from './io.ts';
import { problemOf } from './problem.ts';

type Job = Record<string, Value>;

const invalid = (pointer: string, message: string): Failure =>
  Failure.of('INVALID_INPUT', `Reading the job: ${message}.`, { errors: [{ pointer, message }] });

const parseJob = (line: string): Job => {
  let job: unknown;
  try {
    job = JSON.parse(line);
  } catch (cause) {
    throw Failure.of('MALFORMED_JSON', 'Reading the job: the line is not JSON.', { cause });
  }
  if (typeof job !== 'object' || job === null || Array.isArray(job)) throw invalid('', 'it must be an object');
  return job as Job;
};

const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** `JSON.stringify` loses the sign of -0, which a float has. */
const jsonOf = (value: Value): string =>
  JSON.stringify(value, (_, member: unknown) => (Object.is(member, -0) ? rawJSON('-0') : member));

const memberOf = (job: Job, name: string): Value | undefined => (Object.hasOwn(job, name) ? job[name] : undefined);

/** The text was decoded on its way into JSON: what its declaration says of bytes holds no longer. */
const xmlBytes = (xml: string): Uint8Array =>
  Buffer.from(xml.replace(/^(\uFEFF?<\?xml[^>]*?)\s+encoding\s*=\s*(?:"[^"]*"|'[^']*')/, '$1'));

const dataOf = async (job: Job, direction: Direction, io: Io): Promise<Uint8Array> => {
  const [xml, path] = [memberOf(job, 'xml'), memberOf(job, 'dataPath')];
  const input = memberOf(job, 'input') ?? memberOf(job, 'rows');
  if (direction === 'encode' && input !== undefined) return Buffer.from(jsonOf(input));
  if (direction === 'decode' && typeof xml === 'string') return xmlBytes(xml);
  if (typeof path === 'string') return readData(resolve(io.cwd, path));
  throw direction === 'encode'
    ? invalid('/input', 'input is required')
    : invalid('/xml', 'xml (text) or dataPath is required');
};

const readData = (path: string): Promise<Uint8Array> =>
  readFile(path).catch((cause: unknown) => {
    throw Failure.of('INVALID_INPUT', 'Reading the job: its data cannot be read.', {
      cause,
      errors: [{ pointer: '/dataPath', message: 'cannot be read' }],
    });
  });

const DATA = new Set(['id', 'xml', 'input', 'rows', 'dataPath', 'options']);

const optionsOf = (job: Job, flags: Record<string, Value>): OfflineJob['options'] => {
  const { options } = job;
  const own = Object.entries(job).filter(([name]) => !DATA.has(name));
  const nested = typeof options === 'object' && options !== null && !Array.isArray(options) ? options : {};
  return Object.assign(Object.create(null), flags, Object.fromEntries(own), nested) as OfflineJob['options'];
};

/** JSON text of `result`. Decoded JSON is passed on as it was written: parsing it again could only change it. */
const resultText = (job: Job, direction: Direction, result: Uint8Array): string => {
  if (direction === 'encode' && Object.hasOwn(job, 'rows'))
    return JSON.stringify(Buffer.from(result).toString('base64'));
  const text = Buffer.from(result).toString('utf8');
  if (direction === 'encode') return JSON.stringify(text);
  // No JSON text has a line break inside a value, so the lines of NDJSON are the items of an array.
  return Object.hasOwn(job, 'dataPath')
    ? `[${text.trim().replaceAll(/\r?\n/g, ',')}]`
    : text.replaceAll(/[\r\n]/g, ' ');
};

const answer = async (line: string, run: (job: Job) => Promise<string>): Promise<{ ok: boolean; text: string }> => {
  let id: Value = null;
  try {
    const job = parseJob(line);
    id = memberOf(job, 'id') ?? null;
    return { ok: true, text: `{"id":${JSON.stringify(id)},"ok":true,"result":${await run(job)}}\n` };
  } catch (error) {
    return { ok: false, text: `${JSON.stringify({ id, ok: false, error: problemOf(error) })}\n` };
  }
};

/** NDJSON jobs in, one answer a line out, in order and as they come. Failed when any job is. */
export const batch = async (
  direction: Direction,
  codec: Codec,
  flags: Record<string, Value>,
  io: Io,
): Promise<ExitCode> => {
  const run = async (job: Job): Promise<string> =>
    resultText(job, direction, await codec({ options: optionsOf(job, flags), data: await dataOf(job, direction, io) }));
  let exit: ExitCode = EXIT.done;
  for await (const line of linesOf(io.stdin)) {
    if (line.trim() === '') continue;
    const { ok, text } = await answer(line, run);
    await io.stdout(text);
    if (!ok) exit = EXIT.failed;
  }
  return exit;
};
