import type { JsonSchema, Ledger } from '@bailey/contract';
import { describe, expect, it } from 'vitest';
import { parseXmlTree } from '../xml/tree.ts';
import { nameTypes, reachableShapes, refusedShapes } from './closure.ts';
import { SchemaCompiler } from './compiler.ts';
import { JsonSchemas } from './json-schema.ts';
import { LedgerBook } from './ledger-book.ts';
import type { ComplexShape, Shape } from './plan.ts';
import { loadSchemas } from './schema-set.ts';

interface Compiled {
  shapes: Shape[];
  root: ComplexShape;
  schema: JsonSchema;
  $defs: Record<string, JsonSchema>;
  ledger: Ledger;
  refused: string[];
}

const schemaText = (body: string, attributes = 'elementFormDefault="qualified"'): string =>
  `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t" xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:wsa="http://www.w3.org/2005/08/addressing" ${attributes}>${body}</xs:schema>`;

const compile = async (body: string, attributes?: string): Promise<Compiled> => {
  const node = parseXmlTree(schemaText(body, attributes), 'a.xsd');
  const book = new LedgerBook();
  const compiler = new SchemaCompiler(
    await loadSchemas([node], () => Promise.reject(new Error('nothing to read')), book),
    book,
  );
  const { type } = compiler.element('t:Root', node);
  const compiled = compiler.finish();
  const refused = refusedShapes(compiled, book);
  const { shapes, to } = reachableShapes(compiled, [type]);
  const schemas = new JsonSchemas(shapes, compiled.documentation, nameTypes(shapes, book, node));
  const schema = schemas.message(to(type));
  return {
    shapes,
    root: shapes[0] as ComplexShape,
    schema,
    $defs: schemas.$defs,
    ledger: book.entries(),
    refused: [...refused.values()].map(({ message }) => message),
  };
};

const root = (content: string): string =>
  `<xs:element name="Root"><xs:complexType>${content}</xs:complexType></xs:element>`;
const field = (type: string): string => root(`<xs:sequence><xs:element name="f" ${type}</xs:sequence>`);
const property = async (declaration: string, more = ''): Promise<JsonSchema> =>
  (await compile(more + field(declaration))).schema.properties!['f']!;
const notes = ({ ledger }: Compiled, construct: string) => ledger.filter((entry) => entry.construct === construct);

describe('scalars travel by their declared type', () => {
  it.each([
    ['string', 'string', undefined],
    ['boolean', 'boolean', undefined],
    ['byte', 'integer', 'int32'],
    ['unsignedShort', 'integer', 'int32'],
    ['int', 'integer', 'int32'],
    ['unsignedInt', 'integer', 'int53'],
    ['long', 'string', 'int64'],
    ['unsignedLong', 'string', 'int64'],
    ['integer', 'string', 'integer'],
    ['positiveInteger', 'string', 'integer'],
    ['decimal', 'string', 'decimal'],
    ['date', 'string', 'xsd-date'],
    ['dateTime', 'string', 'xsd-date-time'],
    ['time', 'string', 'xsd-time'],
    ['duration', 'string', 'xsd-duration'],
    ['gYear', 'string', undefined],
    ['QName', 'string', undefined],
    ['base64Binary', 'string', 'base64'],
    ['hexBinary', 'string', 'hex'],
    ['anyType', 'string', 'xml'],
    ['anyURI', 'string', undefined],
  ])('xs:%s is a %s of format %s', async (name, type, format) => {
    const schema = await property(`type="xs:${name}"/>`);
    expect(schema.type).toBe(type);
    expect(schema.format).toBe(format);
  });

  it('a byte knows its bounds', async () => {
    expect(await property('type="xs:byte"/>')).toMatchObject({ minimum: -128, maximum: 127 });
  });

  it('a list type of XSD is an array', async () => {
    expect(await property('type="xs:NMTOKENS"/>')).toMatchObject({
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
    });
  });

  it.each([
    ['integer', '<xs:minInclusive value="0"/><xs:maxInclusive value="9007199254740991"/>', 'int53'],
    ['integer', '<xs:minInclusive value="0"/><xs:maxInclusive value="9007199254740992"/>', 'integer'],
    ['integer', '<xs:totalDigits value="15"/>', 'int53'],
    ['integer', '<xs:totalDigits value="16"/>', 'integer'],
    ['nonNegativeInteger', '<xs:maxExclusive value="100"/>', 'int32'],
    ['long', '<xs:minExclusive value="-5"/><xs:maxInclusive value="5"/>', 'int32'],
    ['unsignedLong', '<xs:maxInclusive value="5000000000"/>', 'int53'],
    ['int', '<xs:maxInclusive value="5"/>', 'int32'],
  ])('xs:%s within %s is %s', async (base, facets, format) => {
    const schema = await property(
      `><xs:simpleType><xs:restriction base="xs:${base}">${facets}</xs:restriction></xs:simpleType></xs:element>`,
    );
    expect(schema.format).toBe(format);
  });

  it('exclusive bounds are told as the next integer', async () => {
    const schema = await property(
      '><xs:simpleType><xs:restriction base="xs:int"><xs:minExclusive value="0"/><xs:maxExclusive value="9"/></xs:restriction></xs:simpleType></xs:element>',
    );
    expect(schema).toMatchObject({ minimum: 1, maximum: 8 });
  });
});

