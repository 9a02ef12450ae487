import type { Value } from '@bailey/contract';
import { describe, expect, it } from 'vitest';
import { compileDecoder } from './decode.ts';
import { EncodePlan } from './encode.ts';
import type { ComplexShape, ElementParticle, Particle, Shape, SimpleShape } from './plan.ts';

const simple = (scalar: SimpleShape['scalar'], builtin: string, more: Partial<SimpleShape> = {}): SimpleShape => ({
  kind: 'simple',
  scalar,
  builtin,
  whiteSpace: 'collapse',
  ...more,
});
const text = simple('text', 'string', { whiteSpace: 'preserve' });
const complex = (content: Particle | undefined, more: Partial<ComplexShape> = {}): ComplexShape => ({
  kind: 'complex',
  attributes: [],
  ...(content !== undefined && { content }),
  ...more,
});
const element = (name: string, type: number, more: Partial<ElementParticle> = {}): ElementParticle => ({
  kind: 'element',
  name,
  local: name,
  ns: '',
  type,
  min: 1,
  max: 1,
  ...more,
});
const sequence = (...particles: Particle[]): Particle => ({ kind: 'sequence', min: 1, max: 1, particles });
const ROOT = { ns: 'urn:t', local: 'r' };

/** Shape 0 is the root's type; 1 is text. */
const encode = (value: Value, ...shapes: Shape[]) => {
  const plan = new EncodePlan([shapes[0]!, text, ...shapes.slice(1)]);
  const out = plan.output();
  plan.element({ ...ROOT, type: 0 })(value, out);
  return {
    errors: out.errors,
    xml: out.text.replace(/^<n[0-9]+:r/, (tag) => tag + out.declarations()),
    text: out.text,
  };
};

const decode = (xml: string, ...shapes: Shape[]): unknown =>
  JSON.parse(
    Buffer.from(
      compileDecoder([shapes[0]!, text, ...shapes.slice(1)], [element('r', 0, { ns: ROOT.ns })]).decode(
        Buffer.from(xml),
      ),
    ).toString(),
  );

/** What comes back is what went in. */
const roundTrip = (value: Value, ...shapes: Shape[]): string => {
  const { xml, errors } = encode(value, ...shapes);
  expect(errors).toEqual([]);
  expect(decode(xml, ...shapes)).toEqual(value);
  return xml;
};

const problems = (value: Value, ...shapes: Shape[]): string[] =>
  encode(value, ...shapes).errors.map(({ pointer, message }) => `${pointer} ${message}`);

describe('order and names', () => {
  it('writes schema order, whatever the order of the caller, qualified as declared', () => {
    const root = complex(
      sequence(element('a', 1, { ns: 'urn:t' }), element('b', 1), element('c', 1, { ns: 'urn:other' })),
    );
    expect(encode({ c: '3', a: '1', b: '2' }, root).xml).toMatch(
      /^<(n\d):r [^>]*><\1:a>1<\/\1:a><b>2<\/b><(n\d):c>3<\/\2:c><\/\1:r>$/,
    );
  });

  it('lets no text of a caller become structure', () => {
    const root = complex(sequence(element('a', 1)), {
      attributes: [{ name: 'q', local: 'q', ns: '', type: 1, required: false }],
    });
    roundTrip({ a: '</a><b>&amp;]]>"\r\n\t', q: '"/><evil a=\'\r\n\t ' }, root);
    expect(problems({ a: 'x\u0000' }, root)).toEqual(['/a holds a character that XML cannot carry']);
    expect(problems({ a: '\ud800' }, root)).toEqual(['/a holds a character that XML cannot carry']);
  });

  it('names every unknown property, those of Object.prototype too', () => {
    const root = complex(sequence(element('a', 1, { min: 0 }), element('constructor', 1, { min: 0 })));
    expect(problems(JSON.parse('{"x/y~":1,"__proto__":2,"toString":3}') as Value, root)).toEqual([
      '/x~1y~0 is not known here',
      '/__proto__ is not known here',
      '/toString is not known here',
    ]);
    expect(encode({}, root)).toMatchObject({ errors: [], text: '<n4:r/>' });
  });
});

describe('presence', () => {
  const root = complex(
    sequence(
      element('req', 1),
      element('nil', 1, { nillable: true }),
      element('opt', 1, { min: 0 }),
      element('list', 1, { min: 1, max: 2 }),
      element('def', 1, { default: 'd' }),
      element('fix', 1, { min: 0, fixed: 'f' }),
    ),
  );

  it('keeps null, absent and empty apart', () => {
    roundTrip({ req: '', nil: null, opt: '', list: ['', 'x'], def: 'e', fix: 'f' }, root);
    expect(encode({ req: 'r', nil: 'n', list: ['1'] }, root).text).toContain('<list>1</list><def>d</def></n4:r>');
  });

  it('says what is missing, too much, or null where it may not be', () => {
    expect(problems({ nil: 1, opt: null, list: ['1', '2', '3'], fix: 'g' }, root)).toEqual([
      '/req is required',
      '/nil must be a string',
      '/opt must not be null',
      '/list must have at most 2 items',
      '/fix must be f',
    ]);
    expect(problems({ req: 'r', nil: null, list: 'x' }, root)).toEqual(['/list must be an array']);
    expect(problems([], root)).toEqual([' must be an object']);
  });
});

