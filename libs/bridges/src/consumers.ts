import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Failure, type Log } from '@bailey/contract';
import type { ConsumerDoc, ConsumerIdentity, Reference } from '@bailey/inventory';
import { hashKey, type KeyRecord } from '@bailey/platform';
import type { CallerMarks } from './live.ts';

/** Who is who among callers. */
export interface ConsumerIndex {
  consumerOf(marks: CallerMarks): string | undefined;
  /** Keys that stand in Consumer resources: they say who calls, and open nothing. */
  keys: KeyRecord[];
}

const HASHED = /^sha256:([0-9a-f]{64})$/;

const readText = async (file: string, folder: string): Promise<string> =>
  (await readFile(resolve(folder, file), 'utf8')).replace(/\r?\n$/, '');

const readReference = async (reference: Reference, folder: string, env: NodeJS.ProcessEnv): Promise<string> => {
  const text = 'env' in reference ? env[reference.env] : await readText(reference.file, folder);
  if (text) return text;
  throw Failure.of('INVALID_RESOURCE', 'the reference of apiKey leads to nothing');
};

/** A reference may lead to the key or to its hash; the file itself only ever holds the hash. */
const keyHash = async (apiKey: string | Reference, folder: string, env: NodeJS.ProcessEnv): Promise<string> => {
  const text = typeof apiKey === 'string' ? apiKey : await readReference(apiKey, folder, env);
  return HASHED.exec(text)?.[1] ?? hashKey(text);
};

type Mark = 'header' | 'subject' | 'spiffe';
const MARKS: readonly Mark[] = ['subject', 'spiffe', 'header'];

/**
 * Compiles the identities of all consumers. A key that cannot be read is left out, and said in the log: one
 * consumer's missing secret is no reason not to serve the others.
 */
export const indexConsumers = async (
  consumers: readonly ConsumerDoc[],
  env: NodeJS.ProcessEnv,
  log: Log,
): Promise<ConsumerIndex> => {
  const byMark: Record<Mark, Map<string, string>> = { header: new Map(), subject: new Map(), spiffe: new Map() };
  const keys: KeyRecord[] = [];
  const addKey = async ({ metadata, where }: ConsumerDoc, apiKey: string | Reference): Promise<void> => {
    const consumer = metadata.name;
    try {
      const hash = await keyHash(apiKey, dirname(where?.file ?? '.'), env);
      keys.push({ id: `consumer:${consumer}:${keys.length}`, hash, roles: [], scopes: [], consumer });
    } catch (error) {
      log.warn({ consumer, err: error }, `The API key of the consumer ${consumer} cannot be read; it is left out`);
    }
  };
  const add = async (consumer: ConsumerDoc, identity: ConsumerIdentity): Promise<void> => {
    if ('apiKey' in identity) return addKey(consumer, identity.apiKey);
    for (const [mark, value] of Object.entries(identity)) byMark[mark as Mark].set(value, consumer.metadata.name);
  };
  for (const consumer of consumers)
    for (const identity of consumer.spec.identities ?? []) await add(consumer, identity);
  const find = (marks: CallerMarks, mark: Mark): string | undefined => {
    const value = marks[mark];
    return value === undefined ? undefined : byMark[mark].get(value);
  };
  return {
    keys,
    consumerOf: (marks) => {
      for (const mark of MARKS) {
        const consumer = find(marks, mark);
        if (consumer !== undefined) return consumer;
      }
      return undefined;
    },
  };
};
