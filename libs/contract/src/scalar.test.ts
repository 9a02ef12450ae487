import { describe, expect, it, test } from 'vitest';
import { graphqlScalar, scalarSchema, type ScalarKind } from './scalar.ts';

/** The specification of single values: declared type → JSON type, format, GraphQL type where the format decides it. */
const NUMBERS: [kind: ScalarKind, json: string, format: string | undefined, graphql: string | undefined][] = [
  // at most 53 bits: a JSON number
  ['int32', 'integer', 'int32', 'Int'],
  ['int53', 'integer', 'int53', 'Int64'],
  // wider, or with a scale: text, as no JSON reader may round it
  ['int64', 'string', 'int64', 'Int64'],
  ['integer', 'string', 'integer', 'Int64'],
  ['decimal', 'string', 'decimal', 'Decimal'],
  // binary floats: numbers, and INF, -INF, NaN as text
  ['float', 'number|string', 'float', 'Float'],
  ['double', 'number|string', 'double', 'Float'],
  ['boolean', 'boolean', undefined, undefined],
  ['text', 'string', undefined, undefined],
  ['date', 'string', 'xsd-date', 'Date'],
  ['time', 'string', 'xsd-time', 'String'],
  ['dateTime', 'string', 'date-time', 'DateTime'],
  ['localDateTime', 'string', 'local-date-time', 'LocalDateTime'],
  ['xsdDateTime', 'string', 'xsd-date-time', 'DateTime'],
  ['duration', 'string', 'xsd-duration', undefined],
  ['base64', 'string', 'base64', 'Bytes'],
  ['hex', 'string', 'hex', undefined],
  ['json', '', undefined, undefined],
];

const typesOf = (kind: ScalarKind): string => {
  const { type, anyOf } = scalarSchema(kind);
  return anyOf === undefined ? String(type ?? '') : anyOf.map((member) => String(member.type)).join('|');
};

describe('scalars', () => {
  test.each(NUMBERS)('%s travels as %s, format %s, GraphQL %s', (kind, json, format, graphql) => {
    expect([typesOf(kind), scalarSchema(kind).format, graphqlScalar(scalarSchema(kind).format)]).toEqual([
      json,
      format,
      graphql,
    ]);
  });

  it('bound what is a JSON number to what every reader holds exactly', () => {
    expect(scalarSchema('int53')).toMatchObject({ minimum: -(2 ** 53 - 1), maximum: 2 ** 53 - 1 });
    expect(scalarSchema('int32')).toMatchObject({ minimum: -(2 ** 31), maximum: 2 ** 31 - 1 });
  });

  test.each([
    ['int64', '9223372036854775807', true],
    ['int64', '-9223372036854775808', true],
    ['int64', '1e3', false],
    ['int64', '1.0', false],
    ['integer', '123456789012345678901234567890', true],
    ['decimal', '123.40', true],
    ['decimal', '-.5', true],
    ['decimal', '1.', true],
    ['decimal', '1e3', false],
    ['decimal', '1,5', false],
    ['decimal', '', false],
    ['decimal', '.', false],
  ] as const)('the pattern of %s takes %s: %s', (kind, text, fits) => {
    expect(new RegExp(scalarSchema(kind).pattern!, 'u').test(text)).toBe(fits);
  });

  it('write the infinities and NaN as XSD does', () => {
    expect(scalarSchema('double').anyOf![1]!.enum).toEqual(['INF', '-INF', 'NaN']);
  });

  it('are fresh each time, so that facets of one field never reach another', () => {
    scalarSchema('text').maxLength = 5;
    expect(scalarSchema('text')).toEqual({ type: 'string' });
  });
});
