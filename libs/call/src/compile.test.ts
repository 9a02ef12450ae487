import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  bytesReply,
  Failure,
  valueReply,
  type Call,
  type Caller,
  type Effect,
  type Handler,
  type Operation,
} from '@bailey/contract';
import {
  createEgress,
  createMetrics,
  createTracing,
  EgressError,
  manualClock,
  parseTraceparent,
  systemClock,
  type Clock,
  type Metrics,
  type SpanRecord,
} from '@bailey/platform';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createCallMetrics } from './call-metrics.ts';
import { compileCall, type CallContext } from './compile.ts';
import { createGuard, type BridgeGuard } from './guard.ts';
import type { Policy } from './policy.ts';

const DEFAULTS: Policy = {
  timeoutMs: 10_000,
  holdMs: 0,
  concurrency: 20,
  queue: 0,
  breaker: { windowMs: 10_000, minimumCalls: 10, failureRate: 0.5, openMs: 5_000, probes: 1 },
  retry: { attempts: 2, backoffMs: 0 },
};

const operation = (effect: Effect): Operation => ({
  name: 'getPolicy',
  native: 'GetPolicy',
  effect,
  exchange: 'unary',
  input: {},
  faults: [],
});

const CALLER: Caller = { authenticated: true, subject: 'k1', consumer: 'claims', scopes: new Set(['policy.read']) };

const OK = valueReply({ status: 'ok' });

interface LogLine {
  level: string;
  fields: Record<string, unknown>;
  message: string;
}

interface Bench {
  handle: Handler;
  call(more?: Partial<Call>): Promise<unknown>;
  guard: BridgeGuard;
  metrics: Metrics;
  lines: LogLine[];
  recompile(more: Partial<CallContext>): Handler;
}

const guards: BridgeGuard[] = [];
const closers: (() => unknown)[] = [];

afterEach(async () => {
  vi.useRealTimers();
  for (const guard of guards.splice(0)) guard.close();
  for (const close of closers.splice(0)) await close();
});

const newCall = (op: Operation, more: Partial<Call> = {}): Call => ({
  operation: op,
  caller: CALLER,
  input: {},
  signal: new AbortController().signal,
  deadline: Number.POSITIVE_INFINITY,
  traceHeaders: {},
  incoming: {},
  traceId: '0'.repeat(32),
  ...more,
});

type Overrides = Omit<Partial<CallContext>, 'policy'> & { effect?: Effect; policy?: Partial<Policy> };

const bench = (invoke: Handler, { effect = 'read', policy = {}, ...more }: Overrides = {}): Bench => {
  const metrics = createMetrics();
  const callMetrics = createCallMetrics(metrics);
  const clock: Clock = more.clock ?? systemClock;
  const whole = { ...DEFAULTS, ...policy };
  const guard = createGuard('policy', whole, clock, callMetrics);
  guards.push(guard);
  const lines: LogLine[] = [];
  const at = (level: string) => (fields: Record<string, unknown>, message: string) =>
    void lines.push({ level, fields, message });
  const op = operation(effect);
  const context: CallContext = {
    bridge: 'policy',
    system: 'mainframe',
    adapter: 'soap',
    operation: op,
    policy: whole,
    requiredScopes: ['policy.read'],
    openAccess: false,
    validate: () => undefined,
    invoke,
    guard,
    tracing: createTracing(),
    metrics: callMetrics,
    clock,
    log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    ...more,
  };
  const handle = compileCall(context);
  return {
    handle,
    call: (override) => handle(newCall(op, override)),
    guard,
    metrics,
    lines,
    recompile: (change) => compileCall({ ...context, ...change }),
  };
};

const failureOf = (promise: Promise<unknown>): Promise<Failure> =>
  promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => {
      expect(error).toBeInstanceOf(Failure);
      return error as Failure;
    },
  );

/** An adapter whose calls end when told to. */
const held = () => {
  const calls: { call: Call; answer(): void; fail(error: unknown): void }[] = [];
  const invoke: Handler = (call) =>
    new Promise((resolve, reject) => calls.push({ call, answer: () => resolve(OK), fail: reject }));
  return { calls, invoke };
};

const unreachable = () => Failure.of('UNREACHABLE', 'no', { phase: 'before' });
const lost = () => Failure.of('CONNECTION_LOST', 'no', { phase: 'after' });

