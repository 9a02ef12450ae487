import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { createIdentity } from '@bailey/platform';
import { registerAdmission } from './access/admission.ts';
import { createKeyring } from './access/keyring.ts';
import { CatalogueModule } from './catalogue.module.ts';
import type { CatalogueDeps, ControlPlane } from './deps.ts';
import { nestLog } from './nest-log.ts';
import { ProblemFilter } from './problem.filter.ts';
import { watchRoutes } from './route-table.ts';

export interface RunningCatalogue {
  /** `http://host:port`, as it is really bound. */
  url: string;
  /** Lets requests in progress end, then closes the listener. Safe to call twice; the store stays open. */
  close(): Promise<void>;
}

const SERVER = {
  // A description may take a minute, and the replicas some seconds after it.
  requestTimeout: 60_000,
  keepAliveTimeout: 72_000,
  http: { headersTimeout: 10_000 },
  forceCloseConnections: 'idle',
} as const;

/** Bodies stay text: what they must be, each reader knows; GraphQL takes them as they are. */
const acceptJson = (server: FastifyInstance): void => {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
};

const urlOf = (app: NestFastifyApplication): string => {
  const { address, port, family } = app.getHttpServer().address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
};

const listen = async (plane: ControlPlane): Promise<NestFastifyApplication> => {
  const { settings, log } = plane;
  const adapter = new FastifyAdapter({
    ...SERVER,
    bodyLimit: settings.maxBodyBytes,
    routerOptions: { ignoreTrailingSlash: true },
  });
  const server = adapter.getInstance() as unknown as FastifyInstance;
  const routes = watchRoutes(server);
  registerAdmission(server, plane);
  acceptJson(server);
  const app = await NestFactory.create<NestFastifyApplication>(CatalogueModule.of(plane), adapter, {
    bodyParser: false,
    logger: nestLog(log),
    abortOnError: false,
  });
  app.useGlobalFilters(new ProblemFilter(routes, log));
  await app.listen(settings.controlPort, settings.host);
  return app;
};

/** Starts a control plane on an open store. */
export const startCatalogue = async (deps: CatalogueDeps): Promise<RunningCatalogue> => {
  const { settings, store, clock, log } = deps;
  const keyring = createKeyring(store, log, deps.keys);
  const identity = createIdentity({ keys: keyring.keys, oidc: settings.oidc, clock });
  const start = async (): Promise<NestFastifyApplication> => {
    await keyring.refresh();
    return listen({ ...deps, identity, keyring });
  };
  const app = await start().catch(async (error: unknown) => {
    await keyring.close();
    throw error;
  });
  const stop = async (): Promise<void> => {
    await app.close();
    await keyring.close();
  };
  let stopping: Promise<void> | undefined;
  return { url: urlOf(app), close: () => (stopping ??= stop()) };
};
