import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { Failure } from '@bailey/contract';
import { DescribeRequests } from './entities.ts';
import { coalesced, type Listener } from './listener.ts';
import type { DescribeAnswer, DescribeRequest, SourceFiles, Subscription } from './store.ts';

const ASKED = 'bailey_describe_asked';
const ANSWERED = 'bailey_describe_answered';
const POLL_MS = 1_000;

type Encoded<T> = Omit<T, 'files'> & { files: Record<string, string> };

const mapFiles = <From, To>(files: Record<string, From>, map: (content: From) => To): Record<string, To> => {
  const mapped: Record<string, To> = Object.create(null);
  for (const [path, content] of Object.entries(files)) mapped[path] = map(content);
  return mapped;
};

const encodeFiles = <T extends { files: SourceFiles }>(message: T): Encoded<T> => ({
  ...message,
  files: mapFiles(message.files, (bytes) => Buffer.from(bytes).toString('base64')),
});

const decodeFiles = <T extends { files: SourceFiles }>(message: Encoded<T>): T =>
  ({ ...message, files: mapFiles(message.files, (text) => Buffer.from(text, 'base64')) }) as unknown as T;

type Described = Extract<DescribeAnswer, { ok: true }>;

const encodeAnswer = (answer: DescribeAnswer): unknown => (answer.ok ? encodeFiles(answer) : answer);

const decodeAnswer = (answer: unknown): DescribeAnswer =>
  (answer as DescribeAnswer).ok ? decodeFiles(answer as Encoded<Described>) : (answer as DescribeAnswer);

// Never waits for a row that a slow replica still holds; the next question sweeps it up.
const SWEEP = `
  delete from runtime.describe_request where id in (
    select id from runtime.describe_request where id = $1 or expires_at < clock_timestamp() for update skip locked)`;

const post = async (source: DataSource, id: string, request: DescribeRequest, timeoutMs: number): Promise<void> => {
  const expiresAt = () => `clock_timestamp() + interval '${Math.ceil(timeoutMs)} milliseconds'`;
  await source.manager.insert(DescribeRequests, { id, request: encodeFiles(request), expiresAt } as never);
  await source.query('select pg_notify($1, $2)', [ASKED, id]);
};

const readAnswer = async (source: DataSource, id: string): Promise<DescribeAnswer | undefined> => {
  const row = await source.manager.findOneBy(DescribeRequests, { id });
  return row?.answer ? decodeAnswer(row.answer) : undefined;
};

const nobodyAnswered = (timeoutMs: number): Failure =>
  Failure.of(
    'TIMEOUT',
    `Describing the source: no gateway has answered within ${Math.ceil(timeoutMs / 1000)} s. See that a data plane runs on this store.`,
  );

/** A wait that a knock ends early. */
const createBell = () => {
  let ring = new AbortController();
  const sleep = async (ms: number): Promise<void> => {
    await wait(ms, undefined, { signal: ring.signal }).catch(() => undefined);
    ring = new AbortController();
  };
  return { ring: () => ring.abort(), sleep };
};

export const askDescribe = async (
  source: DataSource,
  listener: Listener,
  request: DescribeRequest,
  timeoutMs: number,
): Promise<DescribeAnswer> => {
  const id = randomUUID();
  const deadline = performance.now() + timeoutMs;
  const bell = createBell();
  const off = listener.on(ANSWERED, bell.ring);
  try {
    await post(source, id, request, timeoutMs);
    for (let left = timeoutMs; left > 0; left = deadline - performance.now()) {
      await bell.sleep(Math.min(left, POLL_MS));
      const answer = await readAnswer(source, id);
      if (answer) return answer;
    }
    throw nobodyAnswered(timeoutMs);
  } finally {
    off();
    await source.query(SWEEP, [id]).catch(() => undefined);
  }
};

type DescribeHandler = (request: DescribeRequest) => Promise<DescribeAnswer>;

const refusal = (error: unknown): DescribeAnswer => {
  const { code, message, options } = Failure.from(error);
  const { more, errors } = options;
  return { ok: false, problem: { code, detail: message, ...(more && { more }), ...(errors && { errors }) } };
};

/** The row stays locked while we work, by the transaction that will answer it: a replica that dies lets go of it. */
const answerOne = async (manager: EntityManager, handler: DescribeHandler): Promise<boolean> => {
  await manager.query('set local idle_in_transaction_session_timeout = 0');
  const [row] = await manager.query<{ id: string; request: Encoded<DescribeRequest> }[]>(`
    select id, request from runtime.describe_request
    where answer is null and expires_at > clock_timestamp()
    order by asked_at limit 1 for update skip locked`);
  if (!row) return false;
  const answer = await handler(decodeFiles<DescribeRequest>(row.request)).catch(refusal);
  await manager.update(DescribeRequests, { id: row.id }, { answer: encodeAnswer(answer) as never });
  await manager.query('select pg_notify($1, $2)', [ANSWERED, row.id]);
  return true;
};

export const serveDescribe = (source: DataSource, listener: Listener, handler: DescribeHandler): Subscription => {
  let isOpen = true;
  const look = coalesced(async () => {
    while (isOpen && (await source.transaction((manager) => answerOne(manager, handler))));
  });
  const off = listener.on(ASKED, look);
  const timer = setInterval(look, POLL_MS).unref();
  look();
  return {
    close: async () => {
      isOpen = false;
      off();
      clearInterval(timer);
    },
  };
};