describe('simple types', () => {
  const restricted = (base: string, facets: string) =>
    property(`><xs:simpleType><xs:restriction base="${base}">${facets}</xs:restriction></xs:simpleType></xs:element>`);

  it('lengths count characters, and two for a byte in hex', async () => {
    expect(await restricted('xs:string', '<xs:length value="3"/>')).toMatchObject({ minLength: 3, maxLength: 3 });
    expect(await restricted('xs:hexBinary', '<xs:maxLength value="3"/>')).toMatchObject({ maxLength: 6 });
    expect(await restricted('xs:base64Binary', '<xs:maxLength value="3"/>')).not.toHaveProperty('maxLength');
  });

  it('patterns of one step are alternatives, those of two steps must all match', async () => {
    const base =
      '<xs:simpleType name="P"><xs:restriction base="xs:string"><xs:pattern value="a.*"/><xs:pattern value="b.*"/></xs:restriction></xs:simpleType>';
    const schema = await property(
      '><xs:simpleType><xs:restriction base="t:P"><xs:pattern value=".*z"/></xs:restriction></xs:simpleType></xs:element>',
      base,
    );
    const all = (text: string) => schema.allOf!.every(({ pattern }) => new RegExp(pattern!, 'u').test(text));
    expect([all('az'), all('bz'), all('cz'), all('ab')]).toEqual([true, true, false, false]);
  });

  it('a step of which one pattern cannot be checked is not checked, and the ledger says so', async () => {
    const compiled = await compile(
      field(
        '><xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="a"/><xs:pattern value="\\p{IsKlingon}"/></xs:restriction></xs:simpleType></xs:element>',
      ),
    );
    expect(compiled.schema.properties!['f']).toEqual({ type: 'string' });
    expect(notes(compiled, 'xsd:pattern')[0]).toMatchObject({ status: 'approximated', name: '\\p{IsKlingon}' });
  });

  it('a named enumeration is shared, with its values as they are', async () => {
    const code =
      '<xs:simpleType name="Code"><xs:restriction base="xs:token"><xs:enumeration value=" A  B "/><xs:enumeration value="C"/></xs:restriction></xs:simpleType>';
    const { schema, $defs } = await compile(
      code +
        root(
          '<xs:sequence><xs:element name="a" type="t:Code"/><xs:element name="b" type="t:Code" nillable="true"/></xs:sequence>',
        ),
    );
    expect($defs).toEqual({ Code: { type: 'string', enum: ['A B', 'C'] } });
    expect(schema.properties).toMatchObject({
      a: { $ref: '#/$defs/Code' },
      b: { anyOf: [{ $ref: '#/$defs/Code' }, { type: 'null' }] },
    });
  });

  it('an enumeration of QNames holds them as they travel', async () => {
    const { shapes } = await compile(
      field(
        '><xs:simpleType><xs:restriction base="xs:QName"><xs:enumeration value="t:A"/></xs:restriction></xs:simpleType></xs:element>',
      ),
    );
    expect(shapes[1]).toMatchObject({ facets: { enumeration: ['{urn:t}A'] } });
  });

  it('a list is an array, its facets count items', async () => {
    const list = '<xs:simpleType name="L"><xs:list itemType="xs:int"/></xs:simpleType>';
    const schema = await property(
      '><xs:simpleType><xs:restriction base="t:L"><xs:maxLength value="2"/></xs:restriction></xs:simpleType></xs:element>',
      list,
    );
    expect(schema).toMatchObject({ type: 'array', items: { format: 'int32' }, maxItems: 2 });
  });

  it('a union is text, and knows its members', async () => {
    const { shapes, schema } = await compile(
      field(
        '><xs:simpleType><xs:union memberTypes="xs:int xs:date"><xs:simpleType><xs:restriction base="xs:token"/></xs:simpleType></xs:union></xs:simpleType></xs:element>',
      ),
    );
    expect(schema.properties!['f']).toEqual({ type: 'string' });
    expect((shapes[1] as { union: number[] }).union.map((ref) => (shapes[ref] as { builtin: string }).builtin)).toEqual(
      ['int', 'date', 'token'],
    );
  });

  it('default and fixed values are typed', async () => {
    expect(await property('type="xs:int" default="7"/>')).toMatchObject({ default: 7 });
    expect(await property('type="xs:boolean" fixed="1"/>')).toMatchObject({ const: true });
    expect(await property('type="xs:decimal" default="1.50"/>')).toMatchObject({ default: '1.50' });
  });
});

