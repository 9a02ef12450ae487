import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Log } from './log.ts';
import { startTelemetry, type Telemetry } from './telemetry.ts';

interface SentSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  traceState?: string;
  name: string;
  kind: number;
  attributes: { key: string; value: Record<string, unknown> }[];
  status: { code?: number; message?: string };
}

interface Post {
  path: string;
  headers: Record<string, unknown>;
  resource: { key: string; value: Record<string, unknown> }[];
  spans: SentSpan[];
}

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

let collector: Server;
let endpoint: string;
let posts: Post[];
let logged: string[];
let started: Telemetry[];

const note = (_: object, message: string) => void logged.push(message);
const log: Log = { debug: note, info: note, warn: note, error: note };

const start = (env: NodeJS.ProcessEnv): Telemetry => {
  const telemetry = startTelemetry({ service: 'bailey-test', env, log });
  started.push(telemetry);
  return telemetry;
};

beforeEach(async () => {
  [posts, logged, started] = [[], [], []];
  collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const isJson = request.headers['content-type'] === 'application/json';
        const [group] = isJson ? JSON.parse(Buffer.concat(chunks).toString()).resourceSpans : [];
        posts.push({
          path: request.url!,
          headers: request.headers,
          resource: group?.resource.attributes ?? [],
          spans: group?.scopeSpans.flatMap((scope: { spans: SentSpan[] }) => scope.spans) ?? [],
        });
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
});

afterEach(async () => {
  for (const telemetry of started) await telemetry.shutdown();
  collector.closeAllConnections();
  collector.close();
});

const json = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' });
const spansOf = async (telemetry: Telemetry): Promise<SentSpan[]> => {
  await telemetry.shutdown();
  return posts.flatMap(({ spans }) => spans);
};

test('spans arrive at the collector as they were made', async () => {
  const telemetry = start({
    ...json(),
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=a%20b',
    OTEL_SERVICE_NAME: 'renamed',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  });
  const server = telemetry.tracing.start(
    'GET /x',
    'server',
    { traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'vendor=1' },
    { 'http.request.method': 'GET' },
  );
  const inner = telemetry.tracing.start('policy.getPolicy', 'internal', server, { n: 7, yes: true });
  inner.fail({ code: 'TIMEOUT', message: 'too slow' });
  inner.end();
  server.set({ 'http.response.status_code': 504 });
  server.end();
  const [sentInner, sentServer] = await spansOf(telemetry);
  expect(sentServer).toMatchObject({
    traceId: TRACE,
    spanId: server.spanId,
    parentSpanId: SPAN,
    traceState: 'vendor=1',
    name: 'GET /x',
    kind: 2,
  });
  expect(sentServer!.attributes).toContainEqual({ key: 'http.response.status_code', value: { intValue: 504 } });
  expect(sentInner).toMatchObject({
    traceId: TRACE,
    spanId: inner.spanId,
    parentSpanId: server.spanId,
    kind: 1,
    status: { code: 2, message: 'too slow' },
  });
  expect(sentInner!.attributes).toContainEqual({ key: 'error.type', value: { stringValue: 'TIMEOUT' } });
  expect(posts[0]).toMatchObject({ path: '/v1/traces', headers: { 'x-tenant': 'a b' } });
  expect(posts[0]!.resource).toContainEqual({ key: 'service.name', value: { stringValue: 'renamed' } });
  expect(posts[0]!.resource).toContainEqual({ key: 'deployment.environment.name', value: { stringValue: 'test' } });
});

test('protobuf is spoken unless JSON is asked for', async () => {
  const telemetry = start({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${endpoint}/own/path` });
  telemetry.tracing.start('x', 'internal', undefined, {}).end();
  await telemetry.shutdown();
  expect(posts).toMatchObject([{ path: '/own/path', headers: { 'content-type': 'application/x-protobuf' } }]);
});

describe('samplers', () => {
  const SAMPLED = { traceparent: `00-${TRACE}-${SPAN}-01` };
  const UNSAMPLED = { traceparent: `00-${TRACE}-${SPAN}-00` };

  test.each([
    [undefined, undefined, true, true, false],
    ['always_on', undefined, true, true, true],
    ['always_off', undefined, false, false, false],
    ['parentbased_always_on', undefined, true, true, false],
    ['parentbased_always_off', undefined, false, true, false],
    ['traceidratio', '0', false, false, false],
    ['traceidratio', '1', true, true, true],
    ['parentbased_traceidratio', '0', false, true, false],
    ['parentbased_traceidratio', '1', true, true, false],
    ['nonsense', undefined, true, true, false],
    ['traceidratio', 'nonsense', true, true, true],
  ])('%s %s: root %s, sampled parent %s, unsampled parent %s', async (name, argument, root, sampled, unsampled) => {
    const telemetry = start({ ...json(), OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: argument });
    const decisions = [undefined, SAMPLED, UNSAMPLED].map((parent) => {
      const span = telemetry.tracing.start('x', 'internal', parent, {});
      span.end();
      return span.sampled;
    });
    expect(decisions).toEqual([root, sampled, unsampled]);
    expect(await spansOf(telemetry)).toHaveLength(decisions.filter(Boolean).length);
    expect(logged.length > 0).toBe([name, argument].includes('nonsense'));
  });

  test('a ratio is kept, and is the same for all spans of a trace', () => {
    const { tracing } = start({
      ...json(),
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    });
    const roots = Array.from({ length: 4_000 }, () => tracing.start('x', 'internal', undefined, {}));
    const share = roots.filter(({ sampled }) => sampled).length / roots.length;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.3);
    for (const span of roots.slice(0, 100)) expect(tracing.start('y', 'internal', span, {}).sampled).toBe(span.sampled);
  });
});

test.each([
  ['no endpoint', () => ({})],
  ['OTEL_SDK_DISABLED', () => ({ ...json(), OTEL_SDK_DISABLED: 'true' })],
  ['OTEL_TRACES_EXPORTER=none', () => ({ ...json(), OTEL_TRACES_EXPORTER: 'none' })],
])('%s: ids as ever, nothing is exported and nothing is said', async (_, env) => {
  const telemetry = start(env());
  const span = telemetry.tracing.start('x', 'internal', { traceparent: `00-${TRACE}-${SPAN}-01` }, {});
  span.set({ a: 1 });
  span.fail({ code: 'X', message: 'x' });
  span.end();
  expect(span).toMatchObject({ traceId: TRACE, sampled: true });
  await telemetry.shutdown();
  expect(posts).toEqual([]);
  expect(logged).toEqual([]);
});

test('an exporter that is not offered is named', () => {
  start({ ...json(), OTEL_TRACES_EXPORTER: 'zipkin' });
  expect(logged).toEqual(['OTEL_TRACES_EXPORTER "zipkin" is not known; use otlp or none. No trace is exported.']);
});

test('a collector that is away is said in the log, and shutdown ends', async () => {
  collector.close();
  const telemetry = start({ ...json(), OTEL_BSP_EXPORT_TIMEOUT: '200' });
  telemetry.tracing.start('x', 'internal', undefined, {}).end();
  await telemetry.shutdown();
  expect(logged.length).toBeGreaterThan(0);
});
