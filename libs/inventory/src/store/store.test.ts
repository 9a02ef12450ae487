import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Described, Failure, Log, Operation } from '@bailey/contract';
import { hashKey } from '@bailey/platform';
import type { BridgeDoc, PathwayDoc, SystemDoc, ConsumerDoc } from '../document.ts';
import { embeddedPostgres, type EmbeddedPostgres } from '../embedded/embedded-postgres.ts';
import { openDataSource } from './data-source.ts';
import { openStore } from './open-store.ts';
import type { BridgeChange, Change, Store, StoredRevision } from './store.ts';

// A loaded machine takes its time for processes and sockets; every wait here is for a condition.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
const home = mkdtempSync(join(tmpdir(), 'bailey-store-'));
let postgres: EmbeddedPostgres;
let store: Store;
let url: string;
let databases = 0;

const admin = async (sql: string): Promise<void> => {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
};

/** A database of its own for every test: none sees the rows of another. */
const newDatabase = async (): Promise<string> => {
  const name = `test_${++databases}`;
  await admin(`create database ${name}`);
  return postgres.url.replace(/[^/]+$/, name);
};

beforeAll(async () => {
  chmodSync(home, 0o755);
  postgres = await embeddedPostgres({ home, log: silent });
});

beforeEach(async () => {
  url = await newDatabase();
  store = await openStore({ url, log: silent });
  return () => store.close();
});

afterAll(async () => {
  await postgres.stop();
  rmSync(home, { recursive: true, force: true });
});

const system = (name: string, domain = 'insurance'): SystemDoc => ({
  apiVersion: 'bailey.dev/v1',
  kind: 'System',
  metadata: { name, title: name.toUpperCase(), labels: { tier: 'one' } },
  spec: { domain, owner: 'team' },
});

const consumer = (name: string): ConsumerDoc => ({
  apiVersion: 'bailey.dev/v1',
  kind: 'Consumer',
  metadata: { name },
  spec: { owner: 'team-web', identities: [{ header: name }] },
});

const pathway = (name: string, spec: PathwayDoc['spec']): PathwayDoc => ({
  apiVersion: 'bailey.dev/v1',
  kind: 'Pathway',
  metadata: { name },
  spec,
});

const bridgeDoc = (name: string, connection: Record<string, unknown> = {}): BridgeDoc => ({
  apiVersion: 'bailey.dev/v1',
  kind: 'Bridge',
  metadata: { name, owner: 'team-policy' },
  spec: { system: 'mainframe', adapter: 'echo', connection },
});

const operation = (name: string): Operation => ({
  name,
  native: name.toUpperCase(),
  effect: 'read',
  exchange: 'unary',
  // An order that `jsonb` would not keep.
  input: {
    type: 'object',
    properties: { zebra: { type: 'string' }, a: { type: 'string' }, middle: { type: 'string' } },
  },
  faults: [],
});

const described = (names: string[], plan: unknown = null): Described => ({
  contract: { operations: names.map(operation), collections: [], $defs: {} },
  plan,
  ledger: [],
  sourceHash: 'abc',
});

const bridge = (name: string, more: Partial<BridgeChange> = {}): BridgeChange => ({
  resource: bridgeDoc(name),
  described: described(['getPolicy', 'addPolicy']),
  files: {},
  ...more,
});

const change = (more: Partial<Change>): Change => ({
  systems: [],
  consumers: [],
  pathways: [],
  bridges: [],
  removed: [],
  actor: 'tester',
  ...more,
});

const failureOf = async (work: Promise<unknown>): Promise<Failure> =>
  work.then(
    () => expect.fail('nothing was thrown'),
    (error: Failure) => error,
  );

test('the entities say what the migrations made', async () => {
  const source = await openDataSource(url, silent);
  const { upQueries } = await source.driver.createSchemaBuilder().log();
  expect(upQueries.map(({ query }) => query)).toEqual([]);
  await source.destroy();
});

test('two starters migrate once', async () => {
  const fresh = await newDatabase();
  const stores = await Promise.all([openStore({ url: fresh, log: silent }), openStore({ url: fresh, log: silent })]);
  expect(await Promise.all(stores.map((each) => each.generation()))).toEqual([0, 0]);
  await Promise.all(stores.map((each) => each.close()));
});

