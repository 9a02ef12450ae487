import type { JsonSchema } from './json.ts';

/**
 * The declared kinds of single values, and how each travels in JSON. No value changes by travelling: what a JSON
 * number cannot hold exactly in every reader is a string. The table in `scalar.test.ts` is the specification.
 */
export type ScalarKind =
  | 'boolean'
  | 'int32'
  | 'int53' // wider than 32 bits, every value within ±(2^53 - 1)
  | 'int64'
  | 'integer' // no bound
  | 'decimal'
  | 'float' // IEEE single; INF and NaN are strings
  | 'double'
  | 'text'
  | 'date' // YYYY-MM-DD, with the zone it came with, if any
  | 'time'
  | 'dateTime' // always with zone: RFC 3339, UTC `Z`
  | 'localDateTime' // never a zone
  | 'xsdDateTime' // keeps its zone, or none
  | 'duration'
  | 'base64'
  | 'hex'
  | 'json'; // any JSON value

const INTEGER_TEXT = '^[+-]?[0-9]+$';
const DECIMAL_TEXT = '^[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)$';
const binaryFloat = (format: string): JsonSchema => ({
  anyOf: [{ type: 'number' }, { type: 'string', enum: ['INF', '-INF', 'NaN'] }],
  format,
});

const SCHEMAS: Record<ScalarKind, JsonSchema> = {
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32', minimum: -2147483648, maximum: 2147483647 },
  int53: { type: 'integer', format: 'int53', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
  int64: { type: 'string', format: 'int64', pattern: INTEGER_TEXT },
  integer: { type: 'string', format: 'integer', pattern: INTEGER_TEXT },
  decimal: { type: 'string', format: 'decimal', pattern: DECIMAL_TEXT },
  float: binaryFloat('float'),
  double: binaryFloat('double'),
  text: { type: 'string' },
  date: { type: 'string', format: 'xsd-date' },
  time: { type: 'string', format: 'xsd-time' },
  dateTime: { type: 'string', format: 'date-time' },
  localDateTime: { type: 'string', format: 'local-date-time' },
  xsdDateTime: { type: 'string', format: 'xsd-date-time' },
  duration: { type: 'string', format: 'xsd-duration' },
  base64: { type: 'string', format: 'base64', contentEncoding: 'base64' },
  hex: { type: 'string', format: 'hex', contentEncoding: 'base16' },
  json: {},
};

/** A fresh schema for one scalar; callers may add facets to it. */
export const scalarSchema = (kind: ScalarKind): JsonSchema => structuredClone(SCHEMAS[kind]);

const GRAPHQL_TYPES: Record<string, string> = {
  int32: 'Int',
  int53: 'Int64',
  int64: 'Int64',
  integer: 'Int64',
  decimal: 'Decimal',
  float: 'Float',
  double: 'Float',
  'xsd-date': 'Date',
  date: 'Date',
  'xsd-time': 'String',
  'date-time': 'DateTime',
  'xsd-date-time': 'DateTime',
  'local-date-time': 'LocalDateTime',
  base64: 'Bytes',
};

/** The GraphQL scalar that serialises a schema of this format exactly as REST does; undefined when the type decides. */
export const graphqlScalar = (format: string | undefined): string | undefined =>
  format === undefined ? undefined : GRAPHQL_TYPES[format];
