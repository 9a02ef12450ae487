import { adapters } from '@bailey/adapters';
import { openStore } from '@bailey/inventory';
import {
  adminKey,
  createLog,
  readSettings,
  startTelemetry,
  systemClock,
  writeRunFile,
  type KeyRecord,
  type Settings,
} from '@bailey/platform';
import { startCatalogue } from './start-catalogue.ts';

/** The first key of a new store has to come from outside: it opens the way to issue the others. */
const ownKeys = async ({ adminKeyFile }: Settings): Promise<readonly KeyRecord[]> =>
  adminKeyFile === undefined ? [] : [(await adminKey(adminKeyFile)).record];

/** The control plane as a process of its own. */
const run = async (settings: Settings): Promise<void> => {
  const { databaseUrl, logLevel } = settings;
  if (databaseUrl === undefined) throw new Error('No store: set BAILEY_DATABASE_URL to a PostgreSQL URL.');
  const log = createLog({ name: 'bailey-catalogue', level: logLevel });
  const telemetry = startTelemetry({ service: 'bailey-catalogue', env: process.env, log });
  const store = await openStore({ url: databaseUrl, log });
  const own = await ownKeys(settings);
  const shared = { settings, store, adapters, telemetry, log, clock: systemClock };
  const catalogue = await startCatalogue({ ...shared, keys: () => own });
  log.info({ url: catalogue.url }, `The catalogue is ready at ${catalogue.url}`);
  const removeRunFile = await writeRunFile(settings.home, { pid: process.pid, controlUrl: catalogue.url }, log);

  const stop = async (): Promise<void> => {
    // A request that does not end must not keep the process.
    setTimeout(() => process.exit(0), settings.shutdownMs).unref();
    await removeRunFile();
    await catalogue.close();
    await store.close();
    await telemetry.shutdown();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
};

try {
  await run(readSettings(process.env));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