test('a bridge is created, unchanged, updated, removed; numbers go on after it', async () => {
  const outcome = async (...changes: Partial<Change>[]) => {
    const results = [];
    for (const each of changes) results.push(await store.apply(change(each)));
    return results.map(({ generation, bridges: [first] }) => [generation, first?.revision, first?.change]);
  };
  const reordered = bridgeDoc('policy');
  reordered.metadata = { owner: 'team-policy', name: 'policy' };
  expect(
    await outcome(
      { bridges: [bridge('policy')] },
      { bridges: [bridge('policy', { resource: { ...reordered, where: { file: 'x.yaml', line: 9 } } })] },
      { bridges: [bridge('policy', { described: described(['getPolicy']) })] },
      { removed: [{ kind: 'Bridge', name: 'policy' }] },
      { bridges: [bridge('policy')] },
    ),
  ).toEqual([
    [1, 1, 'created'],
    [1, 1, 'unchanged'],
    [2, 2, 'updated'],
    [3, 2, 'removed'],
    [4, 3, 'created'],
  ]);
  expect((await store.revisions('policy')).map(({ revision, current }) => [revision, current])).toEqual([
    [3, true],
    [2, false],
    [1, false],
  ]);
});

test('gives back what it was given: order, bytes, foreign names', async () => {
  const plan = { zeta: 1, alpha: { b: 2, a: '1.10', text: 'nul \u0000 é €' } };
  const files = { 'policy.wsdl': Uint8Array.from([0, 255, 10]), __proto__x: Uint8Array.from([1]) };
  const given = described(['getPolicy'], plan);
  await store.apply(change({ bridges: [bridge('policy', { described: given, files })] }));
  const read = await store.revision('policy', 1);
  expect(JSON.stringify(read.described)).toBe(JSON.stringify(given));
  expect(Object.keys(read.files).sort()).toEqual(['__proto__x', 'policy.wsdl']);
  expect([...read.files['policy.wsdl']!]).toEqual([0, 255, 10]);
  expect(read.createdBy).toBe('tester');
  expect((await failureOf(store.revision('policy', 2))).code).toBe('NOT_FOUND');
});

test('bridges over one source share its rows and its memory', async () => {
  const files = { 'big.wsdl': Buffer.alloc(1_000_000, 'x') };
  const names = Array.from({ length: 20 }, (_, index) => `bridge-${index}`);
  await store.apply(change({ bridges: names.map((name) => bridge(name, { files })) }));
  const { revisions } = await store.current();
  const bodies = revisions as StoredRevision[];
  expect(new Set(bodies.map((body) => body.described)).size).toBe(1);
  expect(new Set(bodies.map((body) => body.files['big.wsdl'])).size).toBe(1);
});

test('leaves out what the caller knows', async () => {
  await store.apply(change({ bridges: [bridge('one'), bridge('two')] }));
  const { revisions, generation } = await store.current(
    new Map([
      ['one', 1],
      ['two', 7],
    ]),
  );
  expect(generation).toBe(1);
  expect(revisions[0]).toEqual({ bridge: 'one', revision: 1, unchanged: true });
  expect(revisions[1]).toMatchObject({ bridge: 'two', revision: 1, createdBy: 'tester' });
});

test('a revision that moved on is a conflict, and nothing of the change is kept', async () => {
  await store.apply(change({ bridges: [bridge('policy')] }));
  const late = change({
    systems: [system('mainframe')],
    bridges: [bridge('other'), bridge('policy', { described: described([]), expectedRevision: 0 })],
  });
  const failure = await failureOf(store.apply(late));
  expect(failure).toMatchObject({
    code: 'CONFLICT',
    status: 409,
    options: { more: { current: { bridge: 'policy', revision: 1 } } },
  });
  expect(await store.generation()).toBe(1);
  expect((await store.bridges()).nodes.map(({ name }) => name)).toEqual(['policy']);
});

test('many writers at once: one after the other, no number twice', async () => {
  const writes = Array.from({ length: 20 }, (_, index) =>
    store.apply(
      change({ bridges: [bridge('shared', { described: described([`op${index}`]) }), bridge(`own-${index}`)] }),
    ),
  );
  const applied = await Promise.all(writes);
  const sorted = (numbers: (number | undefined)[]) => numbers.map(Number).sort((a, b) => a - b);
  const counted = Array.from({ length: 20 }, (_, index) => index + 1);
  expect(sorted(applied.map(({ generation }) => generation))).toEqual(counted);
  expect(sorted(applied.map(({ bridges }) => bridges[0]?.revision))).toEqual(counted);
});

test('names that meet in GraphQL are refused, near names are offered', async () => {
  await store.apply(change({ bridges: [bridge('ab-1')] }));
  const twin = await failureOf(store.apply(change({ bridges: [bridge('ab1')] })));
  expect(twin.code).toBe('INVALID_RESOURCE');
  const loose = pathway('web', { consumer: 'wbe', bridge: 'ab-1', operations: ['getPolcy'] });
  const failure = await failureOf(store.apply(change({ consumers: [consumer('web')], pathways: [loose] })));
  expect(failure.options.errors?.map(({ pointer, message }) => [pointer, message])).toEqual([
    ['/spec/consumer', 'there is no Consumer "wbe"; did you mean "web"?'],
    ['/spec/operations/0', 'there is no operation "getPolcy"; did you mean "getPolicy"?'],
  ]);
  expect((await store.consumers()).nodes).toEqual([]);
  expect((await failureOf(store.apply(change({ removed: [{ kind: 'System', name: 'none' }] })))).code).toBe(
    'NOT_FOUND',
  );
});