describe('a healthy call', () => {
  test("gives the adapter's reply untouched", async () => {
    const reply = bytesReply(new TextEncoder().encode('{"a":1}'));
    expect(await bench(async () => reply).call()).toBe(reply);
  });

  test('leaves no slot, no timer and no listener behind', async () => {
    const clock = manualClock();
    const timers = vi.spyOn(clock, 'setTimeout');
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const { call, guard, lines } = bench(async () => OK, { clock });
    for (let n = 0; n < 10; n++) await call({ signal });
    expect(guard.inFlight).toBe(0);
    expect(removed.mock.calls.length).toBe(added.mock.calls.length);
    expect(timers).toHaveBeenCalledTimes(10);
    expect(lines).toEqual([]);
  });
});

describe('access', () => {
  const stranger: Caller = { authenticated: false, scopes: new Set() };
  const poor: Caller = { authenticated: true, scopes: new Set(['other']) };
  const never: Handler = () => expect.fail('the adapter was called');
  const invalid = () => [{ pointer: '/secretField', message: 'is wrong' }];

  test.each([
    ['nobody', stranger, ['policy.read'], false, 'UNAUTHENTICATED'],
    ['nobody', stranger, ['policy.read'], true, 'UNAUTHENTICATED'],
    ['nobody', stranger, [], false, 'UNAUTHENTICATED'],
    ['one without the scope', poor, ['policy.read'], false, 'FORBIDDEN'],
    ['one without the scope', poor, ['policy.read'], true, 'FORBIDDEN'],
    ['one with one scope of two', CALLER, ['policy.read', 'audit'], false, 'FORBIDDEN'],
    ['anyone known', CALLER, [], false, 'FORBIDDEN'],
  ])('%s is refused before validation (%#)', async (_, caller, requiredScopes, openAccess, code) => {
    const { call } = bench(never, { requiredScopes, openAccess, validate: invalid });
    const failure = await failureOf(call({ caller }));
    expect(failure.code).toBe(code);
    expect(JSON.stringify(failure)).not.toContain('secretField');
  });

  test('scopes that somebody claims without a verified credential are none', async () => {
    const liar: Caller = { authenticated: false, scopes: new Set(['policy.read']) };
    expect((await failureOf(bench(never).call({ caller: liar }))).code).toBe('UNAUTHENTICATED');
  });

  test('open access lets everyone at operations without declared scopes', async () => {
    const { call } = bench(async () => OK, { requiredScopes: [], openAccess: true });
    expect(await call({ caller: stranger })).toBe(OK);
  });
});

test('bad input ends before the system', async () => {
  const { call, lines } = bench(() => expect.fail('the adapter was called'), {
    validate: () => [{ pointer: '/policyNumber', message: 'is missing' }],
  });
  const failure = await failureOf(call());
  expect(failure).toMatchObject({
    code: 'INVALID_INPUT',
    status: 400,
    options: { errors: [{ pointer: '/policyNumber' }] },
  });
  expect(lines.map(({ level }) => level)).toEqual(['info']);
});

describe('deadline', () => {
  test.each([
    ['read', undefined],
    ['write', 'unknown'],
    ['write-idempotent', 'unknown'],
  ] as const)('a %s that is under way times out with outcome %s', async (effect, outcome) => {
    const clock = manualClock();
    const { calls, invoke } = held();
    const { call } = bench(invoke, { clock, effect, policy: { timeoutMs: 50 } });
    const failing = failureOf(call());
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]!.call.deadline).toBe(50);
    clock.advance(50);
    expect(calls[0]!.call.signal.aborted).toBe(true);
    const failure = await failing;
    expect(failure).toMatchObject({ code: 'TIMEOUT', status: 504 });
    expect(failure.options.outcome).toBe(outcome);
    calls[0]!.answer();
  });

  test('an adapter that still knew that nothing was sent says notDone', async () => {
    const clock = manualClock();
    const invoke: Handler = (call) =>
      new Promise((_, reject) =>
        call.signal.addEventListener('abort', () => reject(Failure.of('TIMEOUT', 'x', { phase: 'before' }))),
      );
    const { call } = bench(invoke, { clock, effect: 'write', policy: { timeoutMs: 50 } });
    const failing = failureOf(call());
    await new Promise(setImmediate);
    clock.advance(50);
    expect((await failing).options).toMatchObject({ phase: 'before', outcome: 'notDone' });
  });

  test('an answer in time is an answer, whatever the clock does later', async () => {
    const clock = manualClock();
    const { call } = bench(async () => OK, { clock, policy: { timeoutMs: 50 } });
    expect(await call()).toBe(OK);
    clock.advance(1_000);
  });
});