describe('values', () => {
  it.each<[string, SimpleShape, Value]>([
    ['int', simple('int32', 'int', { facets: { minInclusive: '1', maxInclusive: '10' } }), 11],
    ['int as text', simple('int32', 'int'), '1'],
    ['fraction', simple('int32', 'int'), 1.5],
    ['long as number', simple('int64', 'long'), 1],
    [
      'long too large',
      simple('int64', 'long', { facets: { maxInclusive: '9223372036854775807' } }),
      '9223372036854775808',
    ],
    ['decimal with comma', simple('decimal', 'decimal'), '1,5'],
    ['decimal digits', simple('decimal', 'decimal', { facets: { totalDigits: 5, fractionDigits: 2 } }), '1.234'],
    ['decimal total', simple('decimal', 'decimal', { facets: { totalDigits: 3 } }), '1234.0'],
    ['decimal bound', simple('decimal', 'decimal', { facets: { maxExclusive: '100' } }), '100.00'],
    ['decimal negative', simple('decimal', 'decimal', { facets: { minInclusive: '-1.5' } }), '-1.51'],
    ['date', simple('date', 'date'), '2023-02-29'],
    ['date bound', simple('date', 'date', { facets: { minInclusive: '2024-01-01' } }), '2023-12-31'],
    ['dateTime', simple('xsdDateTime', 'dateTime'), '2024-01-01'],
    ['time', simple('time', 'time'), '25:00:00'],
    ['duration', simple('duration', 'duration'), 'P'],
    ['base64', simple('base64', 'base64Binary'), 'a'],
    ['hex', simple('hex', 'hexBinary'), 'abc'],
    ['hex length', simple('hex', 'hexBinary', { facets: { maxLength: 1 } }), 'abcd'],
    ['boolean', simple('boolean', 'boolean'), 'true'],
    ['double', simple('double', 'double'), 'Infinity'],
    ['length', simple('text', 'string', { facets: { maxLength: 2 } }), 'abc'],
    ['pattern', simple('text', 'string', { facets: { patterns: ['^(?:[A-Z]{2})$'] } }), 'abc'],
    ['enumeration', simple('text', 'string', { facets: { enumeration: ['A', 'B'] } }), 'C'],
    ['NCName', simple('text', 'NCName'), 'a:b'],
    ['gYear', simple('text', 'gYear'), '24'],
    ['QName', simple('text', 'QName'), 'a:b'],
    ['list', simple('text', 'token', { list: 1 }), ['a b']],
    ['list length', simple('text', 'token', { list: 1, facets: { maxLength: 1 } }), ['a', 'b']],
    ['union', simple('text', 'anySimpleType', { union: [3] }), 'x'],
  ])('refuses: %s', (_, shape, value) => {
    const [problem] = problems({ v: value }, complex(sequence(element('v', 2))), shape, simple('int32', 'int'));
    expect(problem).toMatch(/^\/v/);
  });

  it.each<[SimpleShape, Value]>([
    [
      simple('decimal', 'decimal', {
        facets: { totalDigits: 4, fractionDigits: 2, maxInclusive: '123.40', enumeration: ['123.4'] },
      }),
      '123.400',
    ],
    [simple('int64', 'long'), '-9223372036854775808'],
    [simple('double', 'double'), '-INF'],
    [simple('double', 'double'), 1e300],
    [simple('double', 'double'), -0],
    [simple('text', 'string', { facets: { length: 1 } }), '😀'],
    [
      simple('xsdDateTime', 'dateTime', { facets: { minInclusive: '2024-01-01T00:00:00Z' } }),
      '2024-01-01T01:00:00+01:00',
    ],
    [simple('text', 'QName'), '{urn:q}name'],
    [simple('text', 'QName'), '{urn:t}name'],
    [simple('text', 'token', { list: 3 }), [1, 2]],
    [simple('text', 'token', { list: 3 }), []],
    [simple('text', 'anySimpleType', { union: [3] }), '7'],
    [simple('base64', 'base64Binary', { facets: { length: 3 } }), 'QUJD'],
  ])('takes %j %j', (shape, value) => {
    roundTrip({ v: value }, complex(sequence(element('v', 2))), shape, simple('int32', 'int'));
  });
});

