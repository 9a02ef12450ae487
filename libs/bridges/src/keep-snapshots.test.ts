import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test, vi } from 'vitest';
import { Failure, camelName, type Described } from '@bailey/contract';
import type { BridgeDoc, ConsumerDoc, Estate, StoredRevision } from '@bailey/inventory';
import { createCallMetrics } from '@bailey/call';
import { createMetrics, hashKey } from '@bailey/platform';
import { depsFor, echoAdapter, echoServer, invoke } from './echo-adapter.test-data.ts';
import { closureFiles } from './file-access.ts';
import { fileSource } from './file-source.ts';
import { keepSnapshots, type KeepOptions } from './keep-snapshots.ts';
import type { LiveBridge, SnapshotKeeper } from './live.ts';
import type { SnapshotSource } from './snapshot-source.ts';

// A loaded machine takes its time for processes and sockets; every wait here is for a condition.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'bailey-keeper-'));
  cleanups.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

const described = (names: string[]): Described => ({
  contract: {
    operations: names.map((native) => ({
      name: camelName(native),
      native,
      effect: 'read',
      exchange: 'unary',
      input: { type: 'object', properties: { text: { type: 'string' } }, additionalProperties: false },
      output: { type: 'object', properties: { text: { type: 'string' } } },
      faults: [],
    })),
    collections: [],
    $defs: {},
  },
  plan: null,
  ledger: [],
  sourceHash: 'h',
});

const document = (
  name: string,
  connection: Record<string, unknown>,
  spec: Partial<BridgeDoc['spec']> = {},
): BridgeDoc => ({
  apiVersion: 'bailey.dev/v1',
  kind: 'Bridge',
  metadata: { name },
  spec: { system: 'mainframe', adapter: 'echo', connection: { source: 's', ...connection }, ...spec },
});

const revision = (number: number, resource: BridgeDoc, names = ['Get']): StoredRevision => ({
  bridge: resource.metadata.name,
  revision: number,
  resource,
  described: described(names),
  files: {},
  createdAt: '2026-01-01T00:00:00Z',
  createdBy: 'test',
  contentHash: `${resource.metadata.name} ${number} ${names.join()}`,
});

/** A source in the hand of the test; like the store, it leaves out what is known. */
const handSource = (revisions: StoredRevision[], more: Partial<Estate> = {}) => {
  let isAway = false;
  let notify = (): void => undefined;
  const state = { revisions, generation: 1, consumers: [] as ConsumerDoc[], keys: [], ...more };
  const source: SnapshotSource = {
    kind: 'store',
    async read(known) {
      if (isAway) throw Failure.of('STORE_DOWN', 'away');
      const given = state.revisions.map((each) =>
        known.get(each.bridge) === each.revision
          ? ({ bridge: each.bridge, revision: each.revision, unchanged: true } as const)
          : each,
      );
      return { ...state, revisions: given, problems: [] };
    },
    filesOf: ({ files }) => closureFiles(files),
    onChange(callback) {
      notify = callback;
      return { close: async () => undefined };
    },
  };
  return {
    source,
    setAway: (away: boolean) => (isAway = away),
    set(next: StoredRevision[]): void {
      state.revisions = next;
      state.generation++;
    },
    knock: () => notify(),
  };
};

const keep = async (options: KeepOptions): Promise<SnapshotKeeper> => {
  const keeper = await keepSnapshots(options);
  cleanups.push(() => keeper.close());
  return keeper;
};

const legacy = async (...given: Parameters<typeof echoServer>) => {
  const server = await echoServer(...given);
  cleanups.push(() => server.close());
  return server;
};

const callThrough = async (keeper: SnapshotKeeper, name: string, input: { text: string }): Promise<unknown> => {
  const bridge = keeper.current().bridges.get(name)!;
  const leave = keeper.enter(bridge);
  try {
    return await invoke(bridge, 'get', input);
  } finally {
    leave();
  }
};

