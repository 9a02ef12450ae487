import type { Readable, Writable } from 'node:stream';

const NEWLINE = 0x0a;

/** What a command sees of the world: a test hands in its own. */
export interface Io {
  stdin: Readable;
  stdout: Output;
  stderr: Output;
  env: NodeJS.ProcessEnv;
  /** Absolute; relative paths of the command line start here. */
  cwd: string;
}

/** Resolves once the chunk has left, so that a slow reader sets the pace of a long batch. */
export type Output = (chunk: string | Uint8Array) => Promise<void>;

const outputTo =
  (stream: Writable): Output =>
  (chunk) =>
    new Promise((resolve, reject) => stream.write(chunk, (error) => (error ? reject(error) : resolve())));

/** `bailey … | head` closes the pipe early: the reader has what it wants, and nothing is left to flush. */
const endWithReader = (stream: Writable): void => {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
};

export const processIo = (): Io => {
  endWithReader(process.stdout);
  endWithReader(process.stderr);
  const { stdin, env } = process;
  return { stdin, stdout: outputTo(process.stdout), stderr: outputTo(process.stderr), env, cwd: process.cwd() };
};

export const readAll = async (stream: Readable): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
};

/**
 * The lines of UTF-8 text. readline also breaks at U+2028 and U+2029, which may stand in a JSON string as they are.
 */
export const linesOf = async function* (stream: Readable): AsyncGenerator<string> {
  let started: Buffer[] = [];
  for await (const chunk of stream) {
    let rest = Buffer.from(chunk as Uint8Array);
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      yield Buffer.concat([...started, rest.subarray(0, end)]).toString('utf8');
      started = [];
      rest = rest.subarray(end + 1);
    }
    started.push(rest);
  }
  yield Buffer.concat(started).toString('utf8');
};

export const printJson = (io: Io, value: unknown): Promise<void> => io.stdout(`${JSON.stringify(value)}\n`);