test('the catalogue lists and filters, page by page', async () => {
  await store.apply(
    change({
      systems: [system('mainframe'), system('alone')],
      consumers: [consumer('web'), consumer('app')],
      bridges: [bridge('policy'), bridge('claims', { described: described(['getClaim', 'b', 'c']) })],
      pathways: [pathway('web-policy', { consumer: 'web', bridge: 'policy', purpose: 'quotes' })],
    }),
  );
  expect((await store.systems()).nodes.map(({ name, declared, domain }) => [name, declared, domain])).toEqual([
    ['alone', true, 'insurance'],
    ['mainframe', true, 'insurance'],
  ]);
  expect((await store.bridges({ name: 'claims' })).nodes).toMatchObject([
    { name: 'claims', system: 'mainframe', adapter: 'echo', revision: 1, owner: 'team-policy' },
  ]);
  expect((await store.operations({ bridge: 'claims', name: 'getClaim' })).nodes).toMatchObject([
    { native: 'GETCLAIM', system: 'mainframe', effect: 'read' },
  ]);
  expect((await store.pathways({ system: 'mainframe' })).nodes).toMatchObject([
    {
      name: 'web-policy',
      kind: 'declared',
      consumer: 'web',
      bridge: 'policy',
      system: 'mainframe',
      operations: [],
      purpose: 'quotes',
    },
  ]);
  expect((await store.pathways({ system: 'alone' })).nodes).toEqual([]);
  expect((await store.consumers({ first: 1 })).nodes).toMatchObject([{ name: 'app', owner: 'team-web' }]);
  const seen: string[] = [];
  for (let after: string | undefined, more = true; more;) {
    const page = await store.operations({ first: 2, ...(after === undefined ? {} : { after }) });
    seen.push(...page.nodes.map(({ bridge: of, name }) => `${of}.${name}`));
    ({ hasNextPage: more, endCursor: after } = page.pageInfo as { hasNextPage: boolean; endCursor: string });
  }
  expect(seen).toEqual(['claims.b', 'claims.c', 'claims.getClaim', 'policy.addPolicy', 'policy.getPolicy']);
});

test('a system that only a bridge names is listed as such', async () => {
  await store.apply(change({ bridges: [bridge('policy')] }));
  expect((await store.systems()).nodes).toMatchObject([{ name: 'mainframe', declared: false }]);
});

test('a page request that is none is refused by its place', async () => {
  expect((await failureOf(store.systems({ first: 0 }))).options.errors?.[0]?.pointer).toBe('/first');
  expect((await failureOf(store.operations({ after: 'x' }))).options.errors?.[0]?.pointer).toBe('/after');
});

test('keys are kept as hashes, and each change of them is a generation', async () => {
  const key = { id: 'k1', hash: hashKey('bly_secret'), roles: ['admin'], scopes: ['policy.read'], consumer: 'web' };
  expect(await store.keys.issue(key, 'root')).toMatchObject({ ...key, createdBy: 'root', disabled: false });
  expect((await failureOf(store.keys.issue(key, 'root'))).code).toBe('CONFLICT');
  await store.keys.revoke('k1');
  expect((await store.current()).keys).toEqual([{ ...key, disabled: true }]);
  expect(await store.generation()).toBe(2);
  expect((await failureOf(store.keys.revoke('k2'))).code).toBe('NOT_FOUND');
});

test('no table holds what a reference leads to', async () => {
  const canary = 'c4n4ry-9f1e';
  vi.stubEnv('POLICY_PW', canary);
  const resource = bridgeDoc('policy', { password: { env: 'POLICY_PW' } });
  await store.apply(change({ bridges: [bridge('policy', { resource })] }));
  const source = await openDataSource(url, silent);
  const dump = await dumpOf(source);
  await source.destroy();
  vi.unstubAllEnvs();
  expect(dump).toContain('POLICY_PW');
  expect(dump).not.toContain(canary);
});

const dumpOf = async (source: DataSource): Promise<string> => {
  const tables = source.entityMetadatas.map(({ tablePath }) => tablePath);
  const rows = await Promise.all(
    tables.map((table) => source.query<{ row: string }[]>(`select t::text as row from ${table} t`)),
  );
  return rows
    .flat()
    .map(({ row }) => row)
    .join('\n');
};