test('serves what the source registers; unchanged bridges are the same objects in the next snapshot', async () => {
  const { url } = await legacy();
  const { adapter, ledger } = echoAdapter();
  const hand = handSource([revision(1, document('a', { url })), revision(1, document('b', { url }))]);
  const keeper = await keep({ ...depsFor([adapter]), source: hand.source });
  expect(await callThrough(keeper, 'a', { text: 'hi' })).toEqual({ text: 'hi' });
  const before = keeper.current();
  const told: number[] = [];
  keeper.onChange(({ generation }) => told.push(generation));
  hand.set([revision(1, document('a', { url })), revision(2, document('b', { url }), ['Get', 'Add'])]);
  hand.knock();
  await vi.waitFor(() => expect(keeper.current().generation).toBe(2));
  expect(keeper.current().bridges.get('a')).toBe(before.bridges.get('a'));
  expect(keeper.current().bridges.get('b')!.operations.has('add')).toBe(true);
  expect(before.bridges.get('b')!.operations.has('add')).toBe(false);
  expect(told).toEqual([2]);
  await vi.waitFor(() => expect(ledger).toMatchObject({ opened: 3, closed: 1 }));
  hand.set([]);
  await keeper.refresh();
  await vi.waitFor(() => expect(ledger.closed).toBe(3));
  expect(keeper.current().bridges.size).toBe(0);
});

test('faces come from the contract, are built once, and scopes are enforced as they are shown', async () => {
  const { url } = await legacy();
  const spec = { access: { scopes: { read: 'r' } }, operations: { Own: { access: { scopes: ['own'] } } } };
  const hand = handSource([revision(1, document('policy-admin', { url }, spec), ['Get', 'Own'])]);
  const keeper = await keep({ ...depsFor([echoAdapter().adapter]), source: hand.source });
  const snapshot = keeper.current();
  const bridge = snapshot.bridges.get('policy-admin')!;
  expect(bridge.scopes.operations).toEqual({ get: ['r'], own: ['own'] });
  await expect(invoke(bridge, 'get', {})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  const caller = { authenticated: true, scopes: new Set(['own']) };
  await expect(invoke(bridge, 'get', {}, { caller })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(await invoke(bridge, 'own', { text: 'x' }, { caller })).toEqual({ text: 'x' });
  expect(snapshot.schema()).toBe(snapshot.schema());
  expect(Object.keys(snapshot.schema().getQueryType()!.getFields())).toEqual(['policyAdmin_get', 'policyAdmin_own']);
  expect(snapshot.bridgeSchema('policy-admin')).toBe(snapshot.bridgeSchema('policy-admin'));
  expect(snapshot.bridgeSchema('none')).toBeUndefined();
  expect(JSON.parse(bridge.openApi())).toMatchObject({ openapi: expect.stringMatching(/^3\.1/) });
  expect(JSON.parse(snapshot.openApi())).toMatchObject({ openapi: expect.stringMatching(/^3\.1/) });
  expect(bridge.openApi()).toBe(bridge.openApi());
});

test('with every backend dead it starts, and a bridge whose secret is missing says so', async () => {
  const dead = 'http://127.0.0.1:1';
  const hand = handSource([
    revision(1, document('a', { url: dead })),
    revision(1, document('b', { url: dead, password: { env: 'NOT_SET' } })),
    revision(1, document('c', { url: `${dead}/refuse` })),
  ]);
  const keeper = await keep({ ...depsFor([echoAdapter().adapter]), source: hand.source });
  await expect(callThrough(keeper, 'a', { text: '' })).rejects.toMatchObject({ code: 'UNREACHABLE', status: 503 });
  // More often than a breaker would allow: the reason must not give way to "breaker open".
  for (let times = 0; times < 20; times++)
    await expect(callThrough(keeper, 'b', { text: '' })).rejects.toMatchObject({
      code: 'BRIDGE_DOWN',
      status: 503,
      message: expect.stringContaining('the environment variable NOT_SET is not set'),
    });
  await expect(callThrough(keeper, 'c', { text: '' })).rejects.toMatchObject({
    code: 'BRIDGE_DOWN',
    message: expect.not.stringContaining('nobody outside'),
  });
  expect(keeper.current().bridges.get('b')!.status()).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('NOT_SET'),
  });
  expect(keeper.problems().map(({ bridge }) => bridge)).toEqual(['b', 'c']);
});

test('a revision that cannot be opened leaves the one before in its place, until it can', async () => {
  const { url } = await legacy();
  const env: NodeJS.ProcessEnv = {};
  const hand = handSource([revision(1, document('a', { url }))]);
  const keeper = await keep({ ...depsFor([echoAdapter().adapter], { env }), source: hand.source });
  hand.set([revision(2, document('a', { url, password: { env: 'LATE' } }), ['Get', 'Add'])]);
  await keeper.refresh();
  expect(keeper.current().bridges.get('a')!.revision).toBe(1);
  expect(keeper.problems()).toMatchObject([{ bridge: 'a', message: expect.stringContaining('LATE') }]);
  expect(await callThrough(keeper, 'a', { text: 'still' })).toEqual({ text: 'still' });
  env['LATE'] = 'here';
  await keeper.refresh();
  expect(keeper.current().bridges.get('a')!.revision).toBe(2);
  expect(keeper.problems()).toEqual([]);
});

