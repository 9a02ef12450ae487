import type { DataSource } from 'typeorm';
import type { Log } from '@bailey/contract';
import type { Secret } from '@bailey/platform';
import { applyChange } from './apply.ts';
import { listBridges, listConsumers, listOperations, listPathways, listSystems } from './catalogue.ts';
import { openDataSource, toStoreFailure } from './data-source.ts';
import { askDescribe, serveDescribe } from './describe-queue.ts';
import { currentEstate, listRevisions, readGeneration, readRevision } from './estate.ts';
import { watchGeneration } from './generation-watch.ts';
import { createKeyStore } from './keys.ts';
import { Listener } from './listener.ts';
import { listReplicas, reportReplica } from './replicas.ts';
import type { KeyStore, Store } from './store.ts';

const guarded =
  <Arguments extends unknown[], Result>(doing: string, work: (...given: Arguments) => Promise<Result>) =>
  (...given: Arguments): Promise<Result> =>
    work(...given).catch((error: unknown) => {
      throw toStoreFailure(error, doing);
    });

const guardedKeys = (keys: KeyStore): KeyStore => ({
  issue: guarded('issuing a key', keys.issue),
  list: guarded('listing keys', keys.list),
  revoke: guarded('revoking a key', keys.revoke),
});

const createStore = (source: DataSource, listener: Listener, log: Log): Store => ({
  apply: guarded('applying a change', (change) => applyChange(source, change)),
  generation: guarded('reading the generation', () => readGeneration(source)),
  current: guarded('reading the estate', (known = new Map<string, number>()) => currentEstate(source, known)),
  revisions: guarded('listing revisions', (bridge) => listRevisions(source, bridge)),
  revision: guarded('reading a revision', (bridge, revision) => readRevision(source, bridge, revision)),
  systems: guarded('listing systems', (filter) => listSystems(source, filter)),
  bridges: guarded('listing bridges', (filter) => listBridges(source, filter)),
  operations: guarded('listing operations', (filter) => listOperations(source, filter)),
  consumers: guarded('listing consumers', (filter) => listConsumers(source, filter)),
  pathways: guarded('listing pathways', (filter) => listPathways(source, filter)),
  keys: guardedKeys(createKeyStore(source)),
  onGeneration: (callback) => watchGeneration(() => readGeneration(source), listener, callback),
  askDescribe: guarded('asking for a description', (request, timeoutMs) =>
    askDescribe(source, listener, request, timeoutMs),
  ),
  serveDescribe: (replica, handler) =>
    serveDescribe(source, listener, (request) => {
      log.info({ replica, bridge: request.resource.metadata.name }, 'Describing a source for the control plane');
      return handler(request);
    }),
  reportReplica: guarded('reporting a replica', (report) => reportReplica(source, report)),
  replicas: guarded('listing replicas', () => listReplicas(source)),
  ping: guarded('asking whether it is there', async () => void (await source.query('select 1'))),
  close: async () => {
    await listener.close();
    await source.destroy();
  },
});

/** Connects, migrates (one starter at a time) and gives the store. Throws `STORE_DOWN`. */
export const openStore = async (options: { url: Secret | string; log: Log }): Promise<Store> => {
  const url = typeof options.url === 'string' ? options.url : options.url.reveal();
  const source = await openDataSource(url, options.log);
  return createStore(source, new Listener(url, options.log), options.log);
};