describe('model groups', () => {
  const ab = '<xs:element name="a" type="xs:int"/><xs:element name="b" type="xs:string"/>';

  it('a sequence keeps its order, occurrence decides arrays and what is required', async () => {
    const { schema } = await compile(
      root(
        '<xs:sequence><xs:element name="c" type="xs:string"/><xs:element name="a" type="xs:string" minOccurs="0"/><xs:element name="b" type="xs:string" minOccurs="2" maxOccurs="5"/></xs:sequence>',
      ),
    );
    expect(Object.keys(schema.properties!)).toEqual(['c', 'a', 'b']);
    expect(schema).toMatchObject({ required: ['c', 'b'], additionalProperties: false });
    expect(schema.properties!['b']).toEqual({ type: 'array', items: { type: 'string' }, minItems: 2, maxItems: 5 });
  });

  it('a choice is oneOf of what its branches require', async () => {
    const { schema } = await compile(root(`<xs:choice>${ab}</xs:choice>`));
    expect(schema).toMatchObject({ oneOf: [{ required: ['a'] }, { required: ['b'] }] });
    expect(schema.required).toBeUndefined();
  });

  it('an optional choice may also be empty', async () => {
    const { schema } = await compile(root(`<xs:choice minOccurs="0">${ab}</xs:choice>`));
    expect(schema.oneOf).toHaveLength(3);
    expect(schema.oneOf![2]).toEqual({ not: { anyOf: [{ required: ['a'] }, { required: ['b'] }] } });
  });

  it('two choices are both demanded', async () => {
    const { schema } = await compile(
      root(
        `<xs:sequence><xs:choice>${ab}</xs:choice><xs:choice><xs:element name="c" type="xs:int"/><xs:element name="d" type="xs:int"/></xs:choice></xs:sequence>`,
      ),
    );
    expect(schema.allOf).toHaveLength(2);
  });

  it('a repeated choice is items, one member each, in document order', async () => {
    const { schema, root: shape } = await compile(
      root(`<xs:choice minOccurs="0" maxOccurs="unbounded">${ab}</xs:choice>`),
    );
    expect(shape.content).toMatchObject({ kind: 'choice', name: 'items', min: 0, max: -1 });
    expect(schema.properties!['items']).toMatchObject({
      type: 'array',
      items: { additionalProperties: false, oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    });
  });

  it('a repeated sequence is items with a scope of its own', async () => {
    const { schema } = await compile(
      root(
        '<xs:sequence><xs:element name="a" type="xs:int"/><xs:sequence maxOccurs="3"><xs:element name="a" type="xs:int"/></xs:sequence></xs:sequence>',
      ),
    );
    expect(schema.properties!['items']).toMatchObject({
      minItems: 1,
      maxItems: 3,
      items: { properties: { a: { format: 'int32' } }, required: ['a'] },
    });
  });

  it('groups that mean nothing dissolve', async () => {
    const { root: shape } = await compile(
      root(
        `<xs:sequence><xs:sequence>${ab}</xs:sequence><xs:choice><xs:element name="c" type="xs:int"/></xs:choice><xs:sequence minOccurs="0"><xs:element name="d" type="xs:int"/></xs:sequence><xs:sequence/></xs:sequence>`,
      ),
    );
    expect(shape.content).toMatchObject({
      kind: 'sequence',
      particles: [{ name: 'a' }, { name: 'b' }, { name: 'c', min: 1 }, { name: 'd', min: 0 }],
    });
  });

  it('branches of a choice share an element, a second place in a sequence gets a new name', async () => {
    const shared = await compile(
      root(
        '<xs:choice><xs:sequence><xs:element name="x" type="xs:int"/><xs:element name="a" type="xs:int"/></xs:sequence><xs:sequence><xs:element name="y" type="xs:int"/><xs:element name="a" type="xs:int"/></xs:sequence></xs:choice>',
      ),
    );
    expect(Object.keys(shared.schema.properties!)).toEqual(['x', 'a', 'y']);
    expect(shared.schema.oneOf).toEqual([{ required: ['x', 'a'] }, { required: ['y', 'a'] }]);
    const twice = await compile(
      root(
        '<xs:sequence><xs:element name="a" type="xs:int"/><xs:element name="b" type="xs:int"/><xs:element name="a" type="xs:int"/></xs:sequence>',
      ),
    );
    expect(Object.keys(twice.schema.properties!)).toEqual(['a', 'b', 'a2']);
    expect(twice.schema.properties!['a2']).toMatchObject({ 'x-native': 'a' });
  });

  it('xs:all is a group of its own kind', async () => {
    const { root: shape, schema } = await compile(root(`<xs:all>${ab}</xs:all>`));
    expect(shape.content).toMatchObject({ kind: 'all' });
    expect(schema.required).toEqual(['a', 'b']);
  });

  it('any is an array of XML, with its namespaces resolved', async () => {
    const { root: shape, schema } = await compile(
      root(
        '<xs:sequence><xs:any/><xs:any namespace="##other" minOccurs="0" maxOccurs="unbounded"/><xs:any namespace="##targetNamespace ##local urn:x"/></xs:sequence>',
      ),
    );
    expect(shape.content).toMatchObject({
      particles: [
        { kind: 'any', name: 'any', namespaces: '##any' },
        { name: 'any2', namespaces: '##other urn:t', max: -1 },
        { name: 'any3', namespaces: 'urn:t  urn:x' },
      ],
    });
    expect(schema.properties!['any']).toMatchObject({
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      maxItems: 1,
    });
  });

  it('a named group is expanded where it is used, with its types made once', async () => {
    const group =
      '<xs:group name="G"><xs:sequence><xs:element name="g"><xs:complexType><xs:sequence><xs:group ref="t:G" minOccurs="0"/></xs:sequence></xs:complexType></xs:element></xs:sequence></xs:group>';
    const { schema, shapes, $defs } = await compile(group + root('<xs:sequence><xs:group ref="t:G"/></xs:sequence>'));
    expect(shapes).toHaveLength(2);
    expect(schema.properties!['g']).toEqual({ $ref: '#/$defs/G' });
    expect($defs['G']).toMatchObject({ properties: { g: { $ref: '#/$defs/G' } } });
  });

  it('a group that holds itself directly is cut, and the ledger says so', async () => {
    const compiled = await compile(
      `<xs:group name="G"><xs:sequence>${ab}<xs:group ref="t:G"/></xs:sequence></xs:group>` +
        root('<xs:group ref="t:G"/>'),
    );
    expect(Object.keys(compiled.schema.properties!)).toEqual(['a', 'b']);
    expect(notes(compiled, 'xsd:group').find(({ status }) => status === 'approximated')).toBeDefined();
  });

  it('groups that double with each step are refused before they fill the memory', async () => {
    const groups = Array.from(
      { length: 30 },
      (_, i) =>
        `<xs:group name="G${i + 1}"><xs:sequence><xs:group ref="t:G${i}"/><xs:group ref="t:G${i}"/></xs:sequence></xs:group>`,
    ).join('');
    const { refused } = await compile(
      `<xs:group name="G0"><xs:sequence>${ab}</xs:sequence></xs:group>${groups}` + root('<xs:group ref="t:G30"/>'),
    );
    expect(refused[0]).toMatch(/more particles than any message needs/);
  });
});

describe('names in an object', () => {
  it('elements come before wildcards, groups and attributes', async () => {
    const { schema } = await compile(
      root(
        '<xs:sequence><xs:any minOccurs="0"/><xs:element name="any" type="xs:int"/><xs:element name="ID" type="xs:int"/></xs:sequence><xs:attribute name="id" type="xs:int"/>',
      ),
    );
    expect(Object.keys(schema.properties!)).toEqual(['any2', 'any', 'id', 'id2']);
  });

  it('one local name in two namespaces gives two properties', async () => {
    const { root: shape } = await compile(
      root(
        '<xs:sequence><xs:element name="a" type="xs:int"/><xs:element name="a" type="xs:int" form="unqualified"/></xs:sequence>',
      ),
    );
    expect(shape.content).toMatchObject({
      particles: [
        { name: 'a', ns: 'urn:t' },
        { name: 'a2', ns: '' },
      ],
    });
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is a name like any other', async (native) => {
    const { schema } = await compile(root(`<xs:sequence><xs:element name="${native}" type="xs:int"/></xs:sequence>`));
    expect(Object.values(schema.properties!)).toHaveLength(1);
    expect(Object.getPrototypeOf(schema.properties)).toBeNull();
  });

  it('form and the defaults of the schema decide qualification', async () => {
    const { root: shape } = await compile(
      root(
        '<xs:sequence><xs:element name="a" type="xs:int"/><xs:element name="b" type="xs:int" form="qualified"/></xs:sequence><xs:attribute name="c" type="xs:int"/><xs:attribute name="d" type="xs:int" form="unqualified"/>',
      ),
      'attributeFormDefault="qualified"',
    );
    expect(shape.content).toMatchObject({ particles: [{ ns: '' }, { ns: 'urn:t' }] });
    expect(shape.attributes).toMatchObject([{ ns: 'urn:t' }, { ns: '' }]);
  });
});

describe('complex types', () => {
  it('simple content is a value with attributes, or the bare value', async () => {
    const money =
      '<xs:complexType name="Money"><xs:simpleContent><xs:extension base="xs:decimal"><xs:attribute name="value" type="xs:string" use="required"/></xs:extension></xs:simpleContent></xs:complexType>';
    expect((await compile(`${money}<xs:element name="Root" type="t:Money"/>`)).schema).toMatchObject({
      properties: { value: { format: 'decimal' }, value2: { 'x-native': 'value' } },
      required: ['value', 'value2'],
    });
    const bare =
      '<xs:complexType name="Plain"><xs:simpleContent><xs:extension base="xs:int"/></xs:simpleContent></xs:complexType>';
    expect(await property('type="t:Plain"/>', bare)).toMatchObject({ type: 'integer' });
  });

  it('simple content is restricted by facets, its attributes stay', async () => {
    const types = `<xs:complexType name="A"><xs:simpleContent><xs:extension base="xs:string"><xs:attribute name="x" type="xs:int"/><xs:attribute name="y" type="xs:int"/></xs:extension></xs:simpleContent></xs:complexType>
      <xs:complexType name="B"><xs:simpleContent><xs:restriction base="t:A"><xs:maxLength value="4"/><xs:attribute name="y" use="prohibited"/></xs:restriction></xs:simpleContent></xs:complexType>`;
    const { schema } = await compile(`${types}<xs:element name="Root" type="t:B"/>`);
    expect(Object.keys(schema.properties!)).toEqual(['value', 'x']);
    expect(schema.properties!['value']).toMatchObject({ maxLength: 4 });
  });

  it('mixed content is the inner XML', async () => {
    const { root: shape, schema } = await compile(
      '<xs:element name="Root"><xs:complexType mixed="true"><xs:sequence><xs:element name="b" type="xs:string"/></xs:sequence><xs:attribute name="id" type="xs:int"/></xs:complexType></xs:element>',
    );
    expect(shape).toMatchObject({ mixed: { name: 'value' } });
    expect(shape.content).toBeUndefined();
    expect(Object.keys(schema.properties!)).toEqual(['value', 'id']);
  });

  it('empty types are empty objects', async () => {
    expect((await compile(root(''))).schema).toEqual({ type: 'object', properties: {}, additionalProperties: false });
  });

  it('attribute groups, references and wildcards', async () => {
    const { root: shape } = await compile(
      `<xs:attribute name="global" type="xs:int" default="3"/><xs:attributeGroup name="G"><xs:attribute name="a" type="xs:int"/><xs:attributeGroup ref="t:G"/></xs:attributeGroup>${root('<xs:attributeGroup ref="t:G"/><xs:attribute ref="t:global" use="required"/><xs:attribute ref="xml:lang"/><xs:anyAttribute/>')}`,
    );
    expect(shape.attributes).toMatchObject([
      { name: 'a', ns: '' },
      { name: 'global', ns: 'urn:t', required: true, default: '3' },
      { name: 'lang', ns: 'http://www.w3.org/XML/1998/namespace' },
    ]);
    expect(shape.anyAttribute).toBe('anyAttributes');
  });

  it('an extension follows its base, a restriction replaces it', async () => {
    const base =
      '<xs:complexType name="B"><xs:sequence><xs:element name="a" type="xs:int"/><xs:element name="b" type="xs:int" minOccurs="0"/></xs:sequence><xs:attribute name="k" type="xs:int"/></xs:complexType>';
    const extended = await compile(
      `${base}${root('<xs:complexContent><xs:extension base="t:B"><xs:sequence><xs:element name="c" type="xs:int"/></xs:sequence></xs:extension></xs:complexContent>')}`,
    );
    expect(Object.keys(extended.schema.properties!)).toEqual(['a', 'b', 'c', 'k']);
    const restricted = await compile(
      `${base}${root('<xs:complexContent><xs:restriction base="t:B"><xs:sequence><xs:element name="a" type="xs:int"/></xs:sequence></xs:restriction></xs:complexContent>')}`,
    );
    expect(Object.keys(restricted.schema.properties!)).toEqual(['a', 'k']);
  });

  it('a type derived from itself is refused', async () => {
    const { refused } = await compile(
      '<xs:complexType name="A"><xs:complexContent><xs:extension base="t:B"/></xs:complexContent></xs:complexType><xs:complexType name="B"><xs:complexContent><xs:extension base="t:A"/></xs:complexContent></xs:complexType><xs:element name="Root" type="t:A"/>',
    );
    expect(refused[0]).toMatch(/defined by itself/);
  });

  it('types may nest deeper than any stack', async () => {
    const types = Array.from(
      { length: 20_000 },
      (_, i) =>
        `<xs:complexType name="T${i}"><xs:sequence><xs:element name="n" type="t:T${i + 1}" minOccurs="0"/></xs:sequence></xs:complexType>`,
    ).join('');
    const { shapes, $defs } = await compile(
      `${types}<xs:simpleType name="T20000"><xs:restriction base="xs:int"/></xs:simpleType><xs:element name="Root" type="t:T0"/>`,
    );
    expect(shapes).toHaveLength(20_001);
    expect(Object.keys($defs)).toHaveLength(19_999);
  });

  it('what a missing type needs is refused, with the place of the reference', async () => {
    const { refused } = await compile(field('type="t:Gone"/>'));
    expect(refused[0]).toMatch(/no type Gone in urn:t/);
  });

  it('bundled schemas need no import that can be read', async () => {
    const { schema } = await compile(
      root('<xs:sequence><xs:element ref="xs:schema"/><xs:element ref="wsa:ReplyTo" minOccurs="0"/></xs:sequence>'),
    );
    expect(schema.properties).toMatchObject({
      schema: { format: 'xml' },
      replyTo: { $ref: '#/$defs/EndpointReferenceType' },
    });
  });
});

describe('polymorphism', () => {
  const animals = `<xs:complexType name="Animal" abstract="true"><xs:sequence><xs:element name="name" type="xs:string"/></xs:sequence></xs:complexType>
    <xs:complexType name="Dog"><xs:complexContent><xs:extension base="t:Animal"><xs:sequence><xs:element name="barks" type="xs:boolean"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
    <xs:complexType name="Puppy"><xs:complexContent><xs:extension base="t:Dog"/></xs:complexContent></xs:complexType>`;

  it('a type with derived ones is told by $type', async () => {
    const { $defs, shapes } = await compile(animals + field('type="t:Animal"/>'));
    expect($defs['Animal']).toMatchObject({
      oneOf: [
        { $ref: '#/$defs/DogObject', required: ['$type'] },
        { $ref: '#/$defs/Puppy', required: ['$type'] },
      ],
      discriminator: { propertyName: '$type', mapping: { Dog: '#/$defs/DogObject', Puppy: '#/$defs/Puppy' } },
    });
    expect($defs['Puppy']).toMatchObject({ properties: { $type: { const: 'Puppy' }, name: {}, barks: {} } });
    const animal = shapes.find((shape) => shape.kind === 'complex' && shape.apiName === 'Animal') as ComplexShape;
    expect(animal.abstract).toBe(true);
    expect(animal.derived!.map((ref) => (shapes[ref] as ComplexShape).apiName)).toEqual(['Dog', 'Puppy']);
  });

  it('an abstract type of which nothing derives is used itself, and noted', async () => {
    const compiled = await compile(`<xs:complexType name="A" abstract="true"/>${field('type="t:A"/>')}`);
    expect(notes(compiled, 'xsd:complexType').some(({ status }) => status === 'approximated')).toBe(true);
    expect(compiled.$defs['A']).toMatchObject({ type: 'object' });
  });

  it('a derived type that cannot be read does not take its base with it', async () => {
    const broken =
      '<xs:complexType name="Cat"><xs:complexContent><xs:extension base="t:Animal"><xs:sequence><xs:element name="x" type="t:Gone"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>';
    const { $defs, ledger } = await compile(animals + broken + field('type="t:Animal"/>'));
    expect($defs['Animal']!.oneOf).toHaveLength(2);
    expect(ledger[0]).toMatchObject({ status: 'refused', name: 't:Gone' });
  });

  it('members of a substitution group are told by $element', async () => {
    const group =
      '<xs:element name="shape" abstract="true" type="t:Shape"/><xs:complexType name="Shape"><xs:sequence><xs:element name="id" type="xs:int"/></xs:sequence></xs:complexType><xs:element name="circle" substitutionGroup="t:shape"/><xs:element name="number" type="xs:int" substitutionGroup="t:circle"/>';
    const { $defs, root: shape } = await compile(
      group + root('<xs:sequence><xs:element ref="t:shape" maxOccurs="unbounded"/></xs:sequence>'),
    );
    expect(shape.content).toMatchObject({ kind: 'element', substitutes: [{ name: 'circle' }, { name: 'number' }] });
    expect($defs['ShapeElement']).toMatchObject({
      discriminator: {
        propertyName: '$element',
        mapping: { circle: '#/$defs/CircleMember', number: '#/$defs/NumberMember' },
      },
    });
    expect($defs['NumberMember']).toMatchObject({
      properties: { $element: { const: 'number' }, value: { format: 'int32' } },
      required: ['$element', 'value'],
    });
  });

  it('types of one name in two namespaces have two API names', async () => {
    const { ledger, $defs } = await compile(
      `${animals}<xs:complexType name="dog"><xs:sequence/></xs:complexType>${root('<xs:sequence><xs:element name="a" type="t:Puppy"/><xs:element name="b" type="t:dog"/><xs:element name="c" type="t:Dog"/></xs:sequence>')}`,
    );
    expect(Object.keys($defs)).toEqual(expect.arrayContaining(['Dog', 'Dog2']));
    expect(ledger.some(({ construct, note }) => construct === 'name' && note!.includes('Dog2'))).toBe(true);
  });
});

describe('encoded arrays', () => {
  const arrayOf = (content: string) =>
    `<xs:complexType name="Array"><xs:complexContent><xs:restriction base="soapenc:Array">${content}</xs:restriction></xs:complexContent></xs:complexType>${field('type="t:Array"/>')}`;

  it.each([
    [
      'arrayType',
      '<xs:attribute ref="soapenc:arrayType" wsdl:arrayType="xs:int[]"/>',
      { itemType: { local: 'int' }, suffix: '', itemName: 'item' },
    ],
    [
      'an element',
      '<xs:sequence><xs:element name="member" type="xs:int" maxOccurs="unbounded"/></xs:sequence>',
      { itemType: { local: 'int' }, suffix: '', itemName: 'member' },
    ],
    [
      'arrays of arrays',
      '<xs:attribute ref="soapenc:arrayType" wsdl:arrayType="xs:int[][]"/>',
      { itemType: { local: 'int' }, suffix: '[]' },
    ],
    ['anything', '', { itemType: { local: 'anyType' } }],
  ])('of %s', async (_, content, expected) => {
    const { shapes, schema } = await compile(arrayOf(content));
    expect(shapes[1]).toMatchObject({ kind: 'array', qname: { local: 'Array' }, ...expected });
    expect(schema.properties!['f']).toMatchObject({ type: 'array' });
  });
});

describe('documentation', () => {
  it('becomes the description of properties and types', async () => {
    const { schema } = await compile(
      field(
        'type="xs:string"><xs:annotation><xs:documentation>How\n it   is.</xs:documentation></xs:annotation></xs:element>',
      ),
    );
    expect(schema.properties!['f']!.description).toBe('How it is.');
  });
});
