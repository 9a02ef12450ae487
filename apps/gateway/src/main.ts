import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { adapters } from '@bailey/adapters';
import { createLog, readSettings, startTelemetry, systemClock, writeRunFile, type Settings } from '@bailey/platform';
import { startGateway } from './gateway.ts';
import { openWhenThere } from './store-link.ts';

/**
 * The data plane as a process of its own: registrations from the store (`BAILEY_DATABASE_URL`), or from resource
 * files without any database (`BAILEY_FILES`, or `-f FILE|DIR`).
 */
const run = async (settings: Settings): Promise<void> => {
  const log = createLog({ name: 'bailey-gateway', level: settings.logLevel });
  const telemetry = startTelemetry({ service: 'bailey-gateway', env: process.env, log });
  const clock = systemClock;
  const { databaseUrl } = settings;
  if (databaseUrl === undefined && settings.files === undefined)
    throw new Error('Nothing to serve: set BAILEY_DATABASE_URL (a store), or BAILEY_FILES or -f (resource files).');
  const store =
    settings.files === undefined && databaseUrl ? openWhenThere({ url: databaseUrl, log, clock }) : undefined;
  await store?.first;
  const gateway = await startGateway({
    settings,
    adapters,
    telemetry,
    log,
    clock,
    env: process.env,
    ...(store ? { store: store.current } : {}),
  });
  log.info({ url: gateway.url, source: gateway.keeper.source }, `The gateway is ready at ${gateway.url}`);
  const removeRunFile = await writeRunFile(settings.home, { pid: process.pid, dataUrl: gateway.url }, log);

  const stop = async (): Promise<void> => {
    await removeRunFile();
    await gateway.close();
    await store?.close();
    await telemetry.shutdown();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
};

/** `-f` wins over the variable. */
const settingsFrom = (args: string[]): Settings => {
  const { values } = parseArgs({ args, options: { file: { type: 'string', short: 'f' } } });
  const settings = readSettings(process.env);
  return values.file === undefined ? settings : { ...settings, files: resolve(values.file) };
};

try {
  await run(settingsFrom(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
