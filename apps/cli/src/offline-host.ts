import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure, type Adapter, type AdapterHost, type Log } from '@bailey/contract';
import { UsageError } from './exit.ts';

const silent = (): void => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent };

/** The system's clock; @bailey/platform has it too, but brings the machine room along. */
const clock: AdapterHost['clock'] = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (callback, ms) => {
    const timer = setTimeout(callback, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};

const noNetwork = async (): Promise<never> => {
  throw Failure.of('EGRESS_REFUSED', 'Working offline: nothing is fetched. Put a copy beside the source.');
};

/** A device never ends, and would be read until the memory does. */
const readWhole = async (path: string): Promise<Uint8Array> => {
  if ((await stat(path)).isCharacterDevice()) throw Object.assign(new Error(`${path} is a device`), { code: 'EACCES' });
  return readFile(path);
};

const readFrom =
  (cwd: string): AdapterHost['readFile'] =>
  (path) =>
    readWhole(path.startsWith('file:///') ? fileURLToPath(path) : resolve(cwd, path));

/** Reads any file that its user may read, and never the network. */
export const offlineHost = (cwd: string): AdapterHost => ({
  fetch: noNetwork,
  readFile: readFrom(cwd),
  log,
  clock,
  signal: new AbortController().signal,
});

const FETCH_MS = 60_000;

/** A host that reaches `allow` for as long as `work` takes, a minute at most. */
export const withOnlineHost = async <Result>(
  cwd: string,
  allow: readonly string[],
  work: (host: AdapterHost) => Promise<Result>,
): Promise<Result> => {
  const [{ createAdapterHost }, { tracing }] = await Promise.all([import('@bailey/bridges'), quietTelemetry()]);
  const signal = AbortSignal.timeout(FETCH_MS);
  const host = createAdapterHost({ bridge: 'offline', allow, readFile: readFrom(cwd), tracing, log, clock, signal });
  try {
    return await work(host);
  } finally {
    await host.close();
  }
};

/** What describing a resource needs besides adapters; a command line exports no traces. */
export const quietDeps = async (env: NodeJS.ProcessEnv) => ({ env, log, clock, ...(await quietTelemetry()) });

const quietTelemetry = async () => {
  const { createTracing } = await import('@bailey/platform');
  return { tracing: createTracing(undefined) };
};

export const adapterNamed = async (kind: string): Promise<Adapter> => {
  const { adapters } = await import('@bailey/adapters');
  const adapter = adapters.find((each) => each.kind === kind);
  if (adapter) return adapter;
  throw new UsageError(`there is no adapter "${kind}"; there are: ${adapters.map((each) => each.kind).join(', ')}`);
};
