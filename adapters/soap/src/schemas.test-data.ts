import fc from 'fast-check';

/** Random XML schemas over the construct list: printed text, so that our compiler and the JDK's read the same. */

/** Simple types with facets; all types of the schema draw on them. */
const SIMPLE_TYPES = `
<xs:simpleType name="Code"><xs:restriction base="xs:string"><xs:pattern value="[A-Z]{2}[0-9]{1,3}"/></xs:restriction></xs:simpleType>
<xs:simpleType name="Status"><xs:restriction base="xs:token"><xs:enumeration value="ACTIVE"/><xs:enumeration value="on hold"/></xs:restriction></xs:simpleType>
<xs:simpleType name="Amount"><xs:restriction base="xs:decimal"><xs:totalDigits value="9"/><xs:fractionDigits value="2"/></xs:restriction></xs:simpleType>
<xs:simpleType name="Percent"><xs:restriction base="xs:int"><xs:minInclusive value="0"/><xs:maxExclusive value="101"/></xs:restriction></xs:simpleType>
<xs:simpleType name="Short"><xs:restriction base="xs:string"><xs:minLength value="1"/><xs:maxLength value="5"/></xs:restriction></xs:simpleType>
<xs:simpleType name="Numbers"><xs:list itemType="xs:long"/></xs:simpleType>
<xs:simpleType name="Either"><xs:union memberTypes="xs:int t:Status"/></xs:simpleType>`;

const BUILTINS =
  'string token normalizedString int long integer unsignedInt decimal boolean double float date dateTime time duration ' +
  'base64Binary hexBinary gYear anyURI QName NMTOKENS positiveInteger';
const OWN = 'Code Status Amount Percent Short Numbers Either';
const SIMPLE = [...BUILTINS.split(' ').map((name) => `xs:${name}`), ...OWN.split(' ').map((name) => `t:${name}`)];

const SIMPLE_TYPE = fc.constantFrom(...SIMPLE);
const OCCURS = fc.constantFrom(
  '',
  ' minOccurs="0"',
  ' minOccurs="0" maxOccurs="unbounded"',
  ' maxOccurs="unbounded"',
  ' minOccurs="2" maxOccurs="3"',
);
const REPEATS = fc.constantFrom(' minOccurs="0" maxOccurs="unbounded"', ' maxOccurs="3"');

type Names = () => string;
type Print = (names: Names) => string;

/** Types refer to later ones only, so every type has a finite value. */
const typeName = (from: number, count: number): fc.Arbitrary<string> =>
  from + 1 >= count
    ? SIMPLE_TYPE
    : fc.oneof(
        { weight: 3, arbitrary: SIMPLE_TYPE },
        { weight: 1, arbitrary: fc.integer({ min: from + 1, max: count - 1 }).map((index) => `t:T${index}`) },
      );

const element = (type: fc.Arbitrary<string>, occurs: fc.Arbitrary<string>): fc.Arbitrary<Print> =>
  fc.tuple(type, occurs, fc.boolean()).map(
    ([name, times, nillable]) =>
      (names) =>
        `<xs:element name="${names()}" type="${name}"${times}${nillable ? ' nillable="true"' : ''}/>`,
  );

const always = fc.constant('');

/** A key first: without it two occurrences of a repeating group could not be told apart. */
const repeatingSequence = (type: fc.Arbitrary<string>): fc.Arbitrary<Print> =>
  fc.tuple(REPEATS, element(SIMPLE_TYPE, always), fc.array(element(type, OCCURS), { maxLength: 2 })).map(
    ([times, key, rest]) =>
      (names) =>
        `<xs:sequence${times}>${[key, ...rest].map((print) => print(names)).join('')}</xs:sequence>`,
  );

const repeatingChoice = (type: fc.Arbitrary<string>): fc.Arbitrary<Print> =>
  fc.tuple(REPEATS, fc.array(element(type, always), { minLength: 1, maxLength: 3 })).map(
    ([times, branches]) =>
      (names) =>
        `<xs:choice${times}>${branches.map((print) => print(names)).join('')}</xs:choice>`,
  );

