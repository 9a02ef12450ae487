import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { embeddedPostgres, openStore, type BridgeDoc, type EmbeddedPostgres, type Store } from '@bailey/inventory';
import { answerDescribe } from './describe.ts';
import { depsFor, echoAdapter, echoServer, invoke, silent } from './echo-adapter.test-data.ts';
import { keepSnapshots } from './keep-snapshots.ts';
import { storeSource } from './snapshot-source.ts';

// A loaded machine takes its time for processes and sockets; every wait here is for a condition.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const home = mkdtempSync(join(tmpdir(), 'bailey-store-source-'));
let postgres: EmbeddedPostgres;

beforeAll(async () => {
  chmodSync(home, 0o755);
  postgres = await embeddedPostgres({ home, log: silent });
});

afterAll(async () => {
  await postgres.stop();
  rmSync(home, { recursive: true, force: true });
});

const CANARY = 'c4n4ry-77aa';
const SOURCE = Buffer.from('{"operations":[{"native":"Get"},{"native":"Add","effect":"write"}]}');

const resource = (url: string): BridgeDoc => ({
  apiVersion: 'bailey.dev/v1',
  kind: 'Bridge',
  metadata: { name: 'policy' },
  spec: { system: 'mainframe', adapter: 'echo', connection: { source: './s.json', url, password: { env: 'PW' } } },
});

/** What a control plane does: it has a data plane describe, and writes down the answer. */
const register = async (control: Store, document: BridgeDoc): Promise<void> => {
  const answer = await control.askDescribe({ resource: document, files: { 's.json': SOURCE } }, 10_000);
  if (!answer.ok) throw new Error(answer.problem.detail);
  const bridges = [{ resource: document, described: answer.described, files: answer.files }];
  await control.apply({ systems: [], consumers: [], pathways: [], removed: [], bridges, actor: 'test' });
};

test('control plane and data plane over one store: described, applied, served; then on through a dead database', async () => {
  const legacy = await echoServer();
  const { adapter } = echoAdapter();
  const deps = depsFor([adapter], { env: { PW: CANARY } });
  const cacheFile = join(home, 'snapshot.json');
  const open = () => openStore({ url: postgres.url, log: silent });
  const control = await open();

  // The data plane comes up before its store does.
  const plane: { store?: Store } = {};
  const keeper = await keepSnapshots({ ...deps, source: storeSource(() => plane.store), cacheFile });
  expect(keeper.source).toBe('none');
  const store = await open();
  plane.store = store;
  const serving = store.serveDescribe('replica', (request) => answerDescribe(request, deps));
  await register(control, resource(legacy.url));
  await vi.waitFor(() => expect(keeper.current().bridges.has('policy')).toBe(true), { timeout: 5_000 });
  expect(keeper.source).toBe('store');
  const bridge = keeper.current().bridges.get('policy')!;
  expect(await invoke(bridge, 'get', { text: 'hi' })).toEqual({ text: 'hi' });
  expect((await control.operations({ bridge: 'policy' })).nodes.map(({ name, effect }) => [name, effect])).toEqual([
    ['add', 'write'],
    ['get', 'read'],
  ]);
  const stored = JSON.stringify([await control.revision('policy', 1), await control.current()]);
  expect(stored).not.toContain(CANARY);
  await vi.waitFor(async () => expect(await readFile(cacheFile, 'utf8')).toContain('"policy"'));
  expect(await readFile(cacheFile, 'utf8')).not.toContain(CANARY);

  await serving.close();
  await postgres.stop();
  await expect(control.ping()).rejects.toMatchObject({ code: 'STORE_DOWN' });
  expect(await invoke(bridge, 'get', { text: 'still' })).toEqual({ text: 'still' });
  await keeper.close();

  const restarted = await keepSnapshots({ ...deps, source: storeSource(() => plane.store), cacheFile });
  expect(restarted.source).toBe('cache');
  expect(await invoke(restarted.current().bridges.get('policy')!, 'get', { text: 'again' })).toEqual({ text: 'again' });
  await Promise.all([restarted.close(), control.close(), store.close(), legacy.close()]);
});