describe('a caller who goes away', () => {
  test('ends the call; the breaker does not count it', async () => {
    const { calls, invoke } = held();
    const { call, guard, metrics } = bench(invoke, { policy: { breaker: { ...DEFAULTS.breaker, minimumCalls: 1 } } });
    for (let n = 0; n < 5; n++) {
      const controller = new AbortController();
      const failing = failureOf(call({ signal: controller.signal }));
      await vi.waitFor(() => expect(calls).toHaveLength(n + 1));
      controller.abort();
      await failing;
      expect(calls[n]!.call.signal.aborted).toBe(true);
      calls[n]!.fail(Failure.of('TIMEOUT', 'aborted', { phase: 'after' }));
    }
    await vi.waitFor(() => expect(guard.inFlight).toBe(0));
    expect(guard.breakerState('getPolicy')).toBe('closed');
    expect((await metrics.render(undefined)).body).toContain('outcome="cancelled"} 5');
  });

  test('who was gone already never reaches the system', async () => {
    await failureOf(bench(() => expect.fail('the adapter was called')).call({ signal: AbortSignal.abort() }));
  });

  test('a bridge that closes its calls says why', async () => {
    const { calls, invoke } = held();
    const controller = new AbortController();
    const failing = failureOf(bench(invoke).call({ signal: controller.signal }));
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    controller.abort(Failure.of('SHUTTING_DOWN', 'The bridge closes.'));
    expect((await failing).code).toBe('SHUTTING_DOWN');
  });
});

describe('retry', () => {
  const counting = (failures: unknown[]) => {
    let attempts = 0;
    const invoke: Handler = async () => {
      const error = failures[attempts++];
      if (error !== undefined) throw error;
      return OK;
    };
    return { invoke, attempts: () => attempts };
  };

  test.each<[Effect, string, () => Failure, number]>([
    ['read', 'UNREACHABLE', unreachable, 2],
    ['read', 'CONNECTION_LOST', lost, 2],
    ['read', 'LEGACY_UNAVAILABLE', () => Failure.of('LEGACY_UNAVAILABLE', 'x', { phase: 'after' }), 2],
    ['write-idempotent', 'UNREACHABLE', unreachable, 2],
    ['write-idempotent', 'CONNECTION_LOST', lost, 1],
    ['write', 'UNREACHABLE', unreachable, 2],
    ['write', 'CONNECTION_LOST', lost, 1],
    ['write', 'a failure of unknown phase', () => Failure.of('LEGACY_UNAVAILABLE', 'x'), 1],
    ['read', 'PROTOCOL_ERROR', () => Failure.of('PROTOCOL_ERROR', 'x', { phase: 'after' }), 1],
    ['read', 'EGRESS_REFUSED', () => Failure.of('EGRESS_REFUSED', 'x', { phase: 'before' }), 1],
    ['read', 'BRIDGE_DOWN', () => Failure.of('BRIDGE_DOWN', 'x', { phase: 'before' }), 1],
    ['read', 'NOT_FOUND', () => Failure.of('NOT_FOUND', 'x'), 1],
    ['read', 'a declared fault', () => Failure.declared({ code: 'NO', native: 'No', status: 422 }, 'no', {}), 1],
    ['read', 'a bug of ours', () => new TypeError('bug') as unknown as Failure, 1],
  ])('%s after %s', async (effect, _, failure, expected) => {
    const { invoke, attempts } = counting([failure(), undefined]);
    const outcome = bench(invoke, { effect }).call();
    if (expected === 2) expect(await outcome).toBe(OK);
    else await failureOf(outcome);
    expect(attempts()).toBe(expected);
  });

  test.each<[Effect, () => Failure, string | undefined]>([
    ['write', unreachable, 'notDone'],
    ['write', lost, 'unknown'],
    ['write', () => Failure.of('PROTOCOL_ERROR', 'x'), 'unknown'],
    ['write-idempotent', lost, 'unknown'],
    ['read', lost, undefined],
  ])('a failed %s says its outcome', async (effect, failure, outcome) => {
    const { invoke } = counting([failure(), failure(), failure()]);
    expect((await failureOf(bench(invoke, { effect }).call())).options.outcome).toBe(outcome);
  });

  test('stops at its attempts', async () => {
    const { invoke, attempts } = counting(Array.from({ length: 9 }, unreachable));
    await failureOf(bench(invoke, { policy: { retry: { attempts: 3, backoffMs: 0 } } }).call());
    expect(attempts()).toBe(3);
  });

  test('backs off with jitter, holding no slot, and not beyond the deadline', async () => {
    const clock = manualClock();
    const { invoke, attempts } = counting([unreachable(), unreachable(), unreachable(), unreachable()]);
    const { call, guard } = bench(invoke, {
      clock,
      policy: { timeoutMs: 1_000, retry: { attempts: 5, backoffMs: 400 } },
    });
    const failing = failureOf(call());
    await vi.waitFor(() => expect(attempts()).toBe(1));
    await vi.waitFor(() => expect(guard.inFlight).toBe(0));
    clock.advance(199);
    await new Promise(setImmediate);
    expect(attempts()).toBe(1);
    clock.advance(201);
    await vi.waitFor(() => expect(attempts()).toBe(2));
    // 400 to 800 ms more: at most one further attempt fits in.
    clock.advance(599);
    expect((await failing).code).toMatch(/UNREACHABLE|TIMEOUT/);
    expect(attempts()).toBeLessThanOrEqual(3);
  });

  test('waits as long as the system asks, or not at all when that is too long', async () => {
    const clock = manualClock();
    const { invoke, attempts } = counting([Failure.of('LEGACY_UNAVAILABLE', 'x', { retryAfterMs: 60_000 })]);
    await failureOf(bench(invoke, { clock }).call());
    expect(attempts()).toBe(1);
  });

  test('a caller who goes during the pause ends it', async () => {
    const clock = manualClock();
    const { invoke, attempts } = counting([unreachable()]);
    const controller = new AbortController();
    const failing = failureOf(
      bench(invoke, { clock, policy: { retry: { attempts: 2, backoffMs: 500 } } }).call({ signal: controller.signal }),
    );
    await vi.waitFor(() => expect(attempts()).toBe(1));
    await new Promise(setImmediate);
    controller.abort();
    await failing;
    clock.advance(1_000);
    await new Promise(setImmediate);
    expect(attempts()).toBe(1);
  });

  test('when everything fails, retries stay within a tenth of the calls and a few', async () => {
    const { invoke, attempts } = counting(Array.from({ length: 5_000 }, unreachable));
    const { call } = bench(invoke, {
      clock: manualClock(),
      policy: { breaker: { ...DEFAULTS.breaker, minimumCalls: 100_000 } },
    });
    for (let n = 0; n < 200; n++) await failureOf(call());
    expect(attempts() - 200).toBeGreaterThan(5);
    expect(attempts() - 200).toBeLessThanOrEqual(25);
  });
});