const choice = (type: fc.Arbitrary<string>): fc.Arbitrary<Print> =>
  fc
    .tuple(
      fc.constantFrom('', ' minOccurs="0"'),
      element(type, fc.constantFrom('', ' maxOccurs="unbounded"')),
      element(SIMPLE_TYPE, always),
      element(type, OCCURS),
    )
    .map(
      ([times, one, key, more]) =>
        (names) =>
          `<xs:choice${times}>${one(names)}<xs:sequence>${key(names)}${more(names)}</xs:sequence></xs:choice>`,
    );

const substitution: fc.Arbitrary<Print> = OCCURS.map((times) => () => `<xs:element ref="t:Pay"${times}/>`);

const particles = (type: fc.Arbitrary<string>): fc.Arbitrary<Print[]> =>
  fc.array(
    fc.oneof(
      { weight: 5, arbitrary: element(type, OCCURS) },
      repeatingSequence(type),
      repeatingChoice(type),
      choice(type),
    ),
    { minLength: 1, maxLength: 5 },
  );

const attributes = fc
  .array(fc.tuple(SIMPLE_TYPE, fc.constantFrom('', ' use="required"')), { maxLength: 3 })
  .map((list) => list.map(([type, use], index) => `<xs:attribute name="a${index}" type="${type}"${use}/>`).join(''));

const namer = (prefix: string): Names => {
  let next = 0;
  return () => `${prefix}${next++}`;
};

const sequenceType = (index: number, count: number): fc.Arbitrary<string> =>
  fc
    .tuple(particles(typeName(index, count)), fc.option(substitution, { nil: undefined }), attributes, fc.boolean())
    .map(([list, pay, attrs, extended]) => {
      const names = namer(`e${index}x`);
      const content = [...list, ...(pay === undefined ? [] : [pay])].map((print) => print(names)).join('');
      const base = `<xs:complexType name="T${index}"><xs:sequence>${content}</xs:sequence>${attrs}</xs:complexType>`;
      const extension = `<xs:complexType name="T${index}More"><xs:complexContent><xs:extension base="t:T${index}"><xs:sequence><xs:element name="more" type="xs:int" minOccurs="0"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>`;
      return extended ? base + extension : base;
    });

const allType = (index: number, count: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.array(element(typeName(index, count), fc.constantFrom('', ' minOccurs="0"')), { minLength: 1, maxLength: 4 }),
      attributes,
    )
    .map(([list, attrs]) => {
      const names = namer(`e${index}x`);
      return `<xs:complexType name="T${index}"><xs:all>${list.map((print) => print(names)).join('')}</xs:all>${attrs}</xs:complexType>`;
    });

const textType = (index: number): fc.Arbitrary<string> =>
  fc
    .tuple(SIMPLE_TYPE, attributes)
    .map(
      ([type, attrs]) =>
        `<xs:complexType name="T${index}"><xs:simpleContent><xs:extension base="${type}">${attrs}</xs:extension></xs:simpleContent></xs:complexType>`,
    );

const PAY = `<xs:element name="Pay" abstract="true"/><xs:element name="Cash" type="t:Amount" substitutionGroup="t:Pay"/><xs:element name="Card" substitutionGroup="t:Pay"><xs:complexType><xs:sequence><xs:element name="number" type="t:Code"/></xs:sequence></xs:complexType></xs:element>`;

const MAX_TYPES = 5;

/** An `xs:schema` for the namespace `urn:t` whose global element is `Root`. */
export const schemaText: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('qualified', 'unqualified'),
    sequenceType(0, MAX_TYPES),
    ...Array.from({ length: MAX_TYPES - 1 }, (_, index) =>
      fc.oneof(
        { weight: 3, arbitrary: sequenceType(index + 1, MAX_TYPES) },
        allType(index + 1, MAX_TYPES),
        textType(index + 1),
      ),
    ),
  )
  .map(
    ([form, ...types]) =>
      `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t" elementFormDefault="${form}">${SIMPLE_TYPES}${PAY}${types.join('')}<xs:element name="Root" type="t:T0"/></xs:schema>`,
  );
