import 'reflect-metadata';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { fileSource, keepSnapshots, storeSource, type SnapshotKeeper } from '@bailey/bridges';
import { createCallMetrics } from '@bailey/call';
import { createIdentity, drainServer, type KeyRecord } from '@bailey/platform';
import { malformedRequestAnswer } from '@bailey/surface';
import { refuseBadPath, registerDataPlane } from './data-plane.ts';
import type { DataPlane, GatewayDeps } from './deps.ts';
import { GatewayModule } from './gateway.module.ts';
import { callFromGraphql } from './graphql.ts';
import { joinStore } from './store-link.ts';

export interface RunningGateway {
  /** `http://host:port`, as it is really bound. */
  url: string;
  keeper: SnapshotKeeper;
  /** Says unready, lets calls in flight end, then closes the listener and every line. Safe to call twice. */
  close(): Promise<void>;
}

/** Slow headers, slow bodies and idle connections end; a slow legacy answer does not (it has its own deadline). */
const SERVER = {
  requestTimeout: 60_000,
  keepAliveTimeout: 72_000,
  http: { headersTimeout: 10_000, insecureHTTPParser: false },
} as const;

const keepFrom = (deps: GatewayDeps): Promise<SnapshotKeeper> => {
  const { settings, telemetry, adapters, env, log, clock } = deps;
  const describing = { adapters, env, tracing: telemetry.tracing, log, clock };
  return keepSnapshots({
    ...describing,
    source: deps.store ? storeSource(deps.store) : fileSource(settings.files!, describing),
    cacheFile: join(settings.home, 'snapshot.json'),
    metrics: createCallMetrics(telemetry.metrics),
    openAccess: settings.openAccess,
    graphqlCall: callFromGraphql,
    shutdownMs: settings.shutdownMs,
  });
};

/** The same list for the same snapshot: the keyring is indexed anew only when the list changes. */
const keysFrom = (keeper: SnapshotKeeper, own: readonly KeyRecord[]): (() => readonly KeyRecord[]) => {
  let seen: readonly KeyRecord[] | undefined;
  let all: readonly KeyRecord[] = own;
  return () => {
    const { keys } = keeper.current();
    if (keys !== seen) {
      seen = keys;
      all = [...own, ...keys];
    }
    return all;
  };
};

const urlOf = (app: NestFastifyApplication): string => {
  const { address, port, family } = app.getHttpServer().address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
};

const listen = async (plane: DataPlane): Promise<NestFastifyApplication> => {
  const { settings } = plane;
  const server = new FastifyAdapter({
    ...SERVER,
    bodyLimit: settings.maxBodyBytes,
    forceCloseConnections: 'idle',
    // What arrives on an open connection while we drain is served like the rest.
    return503OnClosing: false,
    frameworkErrors: refuseBadPath(plane),
    clientErrorHandler: (error, socket) => {
      if (socket.writable) socket.end(malformedRequestAnswer(error.code));
    },
    routerOptions: { maxParamLength: 1024 },
  });
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule.of(plane), server, {
    bodyParser: false,
    logger: ['error', 'warn'],
  });
  await registerDataPlane(app.getHttpAdapter().getInstance() as never, plane);
  await app.listen(settings.port, settings.host);
  return app;
};

/** Starts a data plane: it serves what its source gives, or what it cached, whether or not any system answers. */
export const startGateway = async (deps: GatewayDeps): Promise<RunningGateway> => {
  const { settings, telemetry, log, clock } = deps;
  const keeper = await keepFrom(deps);
  let isDraining = false;
  const identity = createIdentity({ keys: keysFrom(keeper, deps.keys ?? []), oidc: settings.oidc, clock });
  const plane: DataPlane = { settings, telemetry, keeper, identity, log, isDraining: () => isDraining };
  const app = await listen(plane).catch(async (error: unknown) => {
    await keeper.close();
    throw error;
  });
  const link = deps.store ? joinStore(deps.store, keeper, deps) : undefined;
  await link?.joined;

  const stop = async (): Promise<void> => {
    isDraining = true;
    await link?.close();
    await drainServer(app.getHttpServer(), () => app.close(), settings.shutdownMs);
    await keeper.close();
  };
  let stopping: Promise<void> | undefined;
  return { url: urlOf(app), keeper, close: () => (stopping ??= stop()) };
};