test('a retired bridge drains: the call inside ends well, and the line is closed after it', async () => {
  const gate = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const { url } = await legacy(() => (arrived.resolve(), gate.promise));
  const { adapter, ledger } = echoAdapter();
  const hand = handSource([revision(1, document('a', { url }))]);
  const keeper = await keep({ ...depsFor([adapter]), source: hand.source });
  const answer = callThrough(keeper, 'a', { text: 'slow' });
  await arrived.promise;
  hand.set([]);
  await keeper.refresh();
  expect(keeper.current().bridges.size).toBe(0);
  expect(ledger.closed).toBe(0);
  gate.resolve();
  expect(await answer).toEqual({ text: 'slow' });
  await vi.waitFor(() => expect(ledger.closed).toBe(1));
});

test('a call that does not end is cut after the shutdown time', async () => {
  const arrived = Promise.withResolvers<void>();
  const { url } = await legacy(() => (arrived.resolve(), new Promise(() => undefined)));
  const hand = handSource([revision(1, document('a', { url }))]);
  const keeper = await keep({ ...depsFor([echoAdapter().adapter], { shutdownMs: 20 }), source: hand.source });
  const refusal = callThrough(keeper, 'a', { text: 'never' }).catch((error: unknown) => error);
  await arrived.promise;
  hand.set([]);
  await keeper.refresh();
  expect(await refusal).toMatchObject({ code: 'SHUTTING_DOWN', status: 503 });
});

test('thousands of calls across swaps: none fails, none meets a closed line', async () => {
  const { url } = await legacy();
  const { adapter, ledger } = echoAdapter();
  const at = (number: number) => [revision(number, document('a', { url })), revision(1, document('b', { url }))];
  const hand = handSource(at(1));
  const keeper = await keep({ ...depsFor([adapter]), source: hand.source });
  const failures: unknown[] = [];
  let isSwapping = true;
  let calls = 0;
  const caller = async (name: string): Promise<void> => {
    for (; isSwapping; calls++) {
      const text = `${name} ${calls}`;
      const answer = await callThrough(keeper, name, { text }).catch((error: unknown) => error);
      if ((answer as { text?: string }).text !== text) failures.push(answer);
    }
  };
  const callers = [...Array(8).fill('a'), ...Array(4).fill('b')].map(caller);
  for (let swap = 2; swap <= 50; swap++) {
    for (const next = calls + 60; calls < next;) await nextTurn();
    hand.set(at(swap));
    await keeper.refresh();
  }
  isSwapping = false;
  await Promise.all(callers);
  expect(failures).toEqual([]);
  expect(ledger.usedAfterClose).toBe(0);
  await vi.waitFor(() => expect(ledger.opened - ledger.closed).toBe(2));
  expect(keeper.problems()).toEqual([]);
});

test('two hundred swaps leave nothing behind: bridges are collected, metric series stay as many', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const { url } = await legacy();
  const metrics = createMetrics();
  const hand = handSource([revision(1, document('a', { url }))]);
  const deps = depsFor([echoAdapter().adapter], { metrics: createCallMetrics(metrics) });
  const keeper = await keep({ ...deps, source: hand.source });
  const series = async () =>
    (await metrics.render(undefined)).body.split('\n').filter((line) => line.includes('bridge="')).length;
  const before = await series();
  const retired: WeakRef<LiveBridge>[] = [];
  for (let swap = 2; swap <= 200; swap++) {
    retired.push(new WeakRef(keeper.current().bridges.get('a')!));
    keeper.current().schema();
    hand.set([revision(swap, document('a', { url }))]);
    await keeper.refresh();
  }
  await vi.waitFor(async () => {
    await nextTurn();
    collectGarbage();
    // The youngest may still be on its way out.
    expect(retired.filter((reference) => reference.deref()).length).toBeLessThan(5);
  });
  expect(await series()).toBe(before);
});

