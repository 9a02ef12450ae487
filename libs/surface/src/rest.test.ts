import type { Failure, Value } from '@bailey/contract';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseJson } from './json-text.ts';
import { compileRest, type RestRequest } from './rest.ts';
import { CONTRACT } from './sample-contract.test-data.ts';

const rest = compileRest(CONTRACT);
const bytes = (text: string) => new TextEncoder().encode(text);
const get = (operation: string, query = '', method = 'GET'): RestRequest => ({
  method,
  segments: [operation],
  query: new URLSearchParams(query),
});
const post = (operation: string, body: string, contentType: string | undefined = 'application/json'): RestRequest => ({
  method: 'POST',
  segments: [operation],
  query: new URLSearchParams(),
  contentType,
  body: bytes(body),
});
const plain = (value: Value): unknown => JSON.parse(JSON.stringify(value));
const failureOf = (request: RestRequest): Failure => {
  try {
    rest.match(request);
  } catch (error) {
    return error as Failure;
  }
  throw new Error('expected a failure');
};

describe('GET', () => {
  it('reads parameters by their declared type and leaves text alone', () => {
    const { operation, input } = rest.match(get('getPolicy', 'policyNumber=0007&depth=-3&full=true&tags=1&tags=b'));
    expect(operation.name).toBe('getPolicy');
    expect(plain(input)).toEqual({ policyNumber: '0007', depth: -3, full: true, tags: ['1', 'b'] });
  });

  it('leaves what is not of the type to the validator', () => {
    expect(plain(rest.match(get('getPolicy', 'policyNumber=&depth=1.5&full=yes')).input)).toEqual({
      policyNumber: '',
      depth: '1.5',
      full: 'yes',
    });
  });

  it('answers HEAD as GET', () => {
    expect(rest.match(get('ping', '', 'HEAD')).operation.name).toBe('ping');
  });

  test.each([
    ['getPolicy', 'GET', 'policyNumer=7', 'UNKNOWN_PARAMETER'],
    ['getPolicy', 'GET', '__proto__=7', 'UNKNOWN_PARAMETER'],
    ['getPolicy', 'GET', 'policyNumber=1&policyNumber=2', 'INVALID_INPUT'],
    ['savePolicy', 'GET', '', 'METHOD_NOT_ALLOWED'],
    ['find', 'GET', '', 'METHOD_NOT_ALLOWED'],
    ['getPolicy', 'DELETE', '', 'METHOD_NOT_ALLOWED'],
    ['constructor', 'GET', '', 'UNKNOWN_OPERATION'],
    ['GetPolicy', 'GET', '', 'UNKNOWN_OPERATION'],
  ])('%s %s ?%s is %s', (operation, method, query, code) => {
    expect(failureOf(get(operation, query, method)).code).toBe(code);
  });

  it('names the methods there are, and the parameter there is not', () => {
    expect(failureOf(get('savePolicy')).options.more).toEqual({ allow: ['POST'] });
    expect(failureOf(get('getPolicy', 'x=1')).message).toContain('"x"');
  });

  it('knows no longer paths', () => {
    expect(failureOf({ ...get('getPolicy'), segments: ['getPolicy', '7'] }).code).toBe('UNKNOWN_OPERATION');
    expect(failureOf({ ...get('getPolicy'), segments: [] }).code).toBe('UNKNOWN_OPERATION');
  });
});

describe('POST', () => {
  it('takes a JSON body for every operation', () => {
    expect(rest.match(post('getPolicy', '{"policyNumber":"7"}', 'application/json; charset=utf-8')).input).toEqual({
      policyNumber: '7',
    });
  });

  it('takes no body as no input', () => {
    expect(plain(rest.match({ method: 'POST', segments: ['ping'], query: new URLSearchParams() }).input)).toEqual({});
  });

  test.each([
    ['{"a":1}', 'text/plain', 'UNSUPPORTED_MEDIA_TYPE'],
    ['{"a":1}', 'application/json; charset=latin1', 'UNSUPPORTED_MEDIA_TYPE'],
    ['{"a":1', 'application/json', 'MALFORMED_JSON'],
    ['{"a":1,"a":2}', 'application/json', 'MALFORMED_JSON'],
    ['{"a":1,"\\u0061":2}', 'application/json', 'MALFORMED_JSON'],
    ['{"a":{"__proto__":{"x":1}}}', 'application/json', 'MALFORMED_JSON'],
    ['['.repeat(200_000), 'application/json', 'MALFORMED_JSON'],
  ])('%.20s as %s is %s', (body, contentType, code) => {
    expect(failureOf(post('getPolicy', body, contentType)).code).toBe(code);
  });

  it('takes UTF-8 only', () => {
    expect(failureOf({ ...post('ping', ''), body: Uint8Array.of(0x22, 0xff, 0x22) }).code).toBe('MALFORMED_JSON');
  });

  it('asks what the body is: without a media type it is 415', () => {
    expect(failureOf({ ...post('ping', '{}'), contentType: undefined }).code).toBe('UNSUPPORTED_MEDIA_TYPE');
  });

  it('has no query string', () => {
    expect(failureOf({ ...post('ping', '{}'), query: new URLSearchParams('a=1') }).code).toBe('UNKNOWN_PARAMETER');
  });
});

it('reads any JSON as JSON.parse does', () => {
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 5 }).filter((text) => !text.includes('__proto__')),
      (text) => {
        const value = JSON.parse(text) as unknown;
        expect(parseJson(bytes(JSON.stringify(value)))).toEqual(value);
      },
    ),
  );
});

it('lists its routes', () => {
  expect(rest.routes().map(({ operation, methods }) => `${methods.join('|')} ${operation}`)).toEqual([
    'GET|HEAD|POST getPolicy',
    'POST savePolicy',
    'POST notify',
    'GET|HEAD|POST ping',
    'POST find',
  ]);
});
