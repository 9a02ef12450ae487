import {
  GraphQLBoolean,
  GraphQLError,
  GraphQLInt,
  GraphQLScalarType,
  GraphQLString,
  Kind,
  valueFromASTUntyped,
  type ValueNode,
} from './graphql-js.ts';

const refuse = (name: string, expected: string): never => {
  throw new GraphQLError(`${name} cannot represent this value: expected ${expected}.`);
};

// Answers are exact already: GraphQL prints what REST prints.
const asIs = (value: unknown): unknown => value;

const fromText =
  (name: string, expected: string) =>
  (value: unknown): unknown =>
    typeof value === 'string' ? value : refuse(name, expected);

/** Text in both directions; the validator of the operation judges the form and names the place. */
const textScalar = (name: string, description: string): GraphQLScalarType => {
  const parse = fromText(name, 'text');
  return new GraphQLScalarType({
    name,
    description,
    serialize: asIs,
    parseValue: parse,
    parseLiteral: (node) => (node.kind === Kind.STRING ? node.value : refuse(name, 'text')),
  });
};

/** Exact numbers: literals keep their digits, JSON numbers are taken only where no reader can have rounded them. */
const exactScalar = (name: string, description: string, literals: readonly Kind[]): GraphQLScalarType => {
  const expected = 'text, or a whole number within ±(2^53 - 1)';
  return new GraphQLScalarType({
    name,
    description,
    serialize: asIs,
    parseValue: (value) =>
      typeof value === 'string' ? value : Number.isSafeInteger(value) ? String(value) : refuse(name, expected),
    parseLiteral: (node: ValueNode) =>
      literals.includes(node.kind) && 'value' in node ? String(node.value) : refuse(name, expected),
  });
};

export const INT64 = exactScalar('Int64', 'A whole number wider than 32 bits; a number or text, as REST prints it.', [
  Kind.INT,
  Kind.STRING,
]);
export const DECIMAL = exactScalar('Decimal', 'A decimal number as text, its scale kept: "123.40".', [
  Kind.INT,
  Kind.FLOAT,
  Kind.STRING,
]);

const SPECIAL = new Set(['INF', '-INF', 'NaN']);
const parseFloat64 = (value: unknown): unknown =>
  Number.isFinite(value) || SPECIAL.has(value as string) ? value : refuse('Float', 'a number, "INF", "-INF" or "NaN"');

/** GraphQL's own Float refuses INF and NaN, which XSD and databases do have; everything else is as the standard says. */
export const FLOAT = new GraphQLScalarType({
  name: 'Float',
  description: 'A binary floating point number; "INF", "-INF" and "NaN" are text.',
  serialize: parseFloat64,
  parseValue: parseFloat64,
  parseLiteral: (node) =>
    parseFloat64(
      node.kind === Kind.INT || node.kind === Kind.FLOAT
        ? Number(node.value)
        : node.kind === Kind.STRING
          ? node.value
          : undefined,
    ),
});

export const JSON_VALUE = new GraphQLScalarType({
  name: 'JSON',
  description: 'Any JSON value.',
  serialize: asIs,
  parseValue: asIs,
  parseLiteral: valueFromASTUntyped,
});

/** By the names that `graphqlScalar` gives. */
export const SCALARS: Readonly<Record<string, GraphQLScalarType>> = {
  Int: GraphQLInt,
  Int64: INT64,
  Float: FLOAT,
  Decimal: DECIMAL,
  String: GraphQLString,
  Boolean: GraphQLBoolean,
  Date: textScalar('Date', 'A date, YYYY-MM-DD, with its zone if it came with one.'),
  DateTime: textScalar('DateTime', 'A date and time, with its zone where it has one.'),
  LocalDateTime: textScalar('LocalDateTime', 'A date and time that never has a zone.'),
  Bytes: textScalar('Bytes', 'Bytes as base64 text.'),
  JSON: JSON_VALUE,
};
