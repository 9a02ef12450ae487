import { Failure } from '@bailey/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileDecoder, type WireElement, type WireShape } from './decode.ts';
import type { ComplexShape, Particle, SimpleShape } from './plan.ts';

const NS = 'urn:t';
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
const element = (name: string, type: number, more: Partial<WireElement> = {}): WireElement => ({
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

/** Shape 0 is the root's type; 1 is text. */
const decoderOf = (root: WireShape, ...others: WireShape[]) =>
  compileDecoder([root, text, ...others], [element('r', 0, { ns: NS })]);

const open =
  '<n:r xmlns:n="urn:t" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xs="http://www.w3.org/2001/XMLSchema">';
const wrap = (inner: string): string => `${open}${inner}</n:r>`;
const bytes = (xml: string): Buffer => Buffer.from(xml, 'utf8');
const json = (decoded: Uint8Array): unknown => JSON.parse(Buffer.from(decoded).toString('utf8'));

const failure = (act: () => unknown): Failure => {
  try {
    act();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

const single = (shape: SimpleShape, value: string): unknown =>
  (json(decoderOf(complex(sequence(element('v', 2))), shape).decode(bytes(wrap(`<v>${value}</v>`)))) as { v: unknown })
    .v;

describe('exact values', () => {
  it.each<[SimpleShape, string, unknown]>([
    [simple('int32', 'int'), '+007', 7],
    [simple('int32', 'int'), '-0', 0],
    [simple('int32', 'int'), ' -12\n', -12],
    [simple('int53', 'unsignedInt'), '4294967295', 4294967295],
    [simple('int64', 'long'), '9007199254740993', '9007199254740993'],
    [simple('int64', 'long'), '+1', '1'],
    [simple('integer', 'integer'), '123456789012345678901234567890', '123456789012345678901234567890'],
    [simple('decimal', 'decimal'), '12345678901234567.890', '12345678901234567.890'],
    [simple('decimal', 'decimal'), '+1.50', '1.50'],
    [simple('decimal', 'decimal'), '.5', '.5'],
    [simple('double', 'double'), 'INF', 'INF'],
    [simple('double', 'double'), '-INF', '-INF'],
    [simple('double', 'double'), 'NaN', 'NaN'],
    [simple('double', 'double'), '1.5E3', 1500],
    [simple('double', 'double'), '+.5', 0.5],
    [simple('double', 'double'), '1e999', 'INF'],
    [simple('float', 'float'), '1.50', 1.5],
    [simple('boolean', 'boolean'), '1', true],
    [simple('boolean', 'boolean'), ' false ', false],
    [simple('date', 'date'), '2024-01-31', '2024-01-31'],
    [simple('date', 'date'), '2024-01-31+02:00', '2024-01-31+02:00'],
    [simple('xsdDateTime', 'dateTime'), '2024-01-31T04:30:00', '2024-01-31T04:30:00'],
    [simple('xsdDateTime', 'dateTime'), '2024-01-31T04:30:00.123456789-05:00', '2024-01-31T04:30:00.123456789-05:00'],
    [simple('time', 'time'), '23:59:59Z', '23:59:59Z'],
    [simple('duration', 'duration'), 'P1Y2MT3H', 'P1Y2MT3H'],
    [simple('base64', 'base64Binary'), 'QUJD\n REVG', 'QUJDREVG'],
    [simple('hex', 'hexBinary'), '0aFF', '0aFF'],
    [text, '  00123 ', '  00123 '],
    [text, '1e5', '1e5'],
    [text, 'a\r\nb\rc\td"e\\', 'a\nb\nc\td"e\\'],
    [text, 'a&#x1F600;&#10;&#xD;&amp;lt;', 'a😀\n\r&lt;'],
    [text, 'x<!-- no -->y<?pi no?>z', 'xyz'],
    [text, '<![CDATA[<doc a="1">&amp;</doc>]]>', '<doc a="1">&amp;</doc>'],
    [text, 'a<![CDATA[]]]]><![CDATA[>]]>b', 'a]]>b'],
    [text, '', ''],
    [simple('text', 'normalizedString', { whiteSpace: 'replace' }), ' a\tb\nc ', ' a b c '],
    [simple('text', 'token'), '  a \n  b ', 'a b'],
    [simple('text', 'QName'), 'xs:int', '{http://www.w3.org/2001/XMLSchema}int'],
    [simple('text', 'QName'), 'int', 'int'],
    [simple('text', 'NMTOKENS', { list: 1 }), ' a  b ', ['a', 'b']],
    [simple('text', 'anySimpleType', { union: [1] }), 'either', 'either'],
  ])('%j %j is %j', (shape, value, expected) => {
    expect(single(shape, value)).toEqual(expected);
  });

  it.each<[SimpleShape, string]>([
    [simple('int32', 'int'), '1.0'],
    [simple('int32', 'int'), '2147483648'],
    [simple('int32', 'int'), ''],
    [simple('int53', 'long'), '9007199254740993'],
    [simple('int64', 'long'), '99999999999999999999'],
    [simple('decimal', 'decimal'), '1,5'],
    [simple('decimal', 'decimal'), '1e5'],
    [simple('decimal', 'decimal'), '.'],
    [simple('boolean', 'boolean'), 'yes'],
    [simple('date', 'date'), '2024-02-30'],
    [simple('date', 'date'), '31.01.2024'],
    [simple('base64', 'base64Binary'), '!!!'],
    [simple('hex', 'hexBinary'), 'abc'],
    [simple('text', 'QName'), 'nope:int'],
    [text, '&nope;'],
    [text, '&#0;'],
    [text, '\u0001'],
    [text, '<b/>'],
  ])('%j %j is refused', (shape, value) => {
    const { code, message } = failure(() => single(shape, value));
    expect(code).toBe('PROTOCOL_ERROR');
    expect(message).toContain('/n:r/v');
  });
});

describe('structure', () => {
  const address = complex(
    sequence(element('a', 1), element('b', 1, { min: 0, nillable: true }), element('c', 1, { min: 0, max: -1 })),
    {
      attributes: [
        { name: 'id', local: 'id', ns: '', type: 2, required: false },
        { name: 'kind', local: 'kind', ns: '', type: 1, required: false, default: 'x' },
      ],
    },
  );
  const decoder = decoderOf(address, simple('int32', 'int'));
  const decoded = (inner: string): unknown => json(decoder.decode(bytes(wrap(inner))));

  it('keeps null, absent and empty apart', () => {
    expect(decoded('<a>1</a>')).toEqual({ kind: 'x', a: '1', c: [] });
    expect(decoded('<a></a><b/>')).toEqual({ kind: 'x', a: '', b: '', c: [] });
    expect(decoded('<a/><b xsi:nil="true"/>')).toEqual({ kind: 'x', a: '', b: null, c: [] });
    expect(decoded('<a/><b xsi:nil=" 1 "></b>')).toEqual({ kind: 'x', a: '', b: null, c: [] });
  });

  it('makes arrays of none, one and many', () => {
    expect(decoded('<a/><c>1</c>')).toMatchObject({ c: ['1'] });
    expect(decoded('<a/><c>1</c><c/><c>3</c>')).toMatchObject({ c: ['1', '', '3'] });
  });

  it('gathers what is out of order', () => {
    expect(decoded('<c>1</c><a>"[{</a><c>2,}</c>')).toEqual({ kind: 'x', c: ['1', '2,}'], a: '"[{' });
  });

  it('skips what it does not know, in any depth', () => {
    expect(decoded('<x><a>no</a><y/>text</x><a>1</a><z q="1"/>')).toEqual({ kind: 'x', a: '1', c: [] });
  });

  it('reads attributes, and their defaults', () => {
    const root = (attributes: string): unknown =>
      json(decoder.decode(bytes(`<r xmlns='urn:t' ${attributes}><a xmlns=''>1</a></r>`)));
    expect(root(`id = "+7"  kind='a&lt;&quot;&#10;b\n'`)).toEqual({ id: 7, kind: 'a<"\nb ', a: '1', c: [] });
  });

  it.each([
    ['a required element that is missing', '<b/>'],
    ['a single element that is there twice', '<a/><a/>'],
    ['text between elements', 'oops<a/>'],
    ['an element in a wrong namespace', '<a xmlns="urn:other"/>'],
    ['crossed tags', '<a></b>'],
    ['an undeclared prefix', '<p:a/>'],
    ['an attribute given twice', '<a x="1" x="2"/>'],
  ])('refuses %s', (_, inner) => {
    expect(failure(() => decoded(inner)).code).toBe('PROTOCOL_ERROR');
  });

  it('matches by namespace, whatever the prefix, wherever it is declared', () => {
    const two = decoderOf(
      complex(sequence(element('one', 1, { local: 'v', ns: 'urn:1' }), element('two', 2, { local: 'v', ns: 'urn:2' }))),
      simple('int32', 'int'),
    );
    const xml = wrap('<v xmlns="urn:1">1</v><n:v xmlns:n="urn:2">22</n:v>');
    expect(json(two.decode(bytes(xml)))).toEqual({ one: '1', two: 22 });
  });

  it('knows namespaces that only types within name, at the first document already', () => {
    const inner = complex(sequence(element('v', 1, { ns: 'urn:deep' })));
    const deep = decoderOf(complex(sequence(element('i', 2))), inner);
    expect(json(deep.decode(bytes(`<n:r xmlns:n="urn:t" xmlns:d="urn:deep"><i><d:v>1</d:v></i></n:r>`)))).toEqual({
      i: { v: '1' },
    });
  });

  it('refuses a root that is not the one', () => {
    expect(failure(() => decoder.decode(bytes('<r xmlns="urn:other"><a/></r>'))).message).toContain('{urn:other}r');
    expect(failure(() => decoder.decode(bytes('<html><body>Bad gateway</body></html>'))).code).toBe('PROTOCOL_ERROR');
    expect(failure(() => decoder.decode(bytes(''))).code).toBe('PROTOCOL_ERROR');
    expect(failure(() => decoder.decode(bytes(`${wrap('<a/>')}<r/>`))).code).toBe('PROTOCOL_ERROR');
  });

  it('refuses a document type declaration', () => {
    expect(failure(() => decoder.decode(bytes(`<!DOCTYPE r [<!ENTITY a "b">]>${wrap('<a>&a;</a>')}`))).code).toBe(
      'PROTOCOL_ERROR',
    );
  });

  it('decodes the same from chunks of any size, and never takes a part for the whole', () => {
    const xml = bytes(
      `<?xml version="1.0"?><!-- c -->${wrap('<x>&amp;<![CDATA[]]]]>]</x><a>é"😀<![CDATA[<]]></a><!-- - -- --><b xsi:nil="true"/><c>ü</c><c/>')}\n<!-- end -->`,
    );
    const whole = decoder.decode(xml);
    for (let size = 1; size < xml.length; size++) {
      const stream = decoder.open();
      for (let at = 0; at < xml.length; at += size) stream.write(xml.subarray(at, at + size));
      expect(Buffer.from(stream.end()).toString()).toBe(Buffer.from(whole).toString());
    }
    const end = xml.lastIndexOf('</n:r>');
    for (let cut = 0; cut < end + 6; cut++)
      expect(failure(() => decoder.decode(xml.subarray(0, cut))).code).toBe('PROTOCOL_ERROR');
  });

  it('refuses bytes that are not UTF-8', () => {
    const xml = bytes(wrap('<a>abcd</a>'));
    xml[xml.indexOf('b'.charCodeAt(0), xml.indexOf('<a>'))] = 0xff;
    expect(failure(() => decoder.decode(xml)).message).toContain('UTF-8');
  });

  it('treats names of Object.prototype as names', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const evil = decoderOf(complex(sequence(...names.map((name) => element(name, 1)))));
    const parsed = json(evil.decode(bytes(wrap(names.map((name) => `<${name}>x</${name}>`).join('')))));
    expect(Object.keys(parsed as object)).toEqual(names);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('groups', () => {
  const items = (kind: 'choice' | 'sequence', ...particles: Particle[]): Particle => ({
    kind,
    name: 'items',
    min: 0,
    max: -1,
    particles,
  });
  const decoded = (root: Particle, inner: string): unknown =>
    json(decoderOf(complex(root), simple('int32', 'int')).decode(bytes(wrap(inner))));

  it('keeps the order of a repeating choice', () => {
    const choice = items('choice', element('a', 1), element('b', 2), {
      kind: 'sequence',
      min: 1,
      max: 1,
      particles: [element('c', 1), element('d', 1, { min: 0 })],
    });
    expect(decoded(choice, '')).toEqual({ items: [] });
    expect(decoded(choice, '<b>1</b><a>x</a><a>y</a><c>1</c><d>2</d><c>3</c><b>2</b>')).toEqual({
      items: [{ b: 1 }, { a: 'x' }, { a: 'y' }, { c: '1', d: '2' }, { c: '3' }, { b: 2 }],
    });
  });

  it('splits the occurrences of a repeating sequence', () => {
    const group = sequence(
      element('h', 1),
      items('sequence', element('k', 1), element('v', 1, { min: 0, max: -1 })),
      element('t', 1),
    );
    expect(decoded(group, '<h/><k>1</k><v>a</v><v>b</v><k>2</k><k>3</k><v>c</v><t/>')).toEqual({
      h: '',
      items: [
        { k: '1', v: ['a', 'b'] },
        { k: '2', v: [] },
        { k: '3', v: ['c'] },
      ],
      t: '',
    });
  });

  it('nests repeating groups', () => {
    const group = items('sequence', element('k', 1), {
      ...items('choice', element('a', 1), element('b', 1)),
      name: 'inner',
    } as Particle);
    expect(decoded(group, '<k>1</k><b/><a/><k>2</k><k>3</k><a/>')).toEqual({
      items: [
        { k: '1', inner: [{ b: '' }, { a: '' }] },
        { k: '2', inner: [] },
        { k: '3', inner: [{ a: '' }] },
      ],
    });
  });

  it('writes nothing of the branches not taken', () => {
    const choice: Particle = {
      kind: 'choice',
      min: 1,
      max: 1,
      particles: [element('a', 1, { max: -1 }), sequence(element('b', 1), element('c', 1, { min: 0, max: -1 }))],
    };
    expect(decoded(choice, '<b>1</b>')).toEqual({ b: '1', c: [] });
    expect(decoded(choice, '<a>1</a><a>2</a>')).toEqual({ a: ['1', '2'] });
  });

  it('takes one name at several places by its place', () => {
    const group = sequence(element('a', 1), element('b', 1), element('a2', 1, { local: 'a' }));
    expect(decoded(group, '<a>1</a><b>2</b><a>3</a>')).toEqual({ a: '1', b: '2', a2: '3' });
  });

  it('keeps substitution members apart', () => {
    const head = element('pay', 1, {
      max: -1,
      substitutes: [
        { name: 'cash', local: 'cash', ns: '', type: 2 },
        { name: 'card', local: 'card', ns: '', type: 3 },
      ],
    });
    const decoder = decoderOf(complex(sequence(head)), simple('int32', 'int'), complex(sequence(element('no', 1))));
    expect(json(decoder.decode(bytes(wrap('<card><no>1</no></card><cash>5</cash>'))))).toEqual({
      pay: [
        { $element: 'card', no: '1' },
        { $element: 'cash', value: 5 },
      ],
    });
  });
});

describe('types', () => {
  it('tells derived types apart by xsi:type', () => {
    const base = complex(sequence(element('a', 1)), {
      qname: { ns: NS, local: 'Base' },
      apiName: 'Base',
      derived: [2, 3],
    });
    const more = complex(sequence(element('a', 1), element('b', 1)), {
      qname: { ns: NS, local: 'More' },
      apiName: 'More',
    });
    const decoder = decoderOf(complex(sequence(element('v', 2, { max: -1 }))), base, more);
    const xml = wrap(
      '<v><a>1</a></v><v xsi:type="n:More"><a>1</a><b>2</b></v><v xmlns:q="urn:t" xsi:type="q:Base"><a/></v>',
    );
    expect(json(decoder.decode(bytes(xml)))).toEqual({
      v: [
        { $type: 'Base', a: '1' },
        { $type: 'More', a: '1', b: '2' },
        { $type: 'Base', a: '' },
      ],
    });
    const abstract = decoderOf(complex(sequence(element('v', 2))), { ...base, abstract: true, derived: [3] }, more);
    expect(failure(() => abstract.decode(bytes(wrap('<v><a/></v>')))).message).toContain('abstract');
  });

  it('reads text with attributes', () => {
    const money = complex(undefined, {
      text: { name: 'value', type: 3 },
      attributes: [{ name: 'currency', local: 'currency', ns: '', type: 1, required: true }],
    });
    const decoder = decoderOf(complex(sequence(element('v', 2))), money, simple('decimal', 'decimal'));
    expect(json(decoder.decode(bytes(wrap('<v currency="EUR">1.50</v>'))))).toEqual({
      v: { currency: 'EUR', value: '1.50' },
    });
    expect(failure(() => decoder.decode(bytes(wrap('<v>1</v>')))).message).toContain('currency');
  });

  it('hands on any and mixed content as XML that stands alone', () => {
    const any: Particle = { kind: 'any', name: 'any', min: 0, max: -1, namespaces: '##other urn:t' };
    const decoder = decoderOf(
      complex(sequence(element('m', 2), element('x', 3), any)),
      complex(undefined, { mixed: { name: 'value' } }),
      { kind: 'anyType' },
    );
    const xml = wrap(
      '<m>Hello <n:b a="xs:int">big</n:b> &amp; <i/></m><x/><e:q xmlns:e="urn:e"><n:z/></e:q><p xmlns="urn:p">"</p>',
    );
    expect(json(decoder.decode(bytes(xml)))).toEqual({
      m: {
        value: 'Hello <n:b xmlns:n="urn:t" xmlns:xs="http://www.w3.org/2001/XMLSchema" a="xs:int">big</n:b> &amp; <i/>',
      },
      x: '',
      any: ['<e:q xmlns:n="urn:t" xmlns:e="urn:e"><n:z/></e:q>', '<p xmlns="urn:p">"</p>'],
    });
    const whole = bytes(xml);
    const stream = decoder.open();
    for (let at = 0; at < whole.length; at++) stream.write(whole.subarray(at, at + 1));
    expect(json(stream.end())).toEqual(json(decoder.decode(whole)));
  });

  it('reads encoded arrays by position, and attributes of any name', () => {
    const decoder = decoderOf(
      complex(sequence(element('v', 2)), { anyAttribute: 'anyAttributes' }),
      { kind: 'array', item: 3, itemName: 'item', itemType: { ns: 'x', local: 'int' }, suffix: '' },
      simple('int32', 'int'),
    );
    expect(
      json(
        decoder.decode(
          bytes(`<r xmlns="urn:t" a="1" n:b="2" xmlns:n="urn:n"><v xmlns=""><item>1</item><x>2</x></v></r>`),
        ),
      ),
    ).toEqual({
      anyAttributes: { a: '1', '{urn:n}b': '2' },
      v: [1, 2],
    });
  });

  it('reads a recursive type', () => {
    const decoder = decoderOf(complex(sequence(element('r', 0, { min: 0 }))));
    expect(json(decoder.decode(bytes(wrap('<r><r/></r>'))))).toEqual({ r: { r: {} } });
    const depth = (levels: number): Uint8Array => bytes(wrap(`${'<r>'.repeat(levels)}${'</r>'.repeat(levels)}`));
    expect(() => decoder.decode(depth(99))).not.toThrow();
    expect(failure(() => decoder.decode(depth(16_000))).message).toContain('deeper');
  });
});

describe('encodings', () => {
  const decoder = decoderOf(complex(sequence(element('a', 1))));
  const value = (xml: Uint8Array, charset?: string): unknown =>
    (json(decoder.decode(xml, { charset })) as { a: string }).a;
  const latin = Buffer.from(wrap('<a>Café\u0080</a>'), 'latin1');

  it('reads ISO-8859-1 by the header, and by the declaration', () => {
    expect(value(latin, 'ISO-8859-1')).toBe('Café\u0080');
    expect(value(Buffer.concat([Buffer.from('<?xml version="1.0" encoding="iso-8859-1"?>'), latin]))).toBe(
      'Café\u0080',
    );
    expect(value(latin, 'windows-1252')).toBe('Café€');
    expect(failure(() => value(latin)).message).toContain('UTF-8');
  });

  it('reads UTF-16 by its mark or its zeros, and lets a mark win', () => {
    const utf16 = Buffer.from(`\ufeff${wrap('<a>Café 😀</a>')}`, 'utf16le');
    expect(value(utf16)).toBe('Café 😀');
    expect(value(utf16, 'utf-8')).toBe('Café 😀');
    expect(value(utf16.subarray(2))).toBe('Café 😀');
    expect(value(Buffer.from(utf16).swap16())).toBe('Café 😀');
    expect(value(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes(wrap('<a>é</a>'))]), 'iso-8859-1')).toBe('é');
  });

  it('refuses an encoding that it does not know', () => {
    expect(failure(() => value(latin, 'klingon')).code).toBe('PROTOCOL_ERROR');
  });
});

describe('bombs end early, in linear time', () => {
  const decoder = decoderOf(
    complex(sequence(element('a', 1, { min: 0, max: -1 }), element('b', 1, { min: 0, max: -1 }))),
  );
  const cost = (make: (size: number) => string, size: number): number => {
    const xml = bytes(make(size));
    const start = process.cpuUsage().user;
    try {
      const stream = decoder.open();
      for (let at = 0; at < xml.length; at += 4096) stream.write(xml.subarray(at, at + 4096));
      stream.end();
    } catch (error) {
      expect(error).toBeInstanceOf(Failure);
    }
    return process.cpuUsage().user - start;
  };

  it.each<[string, (size: number) => string]>([
    ['one huge text', (size) => wrap(`<a>${'x'.repeat(size)}</a>`)],
    ['one huge attribute of >', (size) => wrap(`<a q="${'>'.repeat(size)}"/>`)],
    ['many references', (size) => wrap(`<a>${'&#65;'.repeat(size / 5)}</a>`)],
    ['scattered arrays', (size) => wrap('<a/><b/>'.repeat(size / 8))],
    ['many comments', (size) => wrap('<!---->'.repeat(size / 7))],
    ['an open comment', (size) => `${open}<!--${'-'.repeat(size)}`],
    [
      'many declarations',
      (size) => wrap(Array.from({ length: size / 20 }, (_, i) => `<a xmlns:p${i}="urn:${i}"/>`).join('')),
    ],
  ])('%s', (_, make) => {
    cost(make, 100_000);
    const [small, large] = [cost(make, 400_000), cost(make, 3_200_000)];
    // Eight times the bytes: linear is 8, quadratic 64.
    expect(large).toBeLessThan(Math.max(small, 10_000) * 24);
  });

  it.each([
    ['attributes', wrap(`<a ${Array.from({ length: 300 }, (_, i) => `a${i}=""`).join(' ')}/>`)],
    ['namespaces', wrap(`<a ${Array.from({ length: 100 }, (_, i) => `xmlns:a${i}="u"`).join(' ')}/>`)],
    ['longer than 1024', wrap(`<${'a'.repeat(2000)}/>`)],
  ])('refuses too much: %s', (word, xml) => {
    expect(failure(() => decoder.decode(bytes(xml))).message).toContain(word);
  });
});

describe('mutated documents', () => {
  const items: Particle = {
    kind: 'choice',
    name: 'items',
    min: 0,
    max: -1,
    particles: [element('k', 1), element('v', 2, { max: -1 })],
  };
  const any: Particle = { kind: 'any', name: 'any', min: 0, max: -1, namespaces: '##any' };
  const decoder = decoderOf(
    complex(sequence(element('a', 1), element('m', 3, { min: 0 }), items, any), { anyAttribute: 'others' }),
    simple('int32', 'int'),
    complex(undefined, { mixed: { name: 'value' } }),
  );
  const seed = bytes(
    `<?xml version="1.0" encoding="UTF-8"?>${wrap('<a q="&lt;">é<![CDATA[x]]>&#65;</a><m>t <b xmlns:z="u" z:y=""/></m><k/><v>1</v><v>2</v><e:x xmlns:e="urn:e"><!-- c --></e:x>')}`,
  );
  const mutation = fc.tuple(
    fc.nat(seed.length - 1),
    fc.oneof(fc.constantFrom(...'<>&\'"/!?[]-=: \0\xff'), fc.string({ maxLength: 3 })),
    fc.nat(3),
  );
  const mutated = fc.array(mutation, { minLength: 1, maxLength: 4 }).map((mutations) => {
    let xml: Uint8Array = seed;
    for (const [at, put, drop] of mutations)
      xml = Buffer.concat([xml.subarray(0, at), Buffer.from(put, 'latin1'), xml.subarray(at + drop)]);
    return xml;
  });

  const outcome = (act: () => Uint8Array): string => {
    try {
      return JSON.stringify(json(act()));
    } catch (error) {
      if (error instanceof Failure && error.code === 'PROTOCOL_ERROR') return 'refused';
      throw error;
    }
  };

  it('are decoded or refused, the same whole and in chunks', () => {
    fc.assert(
      fc.property(mutated, fc.integer({ min: 1, max: 40 }), (xml, size) => {
        const inChunks = (): Uint8Array => {
          const stream = decoder.open();
          for (let at = 0; at < xml.length; at += size) stream.write(xml.subarray(at, at + size));
          return stream.end();
        };
        expect(outcome(inChunks)).toBe(outcome(() => decoder.decode(xml)));
      }),
      { numRuns: 3000 },
    );
  });
});
