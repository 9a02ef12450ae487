import { expect, test } from 'vitest';
import { newSpanId, newTraceId } from './random-id.ts';
import { acceptTracestate, formatTraceparent, parseTraceparent } from './trace-context.ts';
import { createTracing } from './tracing.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

test.each([
  [`00-${TRACE}-${SPAN}-01`, true],
  [`00-${TRACE}-${SPAN}-00`, false],
  [`00-${TRACE}-${SPAN}-03`, true],
  [`00-${TRACE}-${SPAN}-02`, false],
  [`01-${TRACE}-${SPAN}-01`, true],
  [`cc-${TRACE}-${SPAN}-01-what-the-future-brings`, true],
])('%s is taken', (text, sampled) => {
  expect(parseTraceparent(text)).toEqual({ traceId: TRACE, spanId: SPAN, sampled });
});

test.each([
  [undefined],
  [''],
  [`ff-${TRACE}-${SPAN}-01`],
  [`00-${'0'.repeat(32)}-${SPAN}-01`],
  [`00-${TRACE}-${'0'.repeat(16)}-01`],
  [`00-${TRACE}-${SPAN}-01-more`],
  [`cc-${TRACE}-${SPAN}-01more`],
  [`00-${TRACE.toUpperCase()}-${SPAN}-01`],
  [`00-${TRACE.slice(1)}-${SPAN}-01`],
  [`00-${TRACE}-${SPAN}`],
  [`00-${TRACE}-${SPAN}-1`],
  [`0-${TRACE}-${SPAN}-01`],
  [`00_${TRACE}_${SPAN}_01`],
  [` 00-${TRACE}-${SPAN}-01`],
  [`00-${TRACE}-${SPAN}-0g`],
])('%s starts a new trace', (text) => {
  expect(parseTraceparent(text)).toBeUndefined();
});

test('what is written can be read', () => {
  expect(parseTraceparent(formatTraceparent(TRACE, SPAN, true))).toEqual({
    traceId: TRACE,
    spanId: SPAN,
    sampled: true,
  });
});

test.each([
  ['vendor=value,other=x', 'vendor=value,other=x'],
  ['', undefined],
  ['a=b\r\nx: y', undefined],
  ['a=é', undefined],
  [`a=${'x'.repeat(511)}`, undefined],
  [undefined, undefined],
])('tracestate %j is sent on as %j', (text, expected) => {
  expect(acceptTracestate(text)).toBe(expected);
});

test('ids are hex of the right length, and do not come twice', () => {
  const ids = new Set(Array.from({ length: 5_000 }, newTraceId));
  expect(ids.size).toBe(5_000);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(newSpanId()).toMatch(/^[0-9a-f]{16}$/);
});

test('without a recorder a trace goes on as it came, and a new one is not sampled', () => {
  const tracing = createTracing();
  const child = tracing.start('x', 'internal', { traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'a=b' }, {});
  expect(child).toMatchObject({ traceId: TRACE, sampled: true, tracestate: 'a=b' });
  expect(child.traceparent).toBe(`00-${TRACE}-${child.spanId}-01`);
  expect(child.spanId).not.toBe(SPAN);
  const root = tracing.start('x', 'internal', { traceparent: 'nonsense', tracestate: 'a=b' }, {});
  expect(root.sampled).toBe(false);
  expect(root).not.toHaveProperty('tracestate');
});
