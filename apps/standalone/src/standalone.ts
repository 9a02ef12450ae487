import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { adapters } from '@bailey/adapters';
import { startCatalogue } from '@bailey/catalogue';
import { startGateway } from '@bailey/gateway';
import { embeddedPostgres, openStore } from '@bailey/inventory';
import {
  adminKey,
  createLog,
  secret,
  startTelemetry,
  systemClock,
  writeRunFile,
  type Settings,
} from '@bailey/platform';
import { ESTATE_RESOURCES, startEstate } from './estate.ts';
import type { Options } from './options.ts';
import { Registration } from './registration.ts';

export interface Standalone {
  dataUrl: string;
  controlUrl: string;
  /** Ends everything in the opposite order of its start. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Data plane, control plane, store and sample estate in one process. The two planes meet in the store alone, just as
 * they do when each is a deployment of its own.
 */
export const startStandalone = async (settings: Settings, options: Options): Promise<Standalone> => {
  const { home } = settings;
  await using opened = new AsyncDisposableStack();
  await mkdir(home, { recursive: true });
  const log = createLog({ name: 'bailey', level: settings.logLevel });
  const clock = systemClock;
  const telemetry = startTelemetry({ service: 'bailey', env: process.env, log });
  opened.defer(() => telemetry.shutdown());

  const url = settings.databaseUrl ?? secret(await ownDatabase(home, log, opened));
  const store = await openStore({ url, log });
  opened.defer(() => store.close());

  const estate = options.estate ? await startEstate(log) : undefined;
  if (estate) opened.defer(() => estate.stop());
  const env = estate ? { ...process.env, BAILEY_ESTATE_SOAP_URL: estate.soapUrl } : process.env;

  const { key, record } = await adminKey(settings.adminKeyFile ?? join(home, 'admin.key'));
  const shared = { settings, adapters, telemetry, log, clock };
  const gateway = await startGateway({ ...shared, env, store: () => store, keys: [record] });
  opened.defer(() => gateway.close());
  const catalogue = await startCatalogue({ ...shared, store, keys: () => [record] });
  opened.defer(() => catalogue.close());

  const registration = new Registration(catalogue.url, key);
  const deps = { adapters, env, tracing: telemetry.tracing, log, clock };
  if (options.estate) await registration.apply(ESTATE_RESOURCES, deps);
  else await registration.removeEstate();
  for (const path of options.files) await registration.apply(path, deps);

  const addresses = { dataUrl: gateway.url, controlUrl: catalogue.url };
  opened.defer(await writeRunFile(home, { pid: process.pid, ...addresses }, log));
  const running = opened.move();
  let closing: Promise<void> | undefined;
  return {
    ...addresses,
    close: () => (closing ??= running.disposeAsync()),
  };
};

const ownDatabase = async (
  home: string,
  log: ReturnType<typeof createLog>,
  opened: AsyncDisposableStack,
): Promise<string> => {
  const database = await embeddedPostgres({ home, log });
  opened.defer(() => database.stop());
  return database.url;
};