const consumer = (name: string, identities: ConsumerDoc['spec']['identities']): ConsumerDoc => ({
  apiVersion: 'bailey.dev/v1',
  kind: 'Consumer',
  metadata: { name },
  spec: { owner: 'o', ...(identities && { identities }) },
});

test('knows consumers by their marks, what is proven before what is said', async () => {
  const consumers = [
    consumer('web', [{ header: 'web-app' }, { apiKey: `sha256:${hashKey('k1')}` }]),
    consumer('app', [{ subject: 'app-1' }, { apiKey: { env: 'APP_KEY' } }, { apiKey: { env: 'NOT_SET' } }]),
  ];
  const hand = handSource([], { consumers });
  const keeper = await keep({ ...depsFor([], { env: { APP_KEY: 'k2' } }), source: hand.source });
  const { consumerOf, keys } = keeper.current();
  expect(consumerOf({ header: 'web-app' })).toBe('web');
  expect(consumerOf({ header: 'web-app', subject: 'app-1' })).toBe('app');
  expect(consumerOf({ header: 'app-1' })).toBeUndefined();
  expect(keys.map((key) => [key.consumer, key.hash, key.scopes])).toEqual([
    ['web', hashKey('k1'), []],
    ['app', hashKey('k2'), []],
  ]);
});

test('with the store away a restart serves from the cache, and moves on when the store is back', async () => {
  const { url } = await legacy();
  const cacheFile = join(folder(), 'snapshot.json');
  const env = { PW: 'c4n4ry' };
  const shared = revision(4, document('a', { url, password: { env: 'PW' } }));
  const twin: StoredRevision = {
    ...revision(2, document('b', { url })),
    described: shared.described,
    files: { 'x.wsdl': Buffer.from('<x/>') },
  };
  const first = handSource([shared, twin], { generation: 7, consumers: [consumer('web', [{ header: 'w' }])] });
  const options = { ...depsFor([echoAdapter().adapter], { env }), cacheFile };
  const before = await keepSnapshots({ ...options, source: first.source });
  expect(before.source).toBe('store');
  await before.close();
  expect(statSync(cacheFile).mode & 0o777).toBe(0o600);
  expect(await readFile(cacheFile, 'utf8')).not.toContain('c4n4ry');

  const away = handSource([revision(5, document('a', { url }))], { generation: 8 });
  away.setAway(true);
  const keeper = await keep({ ...options, source: away.source });
  expect(keeper.source).toBe('cache');
  expect(keeper.current()).toMatchObject({ generation: 7 });
  expect(keeper.current().consumerOf({ header: 'w' })).toBe('web');
  expect(await callThrough(keeper, 'a', { text: 'cached' })).toEqual({ text: 'cached' });
  const [a, b] = ['a', 'b'].map((name) => keeper.current().bridges.get(name)!);
  expect(a!.contract).toBe(b!.contract);
  away.setAway(false);
  away.knock();
  await vi.waitFor(() => expect(keeper.source).toBe('store'));
  expect(keeper.current().bridges.get('a')!.revision).toBe(5);
  expect(keeper.current().bridges.has('b')).toBe(false);
});

test('a store that is away, and no cache: nothing is served yet, then what it holds', async () => {
  const hand = handSource([revision(1, document('a', { url: 'http://127.0.0.1:1' }))]);
  hand.setAway(true);
  const cacheFile = join(folder(), 'snapshot.json');
  writeFileSync(cacheFile, '{"format":1,"rev');
  const keeper = await keep({ ...depsFor([echoAdapter().adapter]), source: hand.source, cacheFile });
  expect([keeper.source, keeper.current().bridges.size]).toEqual(['none', 0]);
  hand.setAway(false);
  // Nobody knocks: it tries again by itself.
  await vi.waitFor(() => expect(keeper.source).toBe('store'), { timeout: 3_000 });
  expect(keeper.current().bridges.has('a')).toBe(true);
});

test('a store that goes away later changes nothing that is served', async () => {
  const { url } = await legacy();
  const hand = handSource([revision(1, document('a', { url }))]);
  const keeper = await keep({ ...depsFor([echoAdapter().adapter]), source: hand.source });
  hand.setAway(true);
  await expect(keeper.refresh()).rejects.toMatchObject({ code: 'STORE_DOWN' });
  expect(keeper.source).toBe('store');
  expect(await callThrough(keeper, 'a', { text: 'on' })).toEqual({ text: 'on' });
});

