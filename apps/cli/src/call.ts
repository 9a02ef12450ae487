import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { JsonSchema } from '@bailey/contract';
import { exchange, exchangeJson } from './client.ts';
import { EXIT, UsageError, type ExitCode } from './exit.ts';
import { readAll, type Io } from './io.ts';
import { targetOf, type Target } from './target.ts';

export interface CallFlags {
  /** JSON, `@file`, or `-` for standard input. */
  input?: string;
  json?: boolean;
}

interface OpenApi {
  paths?: Record<string, { post?: { requestBody?: { content?: Record<string, { schema?: JsonSchema }> } } }>;
  components?: { schemas?: Record<string, JsonSchema> };
}

const pathOf = (...segments: string[]): string => `/api/${segments.map(encodeURIComponent).join('/')}`;

const inputText = async (input: string, io: Io): Promise<string> => {
  if (input === '-') return (await readAll(io.stdin)).toString('utf8');
  if (!input.startsWith('@')) return input;
  return readFile(resolve(io.cwd, input.slice(1)), 'utf8').catch(() => {
    throw new UsageError(`the input file ${input.slice(1)} cannot be read`);
  });
};

const resolveSchema = (schema: JsonSchema | undefined, { components }: OpenApi): JsonSchema | undefined =>
  schema?.$ref === undefined ? schema : components?.schemas?.[schema.$ref.replace('#/components/schemas/', '')];

/** What the operation's fields are, so that `count=3` is a number where a number is asked for and text elsewhere. */
const inputSchema = async (target: Target, bridge: string, operation: string): Promise<(name: string) => unknown> => {
  const api = await exchangeJson<OpenApi>(target, { method: 'GET', path: pathOf(bridge, 'openapi.json') });
  const body = api.paths?.[pathOf(bridge, operation)]?.post?.requestBody;
  const schema = resolveSchema(body?.content?.['application/json']?.schema, api);
  return (name) => resolveSchema(schema?.properties?.[name], api)?.type;
};

const LITERAL = ['integer', 'number', 'boolean', 'array', 'object', 'null'];

const typed = (text: string, type: unknown): unknown => {
  const types = [type].flat();
  if (types.includes('string') || !types.some((each) => LITERAL.includes(String(each)))) return text;
  try {
    return JSON.parse(text);
  } catch {
    // The gateway says better than we could what it wants there.
    return text;
  }
};

const splitField = (word: string): [string, string] => {
  const at = word.indexOf('=');
  if (at < 1) throw new UsageError(`"${word}" is no field=value`);
  return [word.slice(0, at), word.slice(at + 1)];
};

const fieldsText = async (target: Target, bridge: string, operation: string, words: string[]): Promise<string> => {
  const fields = words.map(splitField);
  if (fields.length === 0) return '{}';
  const typeOf = await inputSchema(target, bridge, operation);
  return JSON.stringify(Object.fromEntries(fields.map(([name, text]) => [name, typed(text, typeOf(name))])));
};

const pretty = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
};

/** `bailey call`: one operation through the gateway, as any consumer would. */
export const call = async (
  bridge: string,
  operation: string,
  fields: string[],
  flags: CallFlags,
  io: Io,
): Promise<ExitCode> => {
  if (flags.input !== undefined && fields.length > 0) throw new UsageError('give --input or field=value, not both');
  const target = await targetOf('data', io);
  const body =
    flags.input === undefined ? await fieldsText(target, bridge, operation, fields) : await inputText(flags.input, io);
  const { text, isJson } = await exchange(target, { method: 'POST', path: pathOf(bridge, operation), body });
  const shown = isJson && !flags.json ? pretty(text) : text;
  await io.stdout(shown === '' || shown.endsWith('\n') ? shown : `${shown}\n`);
  return EXIT.done;
};