describe('structure', () => {
  const choice: Particle = {
    kind: 'choice',
    min: 1,
    max: 1,
    particles: [
      element('a', 1),
      sequence(element('b', 1), element('c', 1, { min: 0 })),
      sequence(element('c', 1), element('d', 1)),
    ],
  };

  it('takes one branch of a choice', () => {
    roundTrip({ a: '1' }, complex(choice));
    roundTrip({ b: '1', c: '2' }, complex(choice));
    expect(problems({}, complex(choice))).toEqual([' needs one of: a, b, c, d']);
    expect(problems({ a: '1', b: '2' }, complex(choice))).toEqual([' takes only one of: a, b']);
    expect(problems({ c: '1' }, complex(choice))).toEqual(['/b is required']);
  });

  it('keeps the order of repeating groups', () => {
    const items: Particle = {
      kind: 'choice',
      name: 'items',
      min: 0,
      max: -1,
      particles: [element('a', 1), element('b', 1, { max: -1 })],
    };
    roundTrip({ items: [{ b: ['1', '2'] }, { a: '3' }, { a: '4' }, { b: ['5'] }] }, complex(items));
    expect(problems({ items: [{ x: 1 }, { a: '1', b: ['2'] }, null] }, complex(items))).toEqual([
      '/items/0/x is not known here',
      '/items/0 needs one of: a, b',
      '/items/1 takes only one of: a, b',
      '/items/2 must be an object',
    ]);
  });

  it('writes derived types and substitution members', () => {
    const base = complex(sequence(element('a', 1)), {
      qname: { ns: 'urn:t', local: 'Base' },
      apiName: 'Base',
      abstract: true,
      derived: [3],
    });
    const more = complex(sequence(element('a', 1), element('b', 1)), {
      qname: { ns: 'urn:t', local: 'More' },
      apiName: 'More',
    });
    const head = element('pay', 1, {
      min: 0,
      max: -1,
      substitutes: [
        { name: 'cash', local: 'cash', ns: '', type: 1 },
        { name: 'card', local: 'card', ns: 'urn:t', type: 3 },
      ],
    });
    const shapes = [complex(sequence(element('v', 2), head)), base, more];
    roundTrip(
      {
        v: { $type: 'More', a: '1', b: '2' },
        pay: [
          { $element: 'card', a: '', b: '' },
          { $element: 'cash', value: 'x' },
        ],
      },
      ...shapes,
    );
    expect(problems({ v: { a: '1' }, pay: [{ $element: 'no' }, {}] }, ...shapes)).toEqual([
      '/v/$type must be one of: More',
      '/pay/0/$element must be one of: cash, card',
      '/pay/1/$element must be one of: cash, card',
    ]);
  });

  it('inserts well-formed XML, and nothing else, where any is declared', () => {
    const any: Particle = { kind: 'any', name: 'any', min: 0, max: 2, namespaces: '##other urn:t' };
    const shapes: Shape[] = [
      complex(sequence(element('m', 2, { min: 0 }), any)),
      complex(undefined, { mixed: { name: 'value' } }),
    ];
    roundTrip(
      { m: { value: 'Hello <b>big</b> &amp; <![CDATA[<]]>' }, any: ['<e:q xmlns:e="urn:e" a="1"><e:z/></e:q>'] },
      ...shapes,
    );
    const bad = [
      '</r><evil/>',
      '<a/>',
      '<a xmlns="urn:t"/>',
      '<p:a/>',
      '<a xmlns="u"/><b/>',
      '<!DOCTYPE a><a/>',
      '<a xmlns="u">',
      'text',
    ];
    for (const xml of bad) expect(problems({ any: [xml] }, ...shapes)).toHaveLength(1);
    for (const xml of ['</m><evil/><m>', '<b>', '&nope;', '<n0:b/>', '\u0001'])
      expect(problems({ m: { value: xml } }, ...shapes)).toHaveLength(1);
  });

  it('writes attributes of any name, but none that is structure', () => {
    const shapes = [complex(undefined, { anyAttribute: 'anyAttributes' })];
    roundTrip({ anyAttributes: { a: '1', '{urn:x}b': '"', '{urn:t}c': '' } }, ...shapes);
    for (const name of ['xmlns', 'xmlns:a', 'a b', 'a="1" b', '{http://www.w3.org/2001/XMLSchema-instance}nil']) {
      expect(problems({ anyAttributes: { [name]: 'x' } }, ...shapes)).toHaveLength(1);
    }
  });

  it('writes encoded arrays with their type', () => {
    const shapes: Shape[] = [
      complex(sequence(element('v', 2))),
      {
        kind: 'array',
        item: 3,
        itemName: 'item',
        itemType: { ns: 'http://www.w3.org/2001/XMLSchema', local: 'int' },
        suffix: '',
      },
      simple('int32', 'int'),
    ];
    const xml = roundTrip({ v: [1, 2] }, ...shapes);
    expect(xml).toContain('soapenc:arrayType="xsd:int[2]"');
  });
});
