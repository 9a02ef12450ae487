import type { OfflineJob, OfflineTools, Value } from '@bailey/contract';
import { batch } from './batch.ts';
import { EXIT, UsageError, type ExitCode } from './exit.ts';
import { parseFlags } from './flags.ts';
import { printJson, readAll, type Io } from './io.ts';
import { adapterNamed, offlineHost } from './offline-host.ts';
import { problemOf } from './problem.ts';
import { optionsInFull, sourceOptions } from './source-path.ts';

export type Direction = 'decode' | 'encode';

/** One direction of an adapter's codec, its host kept: compiled sources are remembered by host. */
export type Codec = (job: OfflineJob) => Promise<Uint8Array>;

const codecOf = (tools: OfflineTools, direction: Direction, io: Io): Codec => {
  const host = offlineHost(io.cwd);
  const sources = sourceOptions(tools);
  return ({ options, data }) => tools[direction]({ options: optionsInFull(options, sources, io), data }, host);
};

const single = async (codec: Codec, options: Record<string, Value>, io: Io): Promise<ExitCode> => {
  try {
    await io.stdout(await codec({ options, data: await readAll(io.stdin) }));
    return EXIT.done;
  } catch (error) {
    await printJson(io, problemOf(error));
    return EXIT.failed;
  }
};

/** JSON ends its line; native bytes stand as they are. */
const withNewline =
  (codec: Codec): Codec =>
  async (job) => {
    const json = await codec(job);
    return json.at(-1) === 0x0a ? json : Buffer.concat([json, Buffer.from('\n')]);
  };

/** `bailey decode` and `bailey encode`: the codec alone, one job or `--batch`. A refusal is a problem document. */
export const runCodec = async (
  direction: Direction,
  kind: string,
  words: string[],
  flags: { batch?: boolean },
  io: Io,
): Promise<ExitCode> => {
  const { offline } = await adapterNamed(kind);
  if (!offline) throw new UsageError(`the adapter "${kind}" has no codec for the command line`);
  const options = parseFlags(words);
  const codec = codecOf(offline, direction, io);
  if (flags.batch) return batch(direction, codec, options, io);
  return single(direction === 'decode' ? withNewline(codec) : codec, options, io);
};
