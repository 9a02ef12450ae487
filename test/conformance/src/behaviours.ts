import { FAULTS, Failure } from '@bailey/contract';
import type { Operation } from '@bailey/contract';
import { expect, vi } from 'vitest';
import type { Card } from './card.ts';
import type { FaultMode } from './fault-proxy.ts';
import { Line } from './line.ts';
import type { Stand } from './line.ts';
import { recordingLog } from './recording-log.ts';
import { configErrors, valueErrors } from './schema.ts';

/** How long "soon" is, with room for a machine that is busy with other things. */
const SOON_MS = 1_000;
const SHORT_DEADLINE_MS = 300;
const CUTS = 8;
const ILL: readonly FaultMode[] = ['cut', 'garbage', 'refused'];

type Behaviour = <Config, Plan>(stand: Stand<Config, Plan>) => Promise<void>;

const firstSample = <Config, Plan>({ samples }: Card<Config, Plan>, { operations }: { operations: Operation[] }) => {
  const operation =
    operations.find(({ exchange, effect }) => exchange === 'unary' && effect === 'read') ?? operations[0];
  if (operation === undefined) throw new Error('The contract has no operation to call.');
  return [operation.name, samples[operation.name]!.input] as const;
};

/** A code that a caller was promised: of the contract, or of the table; a bug of ours is neither. */
const expectPromised = (error: unknown, operation: Operation): void => {
  expect(error).toBeInstanceOf(Failure);
  const { code } = error as Failure;
  expect(code).not.toBe('INTERNAL');
  expect([...operation.faults.map((fault) => fault.code), ...Object.keys(FAULTS)]).toContain(code);
};

// All that leaves the house with a failure; `cause` stays for the log.
const visible = (error: unknown): string => {
  const { cause: _, ...options } = error instanceof Failure ? error.options : { cause: undefined };
  return `${String(error)} ${JSON.stringify(options)}`;
};

