import type { Contract, JsonSchema } from '@bailey/contract';

export type Definitions = Contract['$defs'];

const REF = '#/$defs/';

/** The key in `$defs` that a schema refers to. */
export const refName = (schema: JsonSchema): string | undefined =>
  schema.$ref?.startsWith(REF) === true
    ? schema.$ref.slice(REF.length).replaceAll('~1', '/').replaceAll('~0', '~')
    : undefined;

/** Follows references; a dangling or circular one is a schema without any statement. */
export const resolve = (schema: JsonSchema, defs: Definitions): JsonSchema => {
  const seen = new Set<string>();
  let current = schema;
  for (let name = refName(current); name !== undefined; name = refName(current)) {
    if (seen.has(name) || !Object.hasOwn(defs, name)) return {};
    seen.add(name);
    current = defs[name]!;
  }
  return current;
};

const isNull = (schema: JsonSchema): boolean => schema.type === 'null' || schema.const === null;

/** Whether `null` fits. */
export const allowsNull = (schema: JsonSchema, defs: Definitions): boolean => {
  const { type, anyOf, oneOf, enum: values } = resolve(schema, defs);
  if (Array.isArray(type)) return type.includes('null') && (values === undefined || values.includes(null));
  return type === 'null' || [...(anyOf ?? []), ...(oneOf ?? [])].some(isNull);
};

/** `string|null` → `string`, `anyOf: [X, null]` → X: what is left when the value is there. */
export const withoutNull = (schema: JsonSchema): JsonSchema => {
  const { type, enum: values } = schema;
  if (Array.isArray(type) && type.includes('null')) {
    const rest = type.filter((each) => each !== 'null');
    const bare: JsonSchema = { ...schema, type: rest.length === 1 ? rest[0]! : rest };
    if (values !== undefined) bare.enum = values.filter((value) => value !== null);
    return bare;
  }
  const members = schema.anyOf ?? schema.oneOf;
  const rest = members?.filter((member) => !isNull(member));
  return rest?.length === 1 && members!.length > 1 ? withoutNull(rest[0]!) : schema;
};

/** The one JSON type of a value that is there, or undefined when several are possible. */
export const soleType = (schema: JsonSchema): string | undefined => {
  const { type, const: constant, enum: values } = withoutNull(schema);
  if (typeof type === 'string') return type;
  if (typeof constant === 'string') return 'string';
  return values?.every((value) => typeof value === 'string') === true ? 'string' : undefined;
};

const merge = (into: JsonSchema, from: JsonSchema): void => {
  into.properties = { ...from.properties, ...into.properties };
  into.required = [...new Set([...(into.required ?? []), ...(from.required ?? [])])];
  for (const key of ['oneOf', 'discriminator', 'additionalProperties', 'description'] as const)
    if (into[key] === undefined && from[key] !== undefined) Object.assign(into, { [key]: from[key] });
};

/** References followed and `allOf` put together: one object schema that a face can walk. */
export const flatten = (schema: JsonSchema, defs: Definitions, depth = 0): JsonSchema => {
  const { allOf, ...own } = withoutNull(resolve(schema, defs));
  if (allOf === undefined || depth > 32) return refName(own) === undefined ? own : resolve(own, defs);
  const flat: JsonSchema = { type: 'object', ...own };
  for (const part of allOf) merge(flat, flatten(part, defs, depth + 1));
  return flat;
};
