import { compileSchema, type SchemaProblem } from './schema.ts';
import { secret } from './secret.ts';

type Schema = Record<string, unknown>;

/** Where references lead: the environment and the files of the resource. */
export interface ReferenceReader {
  env(name: string): string | undefined;
  file(path: string): Promise<string>;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const REFERENCE = {
  type: 'object',
  properties: {
    env: { type: 'string', minLength: 1, description: 'Name of an environment variable' },
    file: { type: 'string', minLength: 1, description: 'Path of a file that holds the value' },
  },
  minProperties: 1,
  maxProperties: 1,
  additionalProperties: false,
};

const SCALARS = new Set(['string', 'number', 'integer', 'boolean']);
const ANNOTATIONS = ['title', 'description', 'default', 'examples', 'deprecated', 'x-secret'];
const COMBINERS = ['oneOf', 'anyOf', 'allOf'] as const;

const typesOf = (schema: Schema): unknown[] => (schema.type === undefined ? [] : [schema.type].flat());

const isScalar = (schema: Schema): boolean => {
  const types = typesOf(schema);
  if (types.length > 0) return types.every((type) => SCALARS.has(String(type)) || type === 'null');
  return schema.enum !== undefined || schema.const !== undefined;
};

const pick = (schema: Schema, keys: readonly string[]): Schema =>
  Object.fromEntries(keys.filter((key) => schema[key] !== undefined).map((key) => [key, schema[key]]));

const orReference = (schema: Schema): Schema => {
  if (schema['x-secret'] === true) return { ...pick(schema, ANNOTATIONS), ...REFERENCE };
  // Annotations stay outside: Ajv fills no default from within a condition.
  const { default: _, ...plain } = schema;
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema; nobody awaits a schema
  return { ...pick(schema, ANNOTATIONS), if: { type: 'object' }, then: REFERENCE, else: plain };
};

const mapValues = (value: unknown, change: (schema: unknown) => unknown): unknown =>
  isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, change(schema)])) : value;

const widen = (schema: unknown): unknown => {
  if (!isObject(schema)) return schema;
  if (isScalar(schema)) return orReference(schema);
  const wide: Schema = { ...schema };
  for (const key of ['properties', 'patternProperties', '$defs'])
    if (schema[key] !== undefined) wide[key] = mapValues(schema[key], widen);
  for (const key of ['items', 'additionalProperties', 'then', 'else'])
    if (schema[key] !== undefined) wide[key] = widen(schema[key]);
  for (const key of COMBINERS) if (Array.isArray(schema[key])) wide[key] = schema[key].map(widen);
  return wide;
};

/**
 * The schema in which every scalar may also be `{env: NAME}` or `{file: PATH}`; what is `x-secret` must be one.
 * For the document as people write it; {@link resolveReferences} makes of it what the schema itself says.
 */
export const withReferences = (schema: object): object => widen(schema) as object;

/** All schemas that apply at one place: through references, combiners and conditions. */
const alternatives = (schema: unknown, root: Schema, depth = 0): Schema[] => {
  if (!isObject(schema) || depth > 16) return [];
  const target = typeof schema.$ref === 'string' ? resolvePointer(root, schema.$ref) : undefined;
  const nested = [
    target,
    schema.then,
    schema.else,
    ...COMBINERS.flatMap((key) => (schema[key] as unknown[] | undefined) ?? []),
  ];
  return [schema, ...nested.flatMap((inner) => alternatives(inner, root, depth + 1))];
};

const resolvePointer = (root: Schema, ref: string): unknown =>
  ref
    .split('/')
    .slice(1)
    .reduce<unknown>((at, name) => (isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined), root);

const childSchemas = (schemas: readonly Schema[], name: string): unknown[] =>
  schemas.flatMap((schema) => {
    const properties = schema.properties;
    if (isObject(properties) && Object.hasOwn(properties, name)) return [properties[name]];
    return isObject(schema.additionalProperties) ? [schema.additionalProperties] : [];
  });

const isReference = (value: Record<string, unknown>, schemas: readonly Schema[]): boolean => {
  const keys = Object.keys(value);
  const [key] = keys;
  if (keys.length !== 1 || (key !== 'env' && key !== 'file') || typeof value[key] !== 'string') return false;
  // An object of the schema's own may have a member called env or file.
  return !schemas.some((schema) => isObject(schema.properties) && Object.hasOwn(schema.properties, key));
};

