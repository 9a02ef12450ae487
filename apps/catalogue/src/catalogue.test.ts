import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Failure, defineAdapter, type Adapter, type Log } from '@bailey/contract';
import { answerDescribe } from '@bailey/bridges';
import { embeddedPostgres, openStore, type EmbeddedPostgres, type Store, type Subscription } from '@bailey/inventory';
import { hashKey, readSettings, startTelemetry, systemClock, type KeyRecord } from '@bailey/platform';
import { startCatalogue, type RunningCatalogue } from './start-catalogue.ts';

// A loaded machine takes its time for processes and sockets; every wait here is for a condition.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
const home = mkdtempSync(join(tmpdir(), 'bailey-catalogue-'));
const keyOf = (id: string, ...roles: string[]): KeyRecord => ({ id, hash: hashKey(`bly_${id}`), roles, scopes: [] });
const KEYS = [keyOf('admin', 'admin'), keyOf('engineer', 'engineer'), keyOf('architect', 'architect'), keyOf('nobody')];

/** The source lists native names; one that says `refuse` is refused. */
const listAdapter = defineAdapter<{ source: string }, null>({
  kind: 'list',
  config: {
    type: 'object',
    properties: { source: { type: 'string' } },
    required: ['source'],
    additionalProperties: false,
  },
  egress: () => [],
  async describe({ source }, host) {
    const names = new TextDecoder()
      .decode(await host.readFile(source))
      .trim()
      .split('\n');
    const line = names.indexOf('refuse') + 1;
    if (line > 0)
      throw Failure.of('SOURCE_REFUSED', 'a refused line', { more: { file: source, line, construct: 'refuse' } });
    const operations = names.map((native) => ({
      name: native.toLowerCase(),
      native,
      effect: 'read' as const,
      exchange: 'unary' as const,
      input: { type: 'object' as const, properties: {} },
      faults: [],
    }));
    return {
      contract: { operations, collections: [], $defs: {} },
      plan: null,
      ledger: [
        { construct: 'line', name: 'Old', status: 'refused', where: { file: source, line: 9 }, note: 'too old' },
      ],
      sourceHash: 'hash',
    };
  },
  connect: () => Promise.reject(new Error('nothing here connects')),
}) as Adapter;

let postgres: EmbeddedPostgres;
let store: Store;
let serving: Subscription;
let catalogue: RunningCatalogue;
const telemetry = startTelemetry({ service: 'test', env: {}, log: silent });

/** What a data plane does for the control plane: it describes, and says how far it has come. */
const serveAsReplica = async (): Promise<Subscription> => {
  const { tracing } = telemetry;
  const deps = { adapters: [listAdapter], env: {}, tracing, log: silent, clock: systemClock };
  const describing = store.serveDescribe('one', (request) => answerDescribe(request, deps));
  const report = async (generation: number): Promise<void> =>
    store.reportReplica({ replica: 'one', generation, problems: [] });
  await report(await store.generation());
  const watching = store.onGeneration((generation) => void report(generation));
  return { close: () => Promise.all([describing.close(), watching.close()]).then(() => undefined) };
};

beforeAll(async () => {
  chmodSync(home, 0o755);
  postgres = await embeddedPostgres({ home, log: silent });
  store = await openStore({ url: postgres.url, log: silent });
  const settings = readSettings({ BAILEY_CONTROL_PORT: '0', BAILEY_HOME: home, BAILEY_MAX_BODY_BYTES: '100000' });
  catalogue = await startCatalogue({
    settings,
    store,
    adapters: [listAdapter],
    telemetry,
    log: silent,
    clock: systemClock,
    keys: () => KEYS,
  });
});

afterAll(async () => {
  await catalogue?.close();
  await serving?.close();
  await store?.close();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
});

/** JSON of whatever shape; the assertions say which. */
// oxlint-disable-next-line typescript/no-explicit-any
type Json = any;

interface Answer {
  status: number;
  headers: Headers;
  body: Json;
}

