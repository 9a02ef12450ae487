import { pascalName, type JsonSchema } from '@bailey/contract';
import { refName } from './schema-shape.ts';

/** OpenAPI limits the keys of `components` to these; https://spec.openapis.org/oas/v3.1.0#components-object. */
const ILLEGAL = /[^A-Za-z0-9_-]/g;

/** Where a type of a contract stands in an OpenAPI document. `prefix` keeps bridges apart in the merged one. */
export const componentName = (def: string, prefix: string): string => `${prefix}${def.replaceAll(ILLEGAL, '_')}`;

export const prefixOf = (bridge: string): string => `${pascalName(bridge)}_`;

const componentRef = (def: string, prefix: string): string => `#/components/schemas/${componentName(def, prefix)}`;

const rewriteMapping = (mapping: Record<string, string>, prefix: string): Record<string, string> =>
  Object.fromEntries(Object.entries(mapping).map(([value, $ref]) => [value, rewriteRef($ref, prefix)]));

const rewriteRef = ($ref: string, prefix: string): string => {
  const def = refName({ $ref });
  return def === undefined ? $ref : componentRef(def, prefix);
};

type Rewrite = (value: never, prefix: string) => unknown;

const each: Rewrite = (schemas: Record<string, JsonSchema>, prefix) =>
  Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, openApiSchema(schema, prefix)]));
const list: Rewrite = (schemas: JsonSchema[], prefix) => schemas.map((schema) => openApiSchema(schema, prefix));
const one: Rewrite = (schema, prefix) =>
  typeof schema === 'object' ? openApiSchema(schema as JsonSchema, prefix) : schema;

/** The keywords that hold schemas; all others (`const`, `enum`, `x-native`…) are data and stay as they are. */
const KEYWORDS: Readonly<Record<string, Rewrite>> = {
  $ref: rewriteRef,
  properties: each,
  items: one,
  additionalProperties: one,
  propertyNames: one,
  not: one,
  oneOf: list,
  anyOf: list,
  allOf: list,
  discriminator: ({ propertyName, mapping }: { propertyName: string; mapping?: Record<string, string> }, prefix) =>
    mapping === undefined ? { propertyName } : { propertyName, mapping: rewriteMapping(mapping, prefix) },
};

/** A contract's schema with its references turned to `components.schemas`. */
export const openApiSchema = (schema: JsonSchema, prefix: string): object =>
  Object.fromEntries(
    Object.entries(schema)
      .filter(([keyword]) => keyword !== '$defs')
      .map(([keyword, value]) => [
        keyword,
        Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword]!(value as never, prefix) : value,
      ]),
  );