/** A text that came from outside, as the type that the schema wants; undefined when it is none. */
const coerce = (text: string, schemas: readonly Schema[]): string | number | boolean | undefined => {
  const types = new Set(schemas.flatMap(typesOf));
  if (types.has('string') || types.size === 0) return text;
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  const isNumber = types.has('integer')
    ? /^[+-]?[0-9]+$/.test(text)
    : types.has('number') && text.trim() !== '' && Number.isFinite(Number(text));
  return isNumber ? Number(text) : undefined;
};

class Resolution {
  readonly problems: SchemaProblem[] = [];
  readonly #root: Schema;
  readonly #read: ReferenceReader;

  constructor(root: Schema, read: ReferenceReader) {
    this.#root = root;
    this.#read = read;
  }

  async walk(value: unknown, candidates: readonly unknown[], pointer: string): Promise<unknown> {
    const schemas = candidates.flatMap((schema) => alternatives(schema, this.#root));
    if (Array.isArray(value)) return this.#walkArray(value, schemas, pointer);
    if (!isObject(value)) return this.#literal(value, schemas, pointer);
    if (isReference(value, schemas)) return this.#follow(value, schemas, pointer);
    const result: Record<string, unknown> = Object.create(null);
    for (const [name, member] of Object.entries(value))
      result[name] = await this.walk(
        member,
        childSchemas(schemas, name),
        `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      );
    return result;
  }

  async #walkArray(values: readonly unknown[], schemas: readonly Schema[], pointer: string): Promise<unknown[]> {
    const items = schemas.flatMap((schema) => (schema.items === undefined ? [] : [schema.items]));
    const resolved: unknown[] = [];
    for (const [index, value] of values.entries()) resolved.push(await this.walk(value, items, `${pointer}/${index}`));
    return resolved;
  }

  #literal(value: unknown, schemas: readonly Schema[], pointer: string): unknown {
    if (!schemas.some((schema) => schema['x-secret'] === true)) return value;
    this.#refuse(pointer, 'a secret must not stand here; write {env: NAME} or {file: PATH}');
    return undefined;
  }

  async #follow(reference: Record<string, unknown>, schemas: readonly Schema[], pointer: string): Promise<unknown> {
    const text = await this.#readText(reference, pointer);
    if (text === undefined) return undefined;
    const value = coerce(text, schemas);
    if (value === undefined || this.#isRefused(value, schemas)) {
      this.#refuse(
        pointer,
        `the value of ${this.#nameOf(reference)} does not fit: ${this.#expectation(value, schemas)}`,
      );
      return undefined;
    }
    return schemas.some((schema) => schema['x-secret'] === true) ? secret(String(value)) : value;
  }

  async #readText(reference: Record<string, unknown>, pointer: string): Promise<string | undefined> {
    if (typeof reference.env === 'string') {
      const text = this.#read.env(reference.env);
      if (text === undefined) this.#refuse(pointer, `the environment variable ${reference.env} is not set`);
      return text;
    }
    try {
      // Editors and `echo` end a file with a line break that is no part of a password.
      return (await this.#read.file(String(reference.file))).replace(/\r?\n$/, '');
    } catch (error) {
      this.#refuse(
        pointer,
        `the file ${String(reference.file)} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`,
      );
      return undefined;
    }
  }

  #isRefused(value: unknown, schemas: readonly Schema[]): boolean {
    return this.#faults(value, schemas).length > 0;
  }

  // Only a scalar that is declared in one place can be checked by itself; messages never hold the value.
  #faults(value: unknown, schemas: readonly Schema[]): SchemaProblem[] {
    const scalars = schemas.filter(isScalar);
    return scalars.length === 1 && schemas.length === 1 ? compileSchema(scalars[0]!)(value) : [];
  }

  #expectation(value: unknown, schemas: readonly Schema[]): string {
    if (value === undefined) return `it must be ${schemas.flatMap(typesOf).join(' or ')}`;
    return this.#faults(value, schemas)
      .map(({ message }) => message)
      .join('; ');
  }

  #nameOf(reference: Record<string, unknown>): string {
    return typeof reference.env === 'string'
      ? `the environment variable ${reference.env}`
      : `the file ${String(reference.file)}`;
  }

  #refuse(pointer: string, message: string): void {
    this.problems.push({ pointer, message });
  }
}

/**
 * Replaces `{env}` and `{file}` by what they lead to, typed as the (plain) schema says; what is `x-secret` becomes a
 * Secret. Objects of the result have no prototype. With problems, the value is incomplete and must not be used.
 */
export const resolveReferences = async (
  value: unknown,
  schema: object,
  read: ReferenceReader,
): Promise<{ value: unknown; problems: SchemaProblem[] }> => {
  const resolution = new Resolution(schema as Schema, read);
  const resolved = await resolution.walk(value, [schema], '');
  return { value: resolved, problems: resolution.problems };
};