const call = async (
  method: string,
  path: string,
  { as = 'engineer', body, headers = {} }: { as?: string | undefined; body?: unknown; headers?: object } = {},
): Promise<Answer> => {
  const response = await fetch(`${catalogue.url}${path}`, {
    method,
    headers: {
      ...(as === '' ? {} : { authorization: `Bearer bly_${as}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
};

const query = async (text: string, as = 'architect'): Promise<Json> => {
  const { body } = await call('POST', '/graphql', { as, body: { query: text } });
  expect(body.errors).toBeUndefined();
  return body.data;
};

const ESTATE = `
apiVersion: bailey.dev/v1
kind: System
metadata: { name: mainframe, title: The mainframe, labels: { tier: one } }
spec: { domain: insurance, owner: team }
---
apiVersion: bailey.dev/v1
kind: Consumer
metadata: { name: web }
spec: { owner: team-web, identities: [{ header: web }] }
---
apiVersion: bailey.dev/v1
kind: Pathway
metadata: { name: web-policy }
spec: { consumer: web, bridge: policy, operations: [get] }
`;

const bridge = (source = './list.txt') => ({
  apiVersion: 'bailey.dev/v1',
  kind: 'Bridge',
  metadata: { name: 'policy' },
  spec: { system: 'mainframe', adapter: 'list', connection: { source } },
});

const files = (text: string) => ({ 'list.txt': Buffer.from(text).toString('base64') });

describe('a registration', () => {
  it('needs a gateway that describes', async () => {
    const { status, body } = await call('POST', '/control/v1/apply', {
      body: { documents: [bridge()], files: files('Get') },
    });
    expect([status, body.code]).toEqual([503, 'BRIDGE_DOWN']);
    expect(body.detail).toContain('no gateway is running');
  });

  it('is described, stored, seen by the replicas, and listed', async () => {
    serving = await serveAsReplica();
    const { status, body } = await call('POST', '/control/v1/apply', {
      body: { documents: [ESTATE, bridge()], files: files('Get\nFind'), expectedRevision: 0 },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      bridges: [{ name: 'policy', revision: 1, change: 'created', system: 'mainframe', operations: 2 }],
      systems: 1,
      consumers: 1,
      pathways: 1,
      replicas: [{ replica: 'one', generation: body.generation }],
    });
    expect(body.bridges[0].ledger[0]).toMatchObject({ name: 'Old', status: 'refused', where: { line: 9 } });
    const listed = await call('GET', '/control/v1/bridges?limit=1', { as: 'architect' });
    expect(listed.body.items).toMatchObject([{ name: 'policy', createdBy: 'engineer' }]);
    expect(listed.body.next).toBeUndefined();
    expect((await call('GET', '/control/v1/bridges/policy')).body).toMatchObject({ revision: 1, sourceHash: 'hash' });
    expect((await call('GET', '/control/v1/bridges/policy/revisions')).body.items).toMatchObject([{ current: true }]);
    for (const kind of ['systems', 'consumers', 'pathways'])
      expect((await call('GET', `/control/v1/${kind}`)).body.items).toHaveLength(1);
  });

  it('answers questions in GraphQL', async () => {
    const data = await query(`{
      systems(first: 5) { nodes { name labels bridges { nodes { name } } } pageInfo { endCursor hasNextPage } }
      bridge(name: "policy") { adapter revision status system { name } ledger { name where { line } } operations { nodes { name effect } } }
      declared: pathways(kind: DECLARED) { nodes { kind operations consumer { name identities { kind value } } bridge { name } } }
      observed: pathways(kind: OBSERVED) { nodes { name } }
      operations(bridge: "policy", first: 1) { nodes { name native bridge { name } } pageInfo { hasNextPage } }
      consumers { nodes { name owner } }
      consumer(name: "none") { name }
    }`);
    expect(data.systems).toMatchObject({
      nodes: [{ name: 'mainframe', labels: { tier: 'one' }, bridges: { nodes: [{ name: 'policy' }] } }],
      pageInfo: { hasNextPage: false },
    });
    expect(data.bridge).toEqual({
      adapter: 'list',
      revision: 1,
      status: 'served',
      system: { name: 'mainframe' },
      ledger: [{ name: 'Old', where: { line: 9 } }],
      operations: { nodes: ['find', 'get'].map((name) => ({ name, effect: 'read' })) },
    });
    expect(data.declared.nodes).toEqual([
      {
        kind: 'DECLARED',
        operations: ['get'],
        consumer: { name: 'web', identities: [{ kind: 'header', value: 'web' }] },
        bridge: { name: 'policy' },
      },
    ]);
    expect(data.observed.nodes).toEqual([]);
    expect(data.operations).toMatchObject({ nodes: [{ name: 'find' }], pageInfo: { hasNextPage: true } });
    expect(data.consumers.nodes).toEqual([{ name: 'web', owner: 'team-web' }]);
    expect(data.consumer).toBeNull();
  });

  it('says in GraphQL what is wrong with a question', async () => {
    const answer = await call('POST', '/graphql', { body: { query: '{ systems(first: 0) { nodes { name } } }' } });
    expect(answer.body.errors[0].extensions).toMatchObject({ code: 'INVALID_INPUT', status: 400 });
    expect(
      (await call('GET', `/graphql?query=${encodeURIComponent('{ systems { nodes { name } } }')}`)).body.data,
    ).toBeDefined();
    expect(await query('{ __type(name: "Bridge") { name } }')).toEqual({ __type: { name: 'Bridge' } });
  });

  it('of a refused source stores nothing, and says where', async () => {
    const system = ESTATE.split('---')[0]!.replace('mainframe', 'other');
    const { status, body } = await call('POST', '/control/v1/apply', {
      body: { documents: [system, bridge()], files: files('Get\nrefuse') },
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'SOURCE_REFUSED', file: './list.txt', line: 2, construct: 'refuse' });
    expect((await call('GET', '/control/v1/systems/other')).status).toBe(404);
    expect((await call('GET', '/control/v1/bridges/policy')).body.revision).toBe(1);
  });

  it('on an older revision is a conflict that says what stands', async () => {
    const { status, body } = await call('POST', '/control/v1/apply', {
      body: { documents: [bridge()], files: files('Get\nNew'), expectedRevision: { policy: 7 } },
    });
    expect([status, body.code]).toEqual([409, 'CONFLICT']);
    expect(body.current).toEqual({ bridge: 'policy', revision: 1 });
  });

  it('that is wrong is refused with every place', async () => {
    const wrong = `${ESTATE}\n---\n${JSON.stringify({ ...bridge(), spec: { ...bridge().spec, polcy: {} } })}`;
    const { status, body } = await call('POST', '/control/v1/validate', { body: { documents: [wrong] } });
    expect([status, body.code]).toEqual([400, 'INVALID_RESOURCE']);
    expect(body.errors[0]).toMatchObject({ file: 'documents[0]', line: 18, kind: 'Bridge' });
    expect(body.errors[0].message).toContain('policy');
  });

  it.each([
    ['not JSON', '{', 'MALFORMED_JSON'],
    ['no documents', {}, 'INVALID_INPUT'],
    ['an unknown key', { documents: [ESTATE], force: true }, 'INVALID_INPUT'],
    ['no base64', { documents: [ESTATE], files: { a: '%%' } }, 'INVALID_INPUT'],
    ['an expectation of nothing', { documents: [ESTATE], expectedRevision: 3 }, 'INVALID_INPUT'],
    ['no YAML', { documents: ['a: [b'] }, 'INVALID_RESOURCE'],
  ])('with %s is refused', async (_what, body, code) => {
    const answer = await call('POST', '/control/v1/apply', { body });
    expect([answer.status, answer.body.code]).toEqual([400, code]);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('is taken away again', async () => {
    expect((await call('DELETE', '/control/v1/pathways/web-policy')).status).toBe(200);
    const { status, body } = await call('DELETE', '/control/v1/bridges/policy');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      removed: { kind: 'Bridge', name: 'policy' },
      replicas: [{ generation: body.generation }],
    });
    expect((await call('DELETE', '/control/v1/bridges/policy')).status).toBe(404);
    expect((await call('GET', '/control/v1/bridges/policy')).body.code).toBe('UNKNOWN_BRIDGE');
  });
});

describe('access', () => {
  it.each(['/control/v1/bridges', '/control/v1/keys', '/graphql', '/nowhere'])(
    '%s needs a credential',
    async (path) => {
      const { status, headers, body } = await call('GET', path, { as: '' });
      expect([status, headers.get('www-authenticate'), body.code]).toEqual([401, 'Bearer', 'UNAUTHENTICATED']);
      expect((await call('GET', path, { as: 'wrong' })).status).toBe(401);
    },
  );

  it.each([
    ['GET', '/control/v1/bridges', 'nobody'],
    ['POST', '/graphql', 'nobody'],
    ['POST', '/control/v1/apply', 'architect'],
    ['DELETE', '/control/v1/bridges/policy', 'architect'],
    ['GET', '/control/v1/keys', 'engineer'],
    ['POST', '/control/v1/keys', 'engineer'],
  ])('%s %s is not for %s', async (method, path, as) => {
    const { status, body } = await call(method, path, { as, ...(method === 'POST' ? { body: {} } : {}) });
    expect([status, body.code]).toEqual([403, 'FORBIDDEN']);
  });

  it('takes the key in the header of Consul too', async () => {
    const { status } = await call('GET', '/control/v1/bridges', {
      as: '',
      headers: { 'x-consul-token': 'bly_architect' },
    });
    expect(status).toBe(200);
  });

  it('issues keys, shows them once, and revokes them', async () => {
    const body = { name: 'ci', roles: ['engineer'], scopes: ['policy.read'], consumer: 'web' };
    const issued = await call('POST', '/control/v1/keys', { as: 'admin', body });
    expect(issued).toMatchObject({ status: 201, body: { id: 'ci', roles: ['engineer'], createdBy: 'admin' } });
    const own = { as: '', headers: { authorization: `Bearer ${issued.body.key}` } };
    expect((await call('GET', '/control/v1/bridges', own)).status).toBe(200);
    const listed = await call('GET', '/control/v1/keys', { as: 'admin' });
    expect(listed.body.items).toMatchObject([{ id: 'ci', consumer: 'web' }]);
    expect(JSON.stringify(listed.body)).not.toContain(hashKey(issued.body.key));
    expect((await call('POST', '/control/v1/keys', { as: 'admin', body })).status).toBe(409);
    expect((await call('POST', '/control/v1/keys', { as: 'admin', body: { id: 'x', roles: ['root'] } })).status).toBe(
      400,
    );
    expect((await call('DELETE', '/control/v1/keys/ci', { as: 'admin' })).status).toBe(204);
    expect((await call('GET', '/control/v1/bridges', own)).status).toBe(401);
  });

  it('refuses a foreign Host, and pages of other origins', async () => {
    const statusFor = (headers: Record<string, string>): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const authorization = 'Bearer bly_architect';
        const url = `${catalogue.url}/control/v1/bridges`;
        const sent = httpRequest(url, { headers: { authorization, ...headers } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        sent.on('error', reject).end();
      });
    const { host, origin } = new URL(catalogue.url);
    expect(await statusFor({ host: 'evil.example' })).toBe(403);
    expect(await statusFor({ host: 'localhost:1' })).toBe(200);
    expect(await statusFor({ host, origin: 'http://evil.example' })).toBe(403);
    expect(await statusFor({ host, origin: 'null' })).toBe(403);
    expect(await statusFor({ host, origin })).toBe(200);
  });
});

describe('the edges', () => {
  it.each([
    ['GET', '/control/v1/bridges/%zz', 400, 'INVALID_INPUT'],
    ['GET', '/control/v1/nothing', 404, 'UNKNOWN_PATH'],
    ['POST', '/control/v1/plan', 404, 'UNKNOWN_PATH'],
    ['PUT', '/control/v1/bridges/policy', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/control/v1/apply', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/control/v1/bridges?limit=0', 400, 'INVALID_INPUT'],
    ['GET', '/control/v1/bridges?limit=x', 400, 'INVALID_INPUT'],
    ['GET', '/control/v1/bridges?cursor=x', 400, 'INVALID_INPUT'],
    ['GET', '/control/v1/bridges?colour=red', 400, 'UNKNOWN_PARAMETER'],
  ])('%s %s is %i %s', async (method, path, status, code) => {
    const answer = await call(method, path);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.traceId).toMatch(/^[0-9a-f]{32}$/);
    if (status === 405) expect(answer.headers.get('allow')).toMatch(/GET|POST/);
  });

  it('refuses what is not JSON, and what is too much', async () => {
    const form = await call('POST', '/control/v1/apply', { headers: { 'content-type': 'text/plain' }, body: 'a' });
    expect([form.status, form.body.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    const large = await call('POST', '/control/v1/apply', { body: { documents: ['x'.repeat(100_001)] } });
    expect([large.status, large.body.code]).toEqual([413, 'BODY_TOO_LARGE']);
  });

  it('tells probes and scrapers how it is, without a credential', async () => {
    for (const path of ['/livez', '/startupz', '/readyz'])
      expect((await call('GET', path, { as: '' })).status).toBe(200);
    const { body } = await call('GET', '/readyz?verbose', { as: '' });
    expect(body).toMatchObject({ status: 'ready', replicas: [{ replica: 'one' }] });
    expect((await call('GET', '/metrics', { as: '' })).body).toContain('process_cpu_seconds_total');
  });
});
