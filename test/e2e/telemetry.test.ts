import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import supertest from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FACES } from './src/faces.ts';
import { startOtlpSink, type OtlpSink, type Span } from './src/otlp-sink.ts';
import { startPolicyEstate, type PolicyEstate } from './src/policy-estate.ts';
import { until } from './src/waiting.ts';

const KIND = { internal: 1, server: 2, client: 3 } as const;

let sink: OtlpSink;
let estate: PolicyEstate;

beforeAll(async () => {
  sink = await startOtlpSink();
  estate = await startPolicyEstate([{ name: 'policy-admin' }], sink.env);
});
afterAll(async () => {
  await estate?.close();
  await sink?.close();
});

const question = (policyNumber: string) => ({
  bridge: 'policy-admin',
  operation: 'getPolicy',
  input: { policyNumber },
  selection: '{ policy { premium } }',
});

const ofKind = (spans: Span[], kind: number): Span => {
  const found = spans.filter((span) => span.kind === kind);
  expect(found, JSON.stringify(spans.map(({ name }) => name))).toHaveLength(1);
  return found[0]!;
};

test.each(FACES)('one trace through %s: HTTP, operation, SOAP call, and the system saw it', async (face, ask) => {
  const traceId = face === 'REST' ? 'a'.repeat(32) : 'b'.repeat(32);
  const parent = 'c'.repeat(16);
  estate.policy.journal.clear();
  await ask(estate.bailey.dataUrl, question('0007'), {
    traceparent: `00-${traceId}-${parent}-01`,
    tracestate: 'vendor=value',
  });
  const spans = await until('the spans', () => {
    const found = sink.spansOf(traceId);
    return found.length >= 3 && found;
  });
  const [server, operation, client] = [KIND.server, KIND.internal, KIND.client].map((kind) => ofKind(spans, kind));
  expect(server!.parentSpanId).toBe(parent);
  expect(operation).toMatchObject({ parentSpanId: server!.spanId, name: 'policy-admin.getPolicy' });
  expect(client!.parentSpanId).toBe(operation!.spanId);

  const [seen] = estate.policy.journal.page().entries;
  expect(seen!.headers['traceparent']).toBe(`00-${traceId}-${client!.spanId}-01`);
  expect(seen!.headers['tracestate']).toBe('vendor=value');
});

test('a problem document names the trace that holds its cause', async () => {
  const { body } = await supertest(estate.bailey.dataUrl).get('/api/policy-admin/getPolicy?policyNumber=9999');
  const spans = await until('the spans', () => {
    const found = sink.spansOf(body.traceId as string);
    return found.length >= 3 && found;
  });
  expect(ofKind(spans, KIND.internal).name).toBe('policy-admin.getPolicy');
});

test('calls are counted by bridge, operation, system and outcome', async () => {
  const rest = FACES[0]![1];
  await rest(estate.bailey.dataUrl, question('0007'));
  await rest(estate.bailey.dataUrl, question('9999'));
  const metrics = await (await fetch(`${estate.bailey.dataUrl}/metrics`)).text();
  const labels = 'bridge="policy-admin",operation="getPolicy",system="policy-mainframe"';
  expect(metrics).toMatch(new RegExp(`bailey_calls_total\\{${labels},outcome="ok"\\} [1-9]`));
  expect(metrics).toMatch(new RegExp(`bailey_calls_total\\{${labels},outcome="rejected"\\} [1-9]`));
  expect(metrics).toMatch(new RegExp(`bailey_call_duration_seconds_count\\{${labels}\\} [1-9]`));
});

test('a sampled call is an exemplar where they are asked for', async () => {
  const accept = 'application/openmetrics-text; version=1.0.0';
  const metrics = await (await fetch(`${estate.bailey.dataUrl}/metrics`, { headers: { accept } })).text();
  expect(metrics).toMatch(/bailey_call_duration_seconds_bucket\{[^}]*\} \d+ # \{[^}]*trace_?[iI]d="[0-9a-f]{32}"/);
  expect(metrics.trimEnd()).toMatch(/# EOF$/);
});

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

test.skipIf(!hasPromtool)('promtool finds nothing to say about the metrics', async () => {
  const metrics = await (await fetch(`${estate.bailey.dataUrl}/metrics`)).text();
  const promtool = spawn('promtool', ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
  promtool.stdin.end(metrics);
  const said = Promise.all([text(promtool.stdout), text(promtool.stderr)]);
  const [code] = await once(promtool, 'close');
  expect([code, ...(await said)]).toEqual([0, '', '']);
});