/** What `promise` becomes, if that is soon. */
const soon = async <T>(promise: Promise<T>, withinMs: number, what: string): Promise<T> => {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what} took longer than ${withinMs} ms.`)), withinMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
};

const describesTwice: Behaviour = async ({ card, config }) => {
  const { log } = recordingLog();
  const { host, close } = await card.host({
    signal: new AbortController().signal,
    egress: card.adapter.egress(config, undefined),
    log,
  });
  const first = await card.adapter.describe(config, host, card.describeOptions);
  const second = await card.adapter.describe(config, host, card.describeOptions);
  await close();
  expect(JSON.stringify(second)).toBe(JSON.stringify(first));
  expect(JSON.parse(JSON.stringify(first))).toEqual(first);
};

const refusesBadConfig: Behaviour = async ({ card }) => {
  expect(card.badConfigs.length).toBeGreaterThan(0);
  for (const { config, pointer } of card.badConfigs)
    expect(configErrors(card.adapter.config, config).map((error) => error.pointer)).toContain(pointer);
};

const returnsWhatWasPromised: Behaviour = async ({ card, config }) => {
  await using line = await Line.open(card, config);
  const { contract } = line.described;
  expect(Object.keys(card.samples).sort()).toEqual(contract.operations.map(({ name }) => name).sort());
  for (const { name, input: schema, output, exchange } of contract.operations) {
    const sample = card.samples[name]!;
    expect(valueErrors(contract, schema, sample.input), `sample input of ${name}`).toEqual([]);
    const reply = await line.invoke(name, sample.input);
    const bytes = reply.bytes();
    if (bytes !== undefined)
      expect(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))).toEqual(reply.value());
    if (exchange === 'one-way') expect(reply.value()).toEqual({});
    if (output !== undefined) expect(valueErrors(contract, output, reply.value()), `answer of ${name}`).toEqual([]);
    if (sample.output !== undefined) expect(reply.value()).toEqual(sample.output);
  }
};

const turnsFailuresIntoFaults: Behaviour = async ({ card, config, emulator }) => {
  await using line = await Line.open(card, config);
  for (const { operation: name, input, code } of card.nativeFailures) {
    const operation = line.operation(name);
    const error = await line.failure(name, input);
    expectPromised(error, operation);
    expect((error as Failure).code).toBe(code);
    const detail = operation.faults.find((fault) => fault.code === code)?.detail;
    if (detail !== undefined)
      expect(valueErrors(line.described.contract, detail, (error as Failure).options.fault!.detail)).toEqual([]);
  }
  const [name, input] = firstSample(card, line.described.contract);
  for (const mode of ILL) {
    emulator.setMode(mode);
    const error = await line.failure(name, input);
    expectPromised(error, line.operation(name));
    expect(['protocol', 'unavailable'], mode).toContain((error as Failure).kind);
  }
};

const stopsAfterAbort: Behaviour = async ({ card, config, emulator }) => {
  await using line = await Line.open(card, config);
  const [name, input] = firstSample(card, line.described.contract);
  emulator.setMode('halfOpen');
  const hangUp = new AbortController();
  const before = emulator.received();
  const failing = line.failure(name, input, { signal: hangUp.signal });
  await vi.waitUntil(() => emulator.received() > before, { timeout: 5_000 });
  hangUp.abort();
  expect(await soon(failing, SOON_MS, 'Stopping')).toBeInstanceOf(Failure);
  // The line itself is closed: a legacy system that works on for nobody is the harm that a time-out must not do.
  await vi.waitUntil(() => emulator.connections() === 0, { timeout: SOON_MS });
};

const honoursDeadline: Behaviour = async ({ card, config, emulator }) => {
  await using line = await Line.open(card, config);
  const [name, input] = firstSample(card, line.described.contract);
  for (const mode of ['halfOpen', 'drip'] as const) {
    emulator.setMode(mode);
    const startedAt = performance.now();
    const failing = line.failure(name, input, { timeoutMs: SHORT_DEADLINE_MS });
    const error = await soon(failing, SHORT_DEADLINE_MS + SOON_MS, 'Giving up at the deadline');
    expect((error as Failure).code, mode).toBe('TIMEOUT');
    // A timer may fire a fraction early by this clock.
    expect(performance.now() - startedAt).toBeGreaterThan(SHORT_DEADLINE_MS - 5);
  }
};

/** Ill, then healthy again: the same connection serves on. */
const recoversFrom =
  (mode: FaultMode, times: number): Behaviour =>
  async ({ card, config, emulator }) => {
    await using line = await Line.open(card, config);
    const [name, input] = firstSample(card, line.described.contract);
    const healthy = (await line.invoke(name, input)).value();
    for (let time = 0; time < times; time++) {
      emulator.setMode(mode);
      expectPromised(await line.failure(name, input, { timeoutMs: SHORT_DEADLINE_MS }), line.operation(name));
      emulator.setMode('healthy');
      expect((await line.invoke(name, input)).value()).toEqual(healthy);
    }
  };

const keepsSecrets: Behaviour = async ({ card, config, emulator }) => {
  expect(card.secrets.length).toBeGreaterThan(0);
  await using line = await Line.open(card, config);
  const [name, input] = firstSample(card, line.described.contract);
  const seen: string[] = [];
  for (const failure of card.nativeFailures) seen.push(visible(await line.failure(failure.operation, failure.input)));
  for (const mode of [...ILL, 'halfOpen', 'drip'] as const) {
    emulator.setMode(mode);
    seen.push(visible(await line.failure(name, input, { timeoutMs: SHORT_DEADLINE_MS })));
    seen.push((await line.connection.health(AbortSignal.timeout(SHORT_DEADLINE_MS))).reason);
  }
  seen.push(JSON.stringify(line.described), ...line.logLines.map(({ text }) => text));
  for (const secret of card.secrets) expect(seen.filter((text) => text.includes(secret))).toEqual([]);
};

const isQuiet: Behaviour = async ({ card, config }) => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  const line = await Line.open(card, config);
  for (const [name, { input }] of Object.entries(card.samples)) await line.invoke(name, input);
  await line[Symbol.asyncDispose]();
  process.off('warning', onWarning);
  expect(line.logLines.filter(({ level }) => level !== 'debug')).toEqual([]);
  expect(warnings).toEqual([]);
};

const reportsDown: Behaviour = async ({ card, config, emulator }) => {
  const line = await Line.open(card, config);
  const [name, input] = firstSample(card, line.described.contract);
  await line.invoke(name, input);
  const health = () => line.connection.health(AbortSignal.timeout(SOON_MS));
  expect(await health()).toMatchObject({ up: true });

  emulator.setMode('refused');
  expect(await health()).toMatchObject({ up: false, reason: expect.stringMatching(/./) });
  emulator.setMode('healthy');

  await line[Symbol.asyncDispose]();
  expect(await health()).toMatchObject({ up: false });
  expect(await line.failure(name, input)).toBeInstanceOf(Failure);
  await vi.waitUntil(() => emulator.connections() === 0, { timeout: SOON_MS });
};

/** What every adapter that answers calls must do, in words for the people who rely on it. */
export const BEHAVIOURS = {
  'describes the same contract twice': describesTwice,
  'refuses bad config with a path': refusesBadConfig,
  'returns what the schema promises': returnsWhatWasPromised,
  'turns every native failure into a declared fault or a code of the table': turnsFailuresIntoFaults,
  'stops soon after an abort': stopsAfterAbort,
  'honours the deadline': honoursDeadline,
  'survives a half-open socket': recoversFrom('halfOpen', 1),
  'survives a cut in mid-reply': recoversFrom('cut', CUTS),
  'survives a slow drip': recoversFrom('drip', 1),
  'keeps secrets out of errors': keepsSecrets,
  'is quiet when healthy': isQuiet,
  'reports down after dispose and leaves no handle': reportsDown,
} as const satisfies Record<string, Behaviour>;

export type BehaviourName = keyof typeof BEHAVIOURS;
