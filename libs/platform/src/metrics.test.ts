import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0, text/plain;q=0.5';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

const filled = () => {
  const metrics = createMetrics();
  const calls = metrics.counter('bailey_calls_total', 'Calls.', ['bridge', 'outcome']);
  const duration = metrics.histogram('bailey_call_duration_seconds', 'Time.', ['bridge'], [0.1, 1]);
  const inFlight = metrics.gauge('bailey_in_flight_calls', 'Slots.', ['bridge']);
  return { metrics, calls, duration, inFlight };
};

const ours = (body: string): string[] => body.split('\n').filter((line) => line.includes('bailey_'));

test('classic text', async () => {
  const { metrics, calls, duration, inFlight } = filled();
  calls.child({ bridge: 'a', outcome: 'ok' }).inc();
  calls.child({ bridge: 'a', outcome: 'ok' }).inc(2);
  inFlight.child({ bridge: 'a' }).set(5);
  inFlight.child({ bridge: 'a' }).add(-1);
  for (const seconds of [0.05, 0.1, 0.5, 7]) duration.child({ bridge: 'a' }).observe(seconds, TRACE);
  const { contentType, body } = await metrics.render('text/plain');
  expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(ours(body)).toEqual([
    '# HELP bailey_calls_total Calls.',
    '# TYPE bailey_calls_total counter',
    'bailey_calls_total{bridge="a",outcome="ok"} 3',
    '# HELP bailey_call_duration_seconds Time.',
    '# TYPE bailey_call_duration_seconds histogram',
    'bailey_call_duration_seconds_bucket{bridge="a",le="0.1"} 2',
    'bailey_call_duration_seconds_bucket{bridge="a",le="1"} 3',
    'bailey_call_duration_seconds_bucket{bridge="a",le="+Inf"} 4',
    'bailey_call_duration_seconds_sum{bridge="a"} 7.65',
    'bailey_call_duration_seconds_count{bridge="a"} 4',
    '# HELP bailey_in_flight_calls Slots.',
    '# TYPE bailey_in_flight_calls gauge',
    'bailey_in_flight_calls{bridge="a"} 4',
  ]);
});

test('OpenMetrics when asked for, with exemplars and without the suffix in the family name', async () => {
  const { metrics, calls, duration } = filled();
  calls.child({ bridge: 'a', outcome: 'ok' }).inc();
  duration.child({ bridge: 'a' }).observe(0.5, TRACE);
  const { contentType, body } = await metrics.render(OPEN_METRICS);
  expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
  expect(body).toContain('# TYPE bailey_calls counter\nbailey_calls_total{bridge="a",outcome="ok"} 1');
  expect(body).toMatch(
    new RegExp(`bailey_call_duration_seconds_bucket\\{bridge="a",le="1"\\} 1 # \\{trace_id="${TRACE}"\\} 0.5 \\d+`),
  );
  expect(body.endsWith('# EOF\n')).toBe(true);
  const classic = (await metrics.render(undefined)).body;
  expect(classic).not.toContain(TRACE);
  // The one format must not spoil the names of the other.
  expect(classic).toContain('# TYPE bailey_calls_total counter');
  expect(classic).toContain('# TYPE process_cpu_seconds_total counter');
});

test('the same labels are the same series; removed ones leave, and count into the void', async () => {
  const { metrics, calls } = filled();
  const kept = calls.child({ bridge: 'kept', outcome: 'ok' });
  const gone = calls.child({ bridge: 'gone', outcome: 'ok' });
  calls.child({ bridge: 'gone', outcome: 'timeout' }).inc();
  expect(calls.child({ outcome: 'ok', bridge: 'kept' })).toBe(kept);
  calls.remove({ bridge: 'gone' });
  gone.inc();
  kept.inc();
  expect(ours((await metrics.render(undefined)).body).filter((line) => !line.startsWith('#'))).toEqual([
    'bailey_calls_total{bridge="kept",outcome="ok"} 1',
  ]);
});

test('label values are escaped', async () => {
  const { metrics, calls } = filled();
  calls.child({ bridge: 'a"b\\c\nd', outcome: 'ok' }).inc();
  expect((await metrics.render(undefined)).body).toContain(
    'bailey_calls_total{bridge="a\\"b\\\\c\\nd",outcome="ok"} 1',
  );
});

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

describe.skipIf(!hasPromtool && process.env.BAILEY_CI !== '1')('promtool', () => {
  test('has nothing to say', async () => {
    const { metrics, calls, duration, inFlight } = filled();
    calls.child({ bridge: 'a', outcome: 'ok' }).inc();
    duration.child({ bridge: 'a' }).observe(0.5);
    inFlight.child({ bridge: 'a' }).set(1);
    const { body } = await metrics.render('text/plain');
    const check = spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' });
    expect(`${check.error ?? ''}${check.stdout}${check.stderr}`).toBe('');
    expect(check.status).toBe(0);
  });
});
