import { scalarSchema, type JsonSchema, type Value } from '@bailey/contract';
import { integerRange } from './integer-range.ts';
import type { Facets, SimpleShape } from './plan.ts';

const isNumber = ({ scalar }: SimpleShape): boolean => scalar === 'int32' || scalar === 'int53';

/** How many characters of JSON text one unit of an XSD length is; undefined where the text has no fixed measure. */
const charactersPerUnit = ({ scalar }: SimpleShape): number | undefined =>
  scalar === 'text' ? 1 : scalar === 'hex' ? 2 : undefined;

const sizes = (facets: Facets, unit: number): { least?: number; most?: number } => {
  const least = facets.length ?? facets.minLength;
  const most = facets.length ?? facets.maxLength;
  return { ...(least !== undefined && { least: least * unit }), ...(most !== undefined && { most: most * unit }) };
};

const numberBounds = (facets: Facets): JsonSchema => {
  const { min, max } = integerRange(facets);
  return { ...(min !== undefined && { minimum: Number(min) }), ...(max !== undefined && { maximum: Number(max) }) };
};

const textFacets = (shape: SimpleShape, facets: Facets): JsonSchema => {
  const unit = charactersPerUnit(shape);
  const { least, most } = unit === undefined ? {} : sizes(facets, unit);
  const patterns = shape.scalar === 'text' ? (facets.patterns ?? []) : [];
  return {
    ...(least !== undefined && { minLength: least }),
    ...(most !== undefined && { maxLength: most }),
    ...(patterns.length === 1 && { pattern: patterns[0]! }),
    ...(patterns.length > 1 && { allOf: patterns.map((pattern) => ({ pattern })) }),
  };
};

const enumeration = (shape: SimpleShape, facets: Facets): JsonSchema => {
  if (facets.enumeration === undefined || shape.list !== undefined) return {};
  if (isNumber(shape)) return { enum: [...new Set(facets.enumeration.map(Number))] };
  // Other kinds compare by value (1.0 is 1.00), which `enum` cannot; the encoder checks them.
  return shape.scalar === 'text' ? { enum: [...new Set(facets.enumeration)] } : {};
};

/** The schema of a list: its facets count items. `item` is the schema of one. */
export const listSchema = (shape: SimpleShape, item: JsonSchema): JsonSchema => {
  const { least, most } = sizes(shape.facets ?? {}, 1);
  return {
    type: 'array',
    items: item,
    ...(least !== undefined && { minItems: least }),
    ...(most !== undefined && { maxItems: most }),
  };
};

/** One value: its scalar, and those of its facets that JSON Schema says exactly. */
export const simpleSchema = (shape: SimpleShape): JsonSchema => {
  const facets = shape.facets ?? {};
  const bounds = isNumber(shape) ? numberBounds(facets) : textFacets(shape, facets);
  return { ...scalarSchema(shape.scalar), ...bounds, ...enumeration(shape, facets) };
};

/** A default or fixed value as it travels in JSON; undefined where it has no single value there. */
export const jsonValue = (shape: SimpleShape, text: string): Value | undefined => {
  if (shape.list !== undefined || shape.builtin === 'QName') return undefined;
  const trimmed = shape.whiteSpace === 'collapse' ? text.trim() : text;
  if (shape.scalar === 'boolean') return trimmed === 'true' || trimmed === '1';
  if (isNumber(shape) || shape.scalar === 'float' || shape.scalar === 'double')
    return Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed;
  return trimmed;
};