describe('breaker', () => {
  const sick = () => Failure.of('LEGACY_UNAVAILABLE', 'x', { phase: 'after' });
  const policy = {
    breaker: { windowMs: 1_000, minimumCalls: 4, failureRate: 0.5, openMs: 5_000, probes: 1 },
    retry: { attempts: 1, backoffMs: 0 },
  };

  const switchable = (overrides: Overrides = {}) => {
    let error: unknown;
    let attempts = 0;
    const rig = bench(
      async () => {
        attempts++;
        if (error !== undefined) throw error;
        return OK;
      },
      { policy, ...overrides },
    );
    return { ...rig, become: (next: unknown) => void (error = next), attempts: () => attempts };
  };

  const failTimes = async (rig: { call(): Promise<unknown> }, times: number) => {
    for (let n = 0; n < times; n++) await failureOf(rig.call());
  };

  test('opens at the rate, not before the minimum, and says when to come back', async () => {
    vi.useFakeTimers();
    const rig = switchable({ effect: 'write' });
    rig.become(sick());
    await failTimes(rig, 3);
    expect(rig.guard.breakerState('getPolicy')).toBe('closed');
    await failTimes(rig, 1);
    expect(rig.guard.breakerState('getPolicy')).toBe('open');
    vi.advanceTimersByTime(1_000);
    const refused = await failureOf(rig.call());
    expect(refused).toMatchObject({
      code: 'BREAKER_OPEN',
      status: 503,
      options: { outcome: 'notDone', phase: 'before' },
    });
    expect(refused.options.retryAfterMs).toBeCloseTo(4_000, -1);
    expect(rig.attempts()).toBe(4);
    expect((await rig.metrics.render(undefined)).body).toContain(
      'bailey_breaker_state{bridge="policy",operation="getPolicy"} 2',
    );
  });

  test('half of the calls failing is the rate of 0.5', async () => {
    vi.useFakeTimers();
    const rig = switchable();
    await rig.call();
    await rig.call();
    rig.become(sick());
    await failTimes(rig, 2);
    expect(rig.guard.breakerState('getPolicy')).toBe('open');
  });

  test('failures that are long past do not count', async () => {
    vi.useFakeTimers();
    const rig = switchable();
    rig.become(sick());
    await failTimes(rig, 3);
    vi.advanceTimersByTime(1_500);
    await failTimes(rig, 3);
    expect(rig.guard.breakerState('getPolicy')).toBe('closed');
  });

  test.each<[string, () => unknown]>([
    ['a business fault', () => Failure.declared({ code: 'NO', native: 'No', status: 422 }, 'no', {})],
    ['not found', () => Failure.of('NOT_FOUND', 'x')],
    ['a rejection', () => Failure.of('CONFLICT', 'x')],
    ['a bug of ours', () => new TypeError('bug')],
    ['egress refused', () => Failure.of('EGRESS_REFUSED', 'x')],
  ])('%s never opens it', async (_, error) => {
    const rig = switchable();
    rig.become(error());
    await failTimes(rig, 20);
    expect(rig.guard.breakerState('getPolicy')).toBe('closed');
  });

  test.each([
    ['LEGACY_UNAVAILABLE'],
    ['UNREACHABLE'],
    ['CONNECTION_LOST'],
    ['PROTOCOL_ERROR'],
    ['TIMEOUT'],
    ['LEGACY_FAULT'],
  ] as const)('%s opens it', async (code) => {
    const rig = switchable();
    rig.become(Failure.of(code, 'x'));
    await failTimes(rig, 4);
    expect(rig.guard.breakerState('getPolicy')).toBe('open');
  });

  test('the deadline opens it, even if the adapter never ends', async () => {
    const clock = manualClock();
    const { calls, invoke } = held();
    const { call, guard } = bench(invoke, { clock, policy: { ...policy, timeoutMs: 10 } });
    const failing = Array.from({ length: 4 }, () => failureOf(call()));
    await vi.waitFor(() => expect(calls).toHaveLength(4));
    clock.advance(10);
    await Promise.all(failing);
    expect(guard.breakerState('getPolicy')).toBe('open');
    expect(guard.inFlight).toBe(4);
  });

  test('one probe closes it, and old failures do not open it again at the next one', async () => {
    vi.useFakeTimers();
    const rig = switchable({ policy: { ...policy, breaker: { ...policy.breaker, windowMs: 60_000 } } });
    rig.become(sick());
    await failTimes(rig, 4);
    vi.advanceTimersByTime(5_000);
    expect(rig.guard.breakerState('getPolicy')).toBe('halfOpen');
    rig.become(undefined);
    expect(await rig.call()).toBe(OK);
    expect(rig.guard.breakerState('getPolicy')).toBe('closed');
    rig.become(sick());
    await failTimes(rig, 3);
    expect(rig.guard.breakerState('getPolicy')).toBe('closed');
  });

  test('a sick probe opens it again', async () => {
    vi.useFakeTimers();
    const rig = switchable();
    rig.become(sick());
    await failTimes(rig, 4);
    vi.advanceTimersByTime(5_000);
    await failTimes(rig, 1);
    expect(rig.attempts()).toBe(5);
    expect(rig.guard.breakerState('getPolicy')).toBe('open');
    vi.advanceTimersByTime(4_000);
    expect((await failureOf(rig.call())).options.retryAfterMs).toBeCloseTo(1_000, -1);
  });

  test('half open lets as many through as it asks for, and all must be healthy', async () => {
    vi.useFakeTimers();
    const { calls, invoke } = held();
    const { call, guard } = bench(invoke, { policy: { ...policy, breaker: { ...policy.breaker, probes: 3 } } });
    const opening = Array.from({ length: 4 }, () => failureOf(call()));
    for (const { fail } of calls) fail(sick());
    await Promise.all(opening);
    vi.advanceTimersByTime(5_000);
    const probes = Array.from({ length: 3 }, () => call());
    expect((await failureOf(call())).code).toBe('BREAKER_OPEN');
    expect(calls).toHaveLength(7);
    calls[4]!.answer();
    calls[5]!.answer();
    await Promise.all(probes.slice(0, 2));
    expect(guard.breakerState('getPolicy')).toBe('halfOpen');
    calls[6]!.answer();
    await probes[2];
    expect(guard.breakerState('getPolicy')).toBe('closed');
  });

  test('a probe whose caller goes away is not lost: the next one may try', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] });
    const { calls, invoke } = held();
    const { call, guard } = bench(invoke, { policy });
    const opening = Array.from({ length: 4 }, () => failureOf(call()));
    for (const { fail } of calls) fail(sick());
    await Promise.all(opening);
    vi.advanceTimersByTime(5_000);
    const controller = new AbortController();
    const probe = failureOf(call({ signal: controller.signal }));
    controller.abort();
    await probe;
    expect(guard.breakerState('getPolicy')).toBe('halfOpen');
    const next = call();
    expect(calls).toHaveLength(6);
    calls[5]!.answer();
    await next;
    expect(guard.breakerState('getPolicy')).toBe('closed');
  });

  test('an answer to a call from before it opened is no probe', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] });
    const { calls, invoke } = held();
    const { call, guard } = bench(invoke, { policy });
    const early = call();
    const opening = Array.from({ length: 4 }, () => failureOf(call()));
    for (const { fail } of calls.slice(1)) fail(sick());
    await Promise.all(opening);
    vi.advanceTimersByTime(5_000);
    calls[0]!.answer();
    await early;
    expect(guard.breakerState('getPolicy')).toBe('halfOpen');
  });

  test('each operation has its own', async () => {
    const rig = switchable();
    const other = rig.recompile({ operation: { ...operation('read'), name: 'other' }, invoke: async () => OK });
    rig.become(sick());
    await failTimes(rig, 4);
    expect(rig.guard.breakerState('getPolicy')).toBe('open');
    expect(await other(newCall(operation('read')))).toBe(OK);
    expect(rig.guard.breakerState('other')).toBe('closed');
  });
});

