import { adapters } from '@bailey/adapters';
import { openStore } from '@bailey/inventory';
import { createLog, readSettings, startTelemetry, systemClock, type Settings } from '@bailey/platform';
import { startCatalogue } from './start-catalogue.ts';

/** The control plane as a process of its own. */
const run = async (settings: Settings): Promise<void> => {
  const { databaseUrl, logLevel } = settings;
  if (databaseUrl === undefined) throw new Error('No store: set BAILEY_DATABASE_URL to a PostgreSQL URL.');
  const log = createLog({ name: 'bailey-catalogue', level: logLevel });
  const telemetry = startTelemetry({ service: 'bailey-catalogue', env: process.env, log });
  const store = await openStore({ url: databaseUrl, log });
  const catalogue = await startCatalogue({ settings, store, adapters, telemetry, log, clock: systemClock });
  log.info({ url: catalogue.url }, `The catalogue is ready at ${catalogue.url}`);

  const stop = async (): Promise<void> => {
    // A request that does not end must not keep the process.
    setTimeout(() => process.exit(0), settings.shutdownMs).unref();
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
