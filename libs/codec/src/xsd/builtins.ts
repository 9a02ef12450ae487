import type { ScalarKind } from '@bailey/contract';
import type { Facets, SimpleShape } from './plan.ts';

export const XSD = 'http://www.w3.org/2001/XMLSchema';

/** Drafts of XML Schema that old toolkits still name; their built-in types are read as those of the recommendation. */
export const XSD_DRAFTS = new Set(['http://www.w3.org/1999/XMLSchema', 'http://www.w3.org/2000/10/XMLSchema']);

type Builtin = Omit<SimpleShape, 'kind' | 'list'> & { listOf?: string };

const builtin = (
  name: string,
  scalar: ScalarKind,
  whiteSpace: SimpleShape['whiteSpace'] = 'collapse',
  facets?: Facets,
): Builtin => ({
  builtin: name,
  scalar,
  whiteSpace,
  ...(facets && { facets }),
});

const bounded = (name: string, scalar: ScalarKind, minInclusive?: string, maxInclusive?: string): Builtin =>
  builtin(name, scalar, 'collapse', { ...(minInclusive && { minInclusive }), ...(maxInclusive && { maxInclusive }) });

const text = (name: string): Builtin => builtin(name, 'text');
const listOf = (name: string, item: string): Builtin => ({
  ...builtin(name, 'text', 'collapse', { minLength: 1 }),
  listOf: item,
});

/** XSD 1.0 part 2, section 3: every built-in simple type, with the scalar that its values travel as. */
const TABLE: Builtin[] = [
  builtin('anySimpleType', 'text', 'preserve'),
  builtin('anyAtomicType', 'text', 'preserve'),
  builtin('string', 'text', 'preserve'),
  builtin('normalizedString', 'text', 'replace'),
  ...['token', 'language', 'NMTOKEN', 'Name', 'NCName', 'ID', 'IDREF', 'ENTITY', 'anyURI', 'QName', 'NOTATION'].map(
    text,
  ),
  ...['gYear', 'gYearMonth', 'gMonth', 'gMonthDay', 'gDay'].map(text),
  listOf('NMTOKENS', 'NMTOKEN'),
  listOf('IDREFS', 'IDREF'),
  listOf('ENTITIES', 'ENTITY'),
  builtin('boolean', 'boolean'),
  builtin('decimal', 'decimal'),
  builtin('float', 'float'),
  builtin('double', 'double'),
  builtin('integer', 'integer'),
  bounded('nonPositiveInteger', 'integer', undefined, '0'),
  bounded('negativeInteger', 'integer', undefined, '-1'),
  bounded('nonNegativeInteger', 'integer', '0'),
  bounded('positiveInteger', 'integer', '1'),
  bounded('long', 'int64', '-9223372036854775808', '9223372036854775807'),
  bounded('unsignedLong', 'int64', '0', '18446744073709551615'),
  bounded('int', 'int32', '-2147483648', '2147483647'),
  bounded('short', 'int32', '-32768', '32767'),
  bounded('byte', 'int32', '-128', '127'),
  bounded('unsignedInt', 'int53', '0', '4294967295'),
  bounded('unsignedShort', 'int32', '0', '65535'),
  bounded('unsignedByte', 'int32', '0', '255'),
  builtin('date', 'date'),
  builtin('time', 'time'),
  builtin('dateTime', 'xsdDateTime'),
  builtin('dateTimeStamp', 'xsdDateTime'),
  builtin('duration', 'duration'),
  builtin('dayTimeDuration', 'duration'),
  builtin('yearMonthDuration', 'duration'),
  builtin('base64Binary', 'base64'),
  builtin('hexBinary', 'hex'),
];

/** By local name. `listOf` names the item type of the three built-in lists. */
export const BUILTINS: ReadonlyMap<string, Builtin> = new Map(TABLE.map((type) => [type.builtin, type]));