describe('in-flight limit', () => {
  test('refuses at once what would be too much, and the breaker does not mind', async () => {
    const { calls, invoke } = held();
    const { call, guard } = bench(invoke, {
      effect: 'write',
      policy: { concurrency: 2, breaker: { ...DEFAULTS.breaker, minimumCalls: 1 } },
    });
    const running = [call(), call()];
    const refused = await failureOf(call());
    expect(refused).toMatchObject({ code: 'OVERLOADED', status: 503, options: { outcome: 'notDone' } });
    expect(refused.options.retryAfterMs).toBeGreaterThan(0);
    expect(guard.breakerState('getPolicy')).toBe('closed');
    for (const { answer } of calls) answer();
    await Promise.all(running);
    expect(guard.inFlight).toBe(0);
  });

  test('a queue serves in order of arrival, and is bounded', async () => {
    const { calls, invoke } = held();
    const { call } = bench(invoke, { policy: { concurrency: 1, queue: 2 } });
    const first = call({ input: 1 });
    const waiting = [call({ input: 2 }), call({ input: 3 })];
    expect((await failureOf(call({ input: 4 }))).code).toBe('OVERLOADED');
    calls[0]!.answer();
    await first;
    await vi.waitFor(() => expect(calls).toHaveLength(2));
    calls[1]!.answer();
    await vi.waitFor(() => expect(calls).toHaveLength(3));
    calls[2]!.answer();
    await Promise.all(waiting);
    expect(calls.map(({ call: { input } }) => input)).toEqual([1, 2, 3]);
  });

  test('nobody waits longer than his deadline, and nothing is sent for him after', async () => {
    const clock = manualClock();
    const { calls, invoke } = held();
    const { call } = bench(invoke, { clock, effect: 'write', policy: { concurrency: 1, queue: 5, timeoutMs: 100 } });
    const first = failureOf(call());
    clock.advance(50);
    const second = failureOf(call());
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    clock.advance(50);
    expect((await first).code).toBe('TIMEOUT');
    clock.advance(50);
    expect(await second).toMatchObject({ code: 'OVERLOADED', options: { outcome: 'notDone' } });
    calls[0]!.answer();
    await new Promise(setImmediate);
    expect(calls).toHaveLength(1);
  });

  test('a caller who leaves the queue leaves room', async () => {
    const { calls, invoke } = held();
    const { call } = bench(invoke, { policy: { concurrency: 1, queue: 1 } });
    const first = call();
    const controller = new AbortController();
    const second = failureOf(call({ signal: controller.signal }));
    controller.abort();
    await second;
    const third = call();
    calls[0]!.answer();
    await first;
    await vi.waitFor(() => expect(calls).toHaveLength(2));
    calls[1]!.answer();
    await third;
  });

  test('counts real completion: 40 calls on 5 that time out, while the adapter works on', async () => {
    const clock = manualClock();
    let atOnce = 0;
    let most = 0;
    const endings: (() => void)[] = [];
    const stubborn: Handler = () =>
      new Promise((resolve) => {
        most = Math.max(most, ++atOnce);
        endings.push(() => {
          atOnce--;
          resolve(OK);
        });
      });
    const { call, guard } = bench(stubborn, {
      clock,
      policy: { concurrency: 5, queue: 100, timeoutMs: 100, breaker: { ...DEFAULTS.breaker, minimumCalls: 1_000 } },
    });
    const calls = Array.from({ length: 40 }, () => failureOf(call()));
    await new Promise(setImmediate);
    clock.advance(100);
    const codes = (await Promise.all(calls)).map(({ code }) => code);
    expect(codes.filter((code) => code === 'TIMEOUT')).toHaveLength(5);
    expect(codes.filter((code) => code === 'OVERLOADED')).toHaveLength(35);
    expect(guard.inFlight).toBe(5);
    expect(
      (await failureOf(bench(stubborn, { policy: { concurrency: 1 }, guard }).call({ signal: AbortSignal.timeout(5) })))
        .code,
    ).toMatch(/TIMEOUT|OVERLOADED/);
    for (const end of endings) end();
    await vi.waitFor(() => expect(guard.inFlight).toBe(0));
    expect(most).toBe(5);
  });

  test('at a real system that works on after a hang-up, holdMs keeps it at 5', async () => {
    const WORK_MS = 120;
    let atOnce = 0;
    let most = 0;
    let served = 0;
    const legacy = createServer((incoming, response) => {
      incoming.resume();
      most = Math.max(most, ++atOnce);
      served++;
      setTimeout(() => {
        atOnce--;
        response.end('late');
      }, WORK_MS);
    });
    legacy.listen(0, '127.0.0.1');
    await once(legacy, 'listening');
    const origin = `http://127.0.0.1:${(legacy.address() as AddressInfo).port}`;
    const egress = createEgress({ allow: [origin], tracing: createTracing() });
    closers.push(
      () => egress.close(),
      () => legacy.close(),
      () => legacy.closeAllConnections(),
    );
    const invoke: Handler = async ({ signal }) => {
      const { body } = await egress
        .fetch({ url: `${origin}/`, method: 'POST', headers: {}, body: 'x', signal, maxResponseBytes: 1_000 })
        .catch((error: unknown) => {
          if (error instanceof EgressError)
            throw Failure.of('TIMEOUT', 'aborted', { phase: error.phase, cause: error });
          throw error;
        });
      return bytesReply(body);
    };
    const { call, guard } = bench(invoke, {
      policy: {
        concurrency: 5,
        queue: 40,
        timeoutMs: 40,
        holdMs: 3 * WORK_MS,
        breaker: { ...DEFAULTS.breaker, minimumCalls: 1_000 },
      },
    });
    for (let wave = 0; wave < 8; wave++) {
      const failures = await Promise.all(Array.from({ length: 5 }, () => failureOf(call())));
      expect(failures.every(({ code }) => code === 'TIMEOUT' || code === 'OVERLOADED')).toBe(true);
    }
    await vi.waitFor(() => expect(guard.inFlight).toBe(0), { timeout: 2_000 });
    expect(served).toBeGreaterThanOrEqual(5);
    expect(most).toBe(5);
  });

  test('an adapter that throws at once gives its slot back', async () => {
    const { call, guard } = bench(() => {
      throw new TypeError('at once');
    });
    expect((await failureOf(call())).code).toBe('INTERNAL');
    expect(guard.inFlight).toBe(0);
  });

  test('a closed guard refuses those who wait and those who come', async () => {
    const { invoke, calls } = held();
    const { call, guard, metrics } = bench(invoke, { policy: { concurrency: 1, queue: 1 } });
    const running = call();
    const waiting = failureOf(call());
    await new Promise(setImmediate);
    guard.close();
    expect((await waiting).code).toBe('SHUTTING_DOWN');
    expect((await failureOf(call())).code).toBe('SHUTTING_DOWN');
    calls[0]!.answer();
    await running;
    expect(guard.inFlight).toBe(0);
    expect((await metrics.render(undefined)).body).not.toContain('bridge="policy"');
  });
});