const yaml = (name: string, url: string, source = './s.json') => `apiVersion: bailey.dev/v1
kind: Bridge
metadata: { name: ${name} }
spec: { system: s, adapter: echo, connection: { source: ${source}, url: "${url}" } }
---
`;

test('a gateway from files: a change is served, a mistake is not, a file that changes is described again', async () => {
  const { url } = await legacy();
  const home = folder();
  const file = join(home, 'estate.yaml');
  writeFileSync(join(home, 's.json'), '{"operations":[{"native":"Get"}]}');
  writeFileSync(file, yaml('a', url));
  const { adapter, ledger } = echoAdapter();
  const deps = depsFor([adapter]);
  const keeper = await keep({ ...deps, source: fileSource(file, deps) });
  expect(keeper.source).toBe('files');
  expect(await callThrough(keeper, 'a', { text: 'hi' })).toEqual({ text: 'hi' });
  writeFileSync(file, yaml('a', url) + yaml('b', url));
  await keeper.refresh();
  expect([...keeper.current().bridges.keys()]).toEqual(['a', 'b']);
  expect(ledger.described).toBe(2);
  writeFileSync(file, 'kind: Brige');
  await expect(keeper.refresh()).rejects.toMatchObject({ code: 'INVALID_RESOURCE' });
  expect([...keeper.current().bridges.keys()]).toEqual(['a', 'b']);
  writeFileSync(file, yaml('a', url));
  writeFileSync(join(home, 's.json'), '{"operations":[{"native":"Get"},{"native":"Add"}]}');
  await vi.waitFor(() => expect(keeper.current().bridges.get('a')!.operations.has('add')).toBe(true), {
    timeout: 5_000,
  });
  expect(keeper.current().bridges.has('b')).toBe(false);
});

test('a file gateway whose source is gone serves the bridge as it was cached', async () => {
  const { url } = await legacy();
  const home = folder();
  const cacheFile = join(home, 'snapshot.json');
  writeFileSync(join(home, 's.json'), '{"operations":[{"native":"Get"}]}');
  writeFileSync(join(home, 'estate.yaml'), yaml('a', url) + yaml('b', url, './other.json'));
  const deps = depsFor([echoAdapter().adapter]);
  const open = () => keepSnapshots({ ...deps, cacheFile, source: fileSource(home, deps) });
  const before = await open();
  expect([...before.current().bridges.keys()]).toEqual(['a']);
  expect(before.problems().map(({ bridge }) => bridge)).toEqual(['b']);
  await before.close();
  rmSync(join(home, 's.json'));
  const keeper = await open();
  cleanups.push(() => keeper.close());
  expect(await callThrough(keeper, 'a', { text: 'old' })).toEqual({ text: 'old' });
  expect(keeper.problems().map(({ bridge }) => bridge)).toEqual(['a', 'b']);
});

test('files that are wrong from the start, and nothing cached: the start is refused with the place', async () => {
  const home = folder();
  writeFileSync(join(home, 'estate.yaml'), yaml('a', 'x').replace('echo', 'ecko'));
  const deps = depsFor([echoAdapter().adapter]);
  await expect(keepSnapshots({ ...deps, source: fileSource(home, deps) })).rejects.toMatchObject({
    code: 'INVALID_RESOURCE',
    message: expect.stringContaining('estate.yaml:4'),
  });
});

test('a cache that cannot be written harms nothing', async () => {
  const obstacle = join(folder(), 'a-file');
  writeFileSync(obstacle, '');
  const cacheFile = join(obstacle, 'snapshot.json');
  const hand = handSource([revision(1, document('a', { url: 'http://127.0.0.1:1' }))]);
  const keeper = await keepSnapshots({ ...depsFor([echoAdapter().adapter]), source: hand.source, cacheFile });
  await keeper.close();
  expect(existsSync(cacheFile)).toBe(false);
});

test('health is asked for in the background', async () => {
  const { url } = await legacy();
  const hand = handSource([revision(1, document('a', { url }))]);
  const keeper = await keep({ ...depsFor([echoAdapter().adapter]), source: hand.source });
  const bridge = keeper.current().bridges.get('a')!;
  expect(bridge.status()).toMatchObject({ state: 'unknown', inFlight: 0, breaker: {} });
  await vi.waitFor(() => expect(bridge.status()).toMatchObject({ state: 'up', reason: 'it echoes' }), {
    timeout: 3_000,
  });
});
