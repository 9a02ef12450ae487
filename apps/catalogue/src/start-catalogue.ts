import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Failure } from '@bailey/contract';
import { createIdentity, drainServer } from '@bailey/platform';
import { malformedRequestAnswer, toProblem } from '@bailey/surface';
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

/** Slow headers, slow bodies and idle connections end; a slow description does not. */
const SERVER = {
  requestTimeout: 60_000,
  keepAliveTimeout: 72_000,
  http: { headersTimeout: 10_000 },
  forceCloseConnections: 'idle',
  // What arrives on an open connection while we drain is served like the rest.
  return503OnClosing: false,
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

/** A path that Fastify cannot even decode reaches neither a guard nor the filter. */
const refuseBadPath =
  ({ telemetry }: ControlPlane) =>
  (_error: unknown, _request: unknown, reply: FastifyReply): void => {
    const { traceId } = telemetry.tracing.start('bad path', 'server', undefined, {});
    const failure = Failure.of('INVALID_INPUT', 'Reading the path: it is not valid percent-encoding.');
    const { status, headers, body } = toProblem(failure, { traceId });
    void reply.status(status).headers(headers).send(JSON.stringify(body));
  };

const listen = async (plane: ControlPlane): Promise<NestFastifyApplication> => {
  const { settings, log } = plane;
  const adapter = new FastifyAdapter({
    ...SERVER,
    bodyLimit: settings.maxBodyBytes,
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: refuseBadPath(plane),
    clientErrorHandler: (error, socket) => {
      if (socket.writable) socket.end(malformedRequestAnswer(error.code));
    },
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
  const { settings, clock } = deps;
  const keyring = createKeyring(deps);
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
    await drainServer(app.getHttpServer(), () => app.close(), settings.shutdownMs);
    await keyring.close();
  };
  let stopping: Promise<void> | undefined;
  return { url: urlOf(app), close: () => (stopping ??= stop()) };
};
