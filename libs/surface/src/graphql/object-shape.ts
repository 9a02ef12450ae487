import { NameScope, type JsonSchema, type Value } from '@bailey/contract';
import { flatten, refName, type Definitions } from '../schema-shape.ts';
import { isDiscriminator, legalName } from './type-names.ts';

/** One property of an object, under both its names. */
export interface Member {
  /** In GraphQL. */
  name: string;
  /** In the contract. */
  property: string;
  schema: JsonSchema;
  required: boolean;
}

/** What kind of GraphQL type a schema (flattened, without null) is made of. */
export type Shape =
  | { kind: 'object'; members: Member[]; constants: [property: string, value: Value][]; isChoice: boolean }
  | { kind: 'union'; property: string; variants: { value: string; schema: JsonSchema }[] }
  | { kind: 'list'; item: JsonSchema }
  | { kind: 'empty' }
  | { kind: 'single' };

const variantValue = (variant: JsonSchema, property: string, defs: Definitions): unknown =>
  flatten(variant, defs).properties?.[property]?.const ?? refName(variant);

const unionOf = (schema: JsonSchema, defs: Definitions): Shape | undefined => {
  const property = schema.discriminator?.propertyName;
  if (property === undefined || schema.oneOf === undefined) return undefined;
  const variants = schema.oneOf.map((variant) => ({ value: variantValue(variant, property, defs), schema: variant }));
  const isPlain = variants.every(
    ({ value, schema: variant }) => typeof value === 'string' && flatten(variant, defs).properties !== undefined,
  );
  const isDistinct = new Set(variants.map(({ value }) => value)).size === variants.length;
  // What a union cannot hold (single values, unions in unions) is still served, as JSON.
  return isPlain && isDistinct
    ? { kind: 'union', property, variants: variants as { value: string; schema: JsonSchema }[] }
    : { kind: 'single' };
};

/** The properties of all alternatives beside the object's own; the validator knows which go together. */
const allProperties = (schema: JsonSchema, defs: Definitions): Map<string, JsonSchema> => {
  const found = new Map(Object.entries(schema.properties ?? {}));
  for (const variant of [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])])
    for (const [name, property] of Object.entries(flatten(variant, defs).properties ?? {})) {
      const known = found.get(name);
      if (known === undefined) found.set(name, property);
      else if (JSON.stringify(known) !== JSON.stringify(property)) found.set(name, {});
    }
  return found;
};

/** A choice that is the whole content: each alternative is one property, and every property is an alternative. */
const isChoice = (schema: JsonSchema, members: readonly Member[], defs: Definitions): boolean => {
  const { oneOf = [], required = [] } = schema;
  const keys = oneOf
    .map((variant) => flatten(variant, defs))
    .map(({ required: names = [], properties }) => {
      const own = Object.keys(properties ?? {});
      return names.length === 1 && own.every((name) => name === names[0]) ? names[0] : undefined;
    });
  return (
    required.length === 0 &&
    keys.length > 1 &&
    keys.length === members.length &&
    members.every(({ property }) => keys.includes(property))
  );
};

const objectOf = (schema: JsonSchema, defs: Definitions): Shape => {
  const properties = allProperties(schema, defs);
  if (properties.size === 0) return schema.additionalProperties === false ? { kind: 'empty' } : { kind: 'single' };
  const scope = new NameScope();
  const members: Member[] = [];
  const constants: [string, Value][] = [];
  for (const [property, own] of properties) {
    if (isDiscriminator(property, own) && properties.size > 1) constants.push([property, own.const!]);
    else
      members.push({
        name: scope.claim(legalName(property)),
        property,
        schema: own,
        required: schema.required?.includes(property) === true,
      });
  }
  return { kind: 'object', members, constants, isChoice: isChoice(schema, members, defs) };
};

export const shapeOf = (schema: JsonSchema, defs: Definitions): Shape => {
  const union = unionOf(schema, defs);
  if (union !== undefined) return union;
  if (schema.type === 'array') return { kind: 'list', item: schema.items ?? {} };
  const hasVariants = schema.oneOf?.some((variant) => flatten(variant, defs).properties !== undefined) === true;
  return schema.type === 'object' || schema.properties !== undefined || hasVariants
    ? objectOf(schema, defs)
    : { kind: 'single' };
};