test('listeners hear of each generation, and go on after their connection was cut', async () => {
  const heard: number[] = [];
  const subscription = store.onGeneration((generation) => heard.push(generation));
  await vi.waitFor(() => expect(heard).toEqual([0]));
  await store.apply(change({ bridges: [bridge('one')] }));
  await vi.waitFor(() => expect(heard).toEqual([0, 1]), { timeout: 1_000 });
  await admin(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'bailey-listen'`);
  await store.apply(change({ bridges: [bridge('two')] }));
  await vi.waitFor(() => expect(heard).toEqual([0, 1, 2]), { timeout: 5_000 });
  await subscription.close();
});

test('a replica describes for the control plane; its refusals come back as they are', async () => {
  const files = { 'a.wsdl': Uint8Array.from([1, 2, 3]) };
  const request = { resource: bridgeDoc('policy'), files };
  const replica = await openStore({ url, log: silent });
  const serving = replica.serveDescribe('r1', async ({ resource, files: uploaded }) =>
    resource.metadata.name === 'policy'
      ? { ok: true, described: described(['getPolicy']), files: uploaded }
      : { ok: false, problem: { code: 'SOURCE_REFUSED', detail: 'no', more: { line: 3 } } },
  );
  const answer = await store.askDescribe(request, 5_000);
  expect(answer).toMatchObject({ ok: true, described: { sourceHash: 'abc' } });
  expect(answer.ok && [...answer.files['a.wsdl']!]).toEqual([1, 2, 3]);
  const refused = await store.askDescribe({ resource: bridgeDoc('other'), files }, 5_000);
  expect(refused).toEqual({ ok: false, problem: { code: 'SOURCE_REFUSED', detail: 'no', more: { line: 3 } } });
  await serving.close();
  await replica.close();
});

test('a request whose replica dies goes to another', async () => {
  const dying = await openStore({ url, log: silent });
  const taken = Promise.withResolvers<void>();
  dying.serveDescribe('dying', () => {
    taken.resolve();
    return new Promise(() => undefined);
  });
  const asked = store.askDescribe({ resource: bridgeDoc('policy'), files: {} }, 20_000);
  await taken.promise;
  await admin(`select pg_terminate_backend(pid) from pg_stat_activity where state = 'idle in transaction'`);
  const alive = await openStore({ url, log: silent });
  const serving = alive.serveDescribe('alive', async () => ({ ok: true, described: described([]), files: {} }));
  expect((await asked).ok).toBe(true);
  await serving.close();
  await Promise.all([alive.close(), dying.close()]);
});

test('a question that nobody answers times out and leaves no row', async () => {
  const failure = await failureOf(store.askDescribe({ resource: bridgeDoc('policy'), files: {} }, 100));
  expect(failure.code).toBe('TIMEOUT');
  const source = await openDataSource(url, silent);
  expect(await source.query('select count(*)::int as n from runtime.describe_request')).toEqual([{ n: 0 }]);
  await source.destroy();
});

test('replicas are listed while their lease runs', async () => {
  await store.reportReplica({ replica: 'a', generation: 3, problems: [{ bridge: 'x', message: 'no' }] });
  await store.reportReplica({ replica: 'b', generation: 4, problems: [] });
  await store.reportReplica({ replica: 'a', generation: 5, problems: [] });
  const source = await openDataSource(url, silent);
  await source.query(`update runtime.replica set seen_at = seen_at - interval '16 seconds' where replica = 'b'`);
  await source.destroy();
  expect(await store.replicas()).toMatchObject([{ replica: 'a', generation: 5, problems: [] }]);
});

test('a database that is away is STORE_DOWN, by every door, and comes back', async () => {
  await admin(`alter database ${new URL(url).pathname.slice(1)} allow_connections false`);
  await admin(`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'bailey%'`);
  const away = [
    () => store.ping(),
    () => store.current(),
    () => store.apply(change({ systems: [system('x')] })),
    () => store.keys.list(),
  ];
  for (const door of away) expect((await failureOf(door())).code).toBe('STORE_DOWN');
  expect((await failureOf(openStore({ url, log: silent }))).code).toBe('STORE_DOWN');
  const nowhere = 'postgresql://u:p4ssw0rd@127.0.0.1:1/x';
  const failure = await failureOf(openStore({ url: nowhere, log: silent }));
  expect(failure).toMatchObject({ code: 'STORE_DOWN', status: 503 });
  expect(failure.message).not.toContain('p4ssw0rd');
  await admin(`alter database ${new URL(url).pathname.slice(1)} allow_connections true`);
  await store.ping();
});
