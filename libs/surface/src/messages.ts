import type { ErrorObject } from 'ajv';
import { FORMATS } from './formats.ts';

const MAX_LISTED = 20;

const listed = (values: readonly unknown[]): string =>
  values
    .slice(0, MAX_LISTED)
    .map((value) => JSON.stringify(value))
    .join(', ') + (values.length > MAX_LISTED ? ', …' : '');

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'an array',
  null: 'null',
};

const typeWords = (type: string | string[]): string =>
  [type]
    .flat()
    .map((each) => TYPE_WORDS[each] ?? each)
    .join(' or ');

interface Branch {
  required?: string[];
}

const alternatives = (branches: readonly Branch[]): string => {
  const names = branches.map((branch) => branch.required?.join(' with ')).filter((name) => name !== undefined);
  return names.length === branches.length
    ? `expected exactly one of: ${names.join(', ')}`
    : 'expected exactly one of the declared alternatives';
};

type Words = (params: ErrorObject['params'], error: ErrorObject) => string;

const limit =
  (words: string, unit = ''): Words =>
  ({ limit: count }) =>
    `expected ${words} ${count}${unit}`;

const WORDS: Readonly<Record<string, Words>> = {
  required: () => 'is required',
  additionalProperties: () => 'is not known here',
  unevaluatedProperties: () => 'is not known here',
  type: ({ type }) => `expected ${typeWords(type)}`,
  enum: ({ allowedValues }) => `expected one of: ${listed(allowedValues)}`,
  const: ({ allowedValue }) => `expected ${JSON.stringify(allowedValue)}`,
  format: ({ format }) => `expected ${FORMATS[format]?.expected ?? format}`,
  pattern: ({ pattern }) => `expected text that matches ${pattern}`,
  minLength: limit('a length of at least'),
  maxLength: limit('a length of at most'),
  minItems: limit('at least', ' items'),
  maxItems: limit('at most', ' items'),
  minProperties: limit('at least', ' members'),
  maxProperties: limit('at most', ' members'),
  minimum: limit('at least'),
  maximum: limit('at most'),
  exclusiveMinimum: limit('more than'),
  exclusiveMaximum: limit('less than'),
  oneOf: (_params, error) => alternatives(error.schema as Branch[]),
  anyOf: () => 'expected one of the declared alternatives',
  not: () => 'is not allowed in this combination',
};

/** What was expected, in words; never the value that was sent. */
export const messageOf = (error: ErrorObject): string =>
  WORDS[error.keyword]?.(error.params, error) ?? error.message ?? 'does not fit';