describe('what is seen of a call', () => {
  const PARENT = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', tracestate: 'v=1' };

  const recording = () => {
    const spans: {
      name: string;
      kind: string;
      parent: string | undefined;
      attributes: Record<string, unknown>;
      failed?: unknown;
      ended: number;
    }[] = [];
    const tracing = createTracing({
      sample: (_, parent) => parent?.sampled ?? false,
      record(name, kind, _own, parent, attributes): SpanRecord {
        const span: (typeof spans)[number] = { name, kind, parent: parent?.spanId, attributes, ended: 0 };
        spans.push(span);
        return { set: () => undefined, fail: ({ code }) => void (span.failed = code), end: () => void span.ended++ };
      },
    });
    return { spans, tracing };
  };

  test('one span, child of the one that came in; the adapter gets headers to send on', async () => {
    const { spans, tracing } = recording();
    let headers: Readonly<Record<string, string>> = {};
    const { call } = bench(async ({ traceHeaders }) => ((headers = traceHeaders), OK), { tracing });
    await call({ incoming: PARENT });
    expect(spans).toMatchObject([{ name: 'policy.getPolicy', kind: 'internal', parent: '00f067aa0ba902b7', ended: 1 }]);
    expect(spans[0]!.attributes).toMatchObject({
      'bailey.bridge': 'policy',
      'bailey.operation': 'getPolicy',
      'bailey.system': 'mainframe',
      'rpc.system.name': 'soap',
    });
    expect(parseTraceparent(headers.traceparent)).toMatchObject({
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      sampled: true,
    });
    expect(headers.tracestate).toBe('v=1');
  });

  test('a failure: span, metrics with exemplar, one log line with the cause, nothing native in the answer', async () => {
    const { spans, tracing } = recording();
    const cause = new Error('ORA-01017 on db-host-7');
    const { call, lines, metrics } = bench(
      async () => {
        throw Failure.of('LEGACY_UNAVAILABLE', 'Calling getPolicy: unavailable.', { cause });
      },
      { tracing, policy: { retry: { attempts: 1, backoffMs: 0 } } },
    );
    const failure = await failureOf(call({ incoming: PARENT }));
    expect(spans).toMatchObject([{ failed: 'LEGACY_UNAVAILABLE', ended: 1 }]);
    expect(lines).toMatchObject([
      {
        level: 'warn',
        message: 'Calling getPolicy: unavailable.',
        fields: {
          trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
          bridge: 'policy',
          operation: 'getPolicy',
          system: 'mainframe',
          code: 'LEGACY_UNAVAILABLE',
          consumer: 'claims',
          err: cause,
        },
      },
    ]);
    expect(failure.message).not.toContain('ORA');
    const { body } = await metrics.render('application/openmetrics-text');
    expect(body).toContain(
      'bailey_calls_total{bridge="policy",operation="getPolicy",system="mainframe",outcome="unavailable"} 1',
    );
    expect(body).toContain(
      'bailey_calls_total{bridge="policy",operation="getPolicy",system="mainframe",outcome="ok"} 0',
    );
    expect(body).toMatch(
      /bailey_call_duration_seconds_bucket\{.*\} 1 # \{trace_id="4bf92f3577b34da6a3ce929d0e0e4736"\}/,
    );
  });

  test('a bug of ours is INTERNAL and says nothing of itself', async () => {
    const { call, lines } = bench(async () => {
      throw new TypeError('secret internals');
    });
    const failure = await failureOf(call());
    expect(failure).toMatchObject({ code: 'INTERNAL', status: 500 });
    expect(failure.message).not.toContain('secret');
    expect(lines.map(({ level }) => level)).toEqual(['error']);
  });

  test('series of a bridge go when the last of its revisions is closed', async () => {
    const metrics = createMetrics();
    const callMetrics = createCallMetrics(metrics);
    const old = createGuard('policy', DEFAULTS, systemClock, callMetrics);
    old.breaker('a');
    const next = createGuard('policy', DEFAULTS, systemClock, callMetrics);
    next.breaker('a');
    old.close();
    expect((await metrics.render(undefined)).body).toContain('bridge="policy"');
    next.close();
    expect((await metrics.render(undefined)).body).not.toContain('bridge="policy"');
  });
});
