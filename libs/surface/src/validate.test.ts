import { scalarSchema, type Contract, type JsonSchema, type Value } from '@bailey/contract';
import { describe, expect, it, test } from 'vitest';
import { FORMATS } from './formats.ts';
import { CONTRACT } from './sample-contract.test-data.ts';
import { compileValidators } from './validate.ts';

const validators = compileValidators(CONTRACT);
const save = (policy: Value) => validators('savePolicy')({ policy });

const contractOf = (input: JsonSchema): Contract => ({
  operations: [{ name: 'o', native: 'o', effect: 'read', exchange: 'unary', input, faults: [] }],
  collections: [],
  $defs: {},
});

describe('validators', () => {
  it('say nothing when the input fits', () => {
    expect(validators('getPolicy')({ policyNumber: '7' })).toBeUndefined();
    expect(save({ holder: { company: 'x' }, vehicle: { $type: 'Car', seats: 4 }, note: null })).toBeUndefined();
  });

  it('name each place and what was expected there', () => {
    expect(validators('getPolicy')({ depth: '3', polNo: 1, 'a/b~c': 1, tags: ['x', 1] })).toEqual(
      expect.arrayContaining([
        { pointer: '/policyNumber', message: 'is required' },
        { pointer: '/polNo', message: 'is not known here' },
        { pointer: '/a~1b~0c', message: 'is not known here' },
        { pointer: '/depth', message: 'expected a whole number' },
        { pointer: '/tags/1', message: 'expected text' },
      ]),
    );
  });

  it('explain a choice in one sentence', () => {
    expect(save({ holder: {} })).toEqual([
      { pointer: '/policy/holder', message: 'expected exactly one of: person, company' },
    ]);
    expect(save({ holder: { person: { name: 'a' }, company: 'b' } })).toEqual([
      { pointer: '/policy/holder', message: 'expected exactly one of: person, company' },
    ]);
    expect(save({ holder: { person: {} } })).toEqual([
      { pointer: '/policy/holder/person/name', message: 'is required' },
    ]);
  });

  it('judge a member of a union by its own rules', () => {
    expect(save({ vehicle: { $type: 'Car' } })).toEqual([{ pointer: '/policy/vehicle/seats', message: 'is required' }]);
    expect(save({ vehicle: { $type: 'Boat' } })).toEqual([
      { pointer: '/policy/vehicle/$type', message: 'expected one of: "Car", "Truck", "Trailer"' },
    ]);
    expect(save({ vehicle: {} })).toEqual([{ pointer: '/policy/vehicle/$type', message: 'is required' }]);
  });

  it('coerce nothing', () => {
    const input = { policyNumber: 7 as Value };
    expect(validators('getPolicy')(input)).toEqual([{ pointer: '/policyNumber', message: 'expected text' }]);
    expect(input).toEqual({ policyNumber: 7 });
  });

  it('never report more than twenty places, nor the value that was sent', () => {
    const wrong = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, 'geheim']));
    const errors = validators('getPolicy')(wrong)!;
    expect(errors).toHaveLength(20);
    expect(JSON.stringify(errors)).not.toContain('geheim');
    expect(validators('getPolicy')({ policyNumber: '1', tags: Array.from({ length: 50_000 }, () => 1) })).toHaveLength(
      1,
    );
  });

  it('do not find what is inherited', () => {
    const validate = compileValidators(
      contractOf({ type: 'object', properties: { toString: {} }, required: ['toString', 'constructor'] }),
    )('o');
    expect(validate({})).toHaveLength(2);
  });

  it('pass over a pattern that JavaScript cannot read', () => {
    const validate = compileValidators(
      contractOf({ type: 'object', properties: { a: { type: 'string', pattern: '[\\i-[:]]' } } }),
    )('o');
    expect(validate({ a: 'x' })).toBeUndefined();
  });
});

describe('formats', () => {
  test.each([
    [
      'int64',
      ['0', '-9223372036854775808', '9223372036854775807', '000000000000000000000000000001', '+1'],
      ['9223372036854775808', '-9223372036854775809', '1.0', '', 'x', '1 '],
    ],
    ['integer', ['123456789012345678901234567890', '-1'], ['1.', '', '1e3']],
    ['decimal', ['123.40', '-.5', '1.', '0'], ['.', '', '1e3', '1,5']],
    [
      'xsd-date',
      ['2024-02-29', '2024-02-29Z', '2024-02-29+14:00', '-0044-03-15', '12024-01-01'],
      ['2023-02-29', '2024-13-01', '2024-1-1', '2024-02-29+15:00', ''],
    ],
    ['xsd-time', ['12:00:00', '23:59:59.999Z', '24:00:00'], ['24:00:01', '12:60:00', '12:00', '']],
    [
      'date-time',
      ['2024-02-29T12:00:00Z', '2024-02-29T12:00:00.5+01:00'],
      ['2024-02-29T12:00:00', '2024-02-30T12:00:00Z', '2024-02-29'],
    ],
    ['local-date-time', ['2024-02-29T12:00:00.123456'], ['2024-02-29T12:00:00Z', '2024-02-29 12:00:00']],
    ['xsd-date-time', ['2024-02-29T12:00:00', '2024-02-29T12:00:00-05:00'], ['2024-02-29T25:00:00', 'x']],
    ['xsd-duration', ['P1Y', 'PT0.5S', '-P1DT2H', 'P1Y2M3DT4H5M6S'], ['P', 'PT', 'P1H', '1Y', 'P1.5D', 'P1DT']],
    ['base64', ['', 'AA==', 'AAA=', 'AAAA'], ['A', 'AA=', 'A===', '====A', 'A A=']],
    ['hex', ['', '0aFF'], ['0', 'zz']],
  ])('%s', (format, good, bad) => {
    const { validate } = FORMATS[format]!;
    expect(good.filter((text) => !validate(text))).toEqual([]);
    expect(bad.filter((text) => validate(text))).toEqual([]);
  });

  it('stay linear on a megabyte', () => {
    const start = performance.now();
    for (const { validate } of Object.values(FORMATS))
      for (const unit of ['9', 'A', '0.', '-', 'P1', '=', '2024-'])
        validate(`${unit.repeat(1_000_000 / unit.length)}!`);
    // Quadratic time would be minutes.
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it('are those that the vocabulary names', () => {
    const own = (
      [
        'int64',
        'integer',
        'decimal',
        'date',
        'time',
        'dateTime',
        'localDateTime',
        'xsdDateTime',
        'duration',
        'base64',
        'hex',
      ] as const
    ).map((kind) => scalarSchema(kind).format);
    expect(Object.keys(FORMATS).sort()).toEqual([...own].sort());
  });
});
