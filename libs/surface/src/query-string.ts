import { Failure, type Contract, type JsonSchema, type PointerError, type Value } from '@bailey/contract';
import { flatten, resolve, soleType, withoutNull, type Definitions } from './schema-shape.ts';

type ReadText = (text: string) => Value;

const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const INTEGER = /^-?(?:0|[1-9][0-9]*)$/;

// What cannot be read as its type stays text: the validator then names the place and what was expected.
const READERS: Readonly<Record<string, ReadText>> = {
  string: (text) => text,
  boolean: (text) => (text === 'true' ? true : text === 'false' ? false : text),
  integer: (text) => (INTEGER.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : text),
  number: (text) => (NUMBER.test(text) ? Number(text) : text),
};

/** How a parameter's text becomes a value; undefined when the schema is no single value. */
const readerOf = (schema: JsonSchema, defs: Definitions): ReadText | undefined => {
  const bare = withoutNull(resolve(schema, defs));
  if (bare.format === 'float' || bare.format === 'double') return READERS['number'];
  return READERS[soleType(resolve(bare, defs)) ?? ''];
};

interface Parameter {
  read: ReadText;
  repeats: boolean;
}

const parameterOf = (schema: JsonSchema, defs: Definitions): Parameter | undefined => {
  const bare = flatten(schema, defs);
  const repeats = bare.type === 'array';
  const read = readerOf(repeats ? (bare.items ?? {}) : bare, defs);
  return read === undefined ? undefined : { read, repeats };
};

const unknown = (names: readonly string[]): Failure =>
  Failure.of(
    'UNKNOWN_PARAMETER',
    `Reading the query string: ${names.map((name) => `"${name}"`).join(', ')} is not known here. See the OpenAPI document of the bridge.`,
    {
      more: { parameters: names },
    },
  );

const repeated = (names: readonly string[]): Failure => {
  const errors: PointerError[] = names.map((name) => ({ pointer: `/${name}`, message: 'expected once' }));
  return Failure.of('INVALID_INPUT', 'Reading the query string: a parameter is there more than once. Send it once.', {
    errors,
  });
};

export type ReadQuery = (query: URLSearchParams) => Value;

/** The reader of a query string for an input whose properties are all single values (or arrays of them); else undefined. */
export const compileQuery = (input: JsonSchema, defs: Contract['$defs']): ReadQuery | undefined => {
  const parameters = new Map<string, Parameter>();
  const flat = flatten(input, defs);
  if (flat.discriminator !== undefined || typeof flat.additionalProperties === 'object') return undefined;
  for (const [name, schema] of Object.entries(flat.properties ?? {})) {
    const parameter = parameterOf(schema, defs);
    if (parameter === undefined) return undefined;
    parameters.set(name, parameter);
  }
  return (query) => readAll(query, parameters);
};

const readAll = (query: URLSearchParams, parameters: ReadonlyMap<string, Parameter>): Value => {
  const names = [...new Set(query.keys())];
  const strangers = names.filter((name) => !parameters.has(name));
  if (strangers.length > 0) throw unknown(strangers);
  const input = Object.create(null) as Record<string, Value>;
  const twice: string[] = [];
  for (const name of names) {
    const { read, repeats } = parameters.get(name)!;
    const texts = query.getAll(name);
    if (repeats) input[name] = texts.map(read);
    else if (texts.length > 1) twice.push(name);
    else input[name] = read(texts[0]!);
  }
  if (twice.length > 0) throw repeated(twice);
  return input;
};
