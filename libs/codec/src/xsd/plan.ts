import type { ScalarKind } from '@bailey/contract';

/**
 * The compiled form of XML schemas: what decoder, encoder and JSON Schema are made from. Plain JSON, so it can be
 * stored with a revision and read back without the sources. Everything is resolved: no prefixes, no references by
 * name, no import. Shapes refer to each other by their index in {@link SchemaPlan.shapes}, so types may be recursive.
 */
export interface SchemaPlan {
  shapes: Shape[];
}

/** Index into {@link SchemaPlan.shapes}. */
export type ShapeRef = number;

/** `ns` is '' for no namespace. */
export interface QName {
  ns: string;
  local: string;
}

export type Shape = SimpleShape | ComplexShape | ArrayShape | AnyTypeShape;

/** XSD 1.0 part 2: one value written as text. */
export interface SimpleShape {
  kind: 'simple';
  /** How the value travels in JSON. Lists travel as arrays, unions as text. */
  scalar: ScalarKind;
  /** The nearest built-in type of XSD: `token`, `unsignedInt`, `gYear`, `QName`…; `anySimpleType` for unions. */
  builtin: string;
  whiteSpace: 'preserve' | 'replace' | 'collapse';
  /** Set for a named type: what `xsi:type` would say. */
  qname?: QName;
  facets?: Facets;
  /** Item type of an `xsd:list`. */
  list?: ShapeRef;
  /** Member types of an `xsd:union`, in document order. */
  union?: ShapeRef[];
}

/** Facets that are enforced on input, as the schema writes them (numbers stay text: they may exceed a double). */
export interface Facets {
  enumeration?: string[];
  /** XSD regular expressions, each translated to an ECMAScript one by the compiler; all must match. */
  patterns?: string[];
  length?: number;
  minLength?: number;
  maxLength?: number;
  minInclusive?: string;
  maxInclusive?: string;
  minExclusive?: string;
  maxExclusive?: string;
  totalDigits?: number;
  fractionDigits?: number;
}

/**
 * XSD 1.0 part 1: attributes and content. In JSON an object, unless it is simple content without attributes and
 * without derived types (`derived`), which travels as the bare value.
 */
export interface ComplexShape {
  kind: 'complex';
  /** Set for a named type: what `xsi:type` says. */
  qname?: QName;
  /** Pascal case API name: `$type`, key of `$defs`. Always set where `derived` is. */
  apiName?: string;
  abstract?: boolean;
  /**
   * Concrete types that may stand here by `xsi:type`, this one included when it is concrete. Set only where the
   * declared type has derived types; then the JSON object always carries `$type`.
   */
  derived?: ShapeRef[];
  attributes: AttributePlan[];
  /** JSON property of `xsd:anyAttribute` (`anyAttributes`): attribute names as `{namespace}local` or `local`. */
  anyAttribute?: string;
  /** simpleContent: the shape of the text. With attributes the JSON is `{value, …}`, without them the bare value. */
  text?: { name: string; type: ShapeRef };
  /** Mixed content: `name` is the JSON property (`value`) that holds the inner XML as a string. */
  mixed?: { name: string };
  /** Element content; absent when empty, simple or mixed. */
  content?: Particle;
}

/** SOAP 1.1 section 5.4.2, `soapenc:Array`: in JSON an array. Members are read by position, whatever their names. */
export interface ArrayShape {
  kind: 'array';
  qname?: QName;
  item: ShapeRef;
  /** Local name that a member is written with; members are unqualified. */
  itemName: string;
  /** What `soapenc:arrayType` says: this type, `suffix` (`[]` for an array of arrays, else ''), then `[size]`. */
  itemType: QName;
  suffix: string;
}

/** xsd:anyType: the inner XML travels as a string. */
export interface AnyTypeShape {
  kind: 'anyType';
}

export interface AttributePlan {
  /** JSON property. */
  name: string;
  local: string;
  ns: string;
  type: ShapeRef;
  required: boolean;
  default?: string;
  fixed?: string;
}

/** -1 is unbounded. */
export type MaxOccurs = number;

export type Particle = ElementParticle | AnyParticle | GroupParticle;

export interface ElementParticle {
  kind: 'element';
  /** JSON property; in a repeating element its value is always an array. */
  name: string;
  local: string;
  /** '' when the element is unqualified. */
  ns: string;
  type: ShapeRef;
  min: number;
  max: MaxOccurs;
  nillable?: boolean;
  default?: string;
  fixed?: string;
  /** Members of the substitution group headed by this element (the head itself too, when not abstract). */
  substitutes?: SubstituteElement[];
}

/** In JSON `{"$element": name, …}`; a member of simple type is `{"$element": name, "value": …}`. */
export interface SubstituteElement {
  /** API name, unique in the group. */
  name: string;
  local: string;
  ns: string;
  type: ShapeRef;
  nillable?: boolean;
}

/** xsd:any: an array of XML strings, each a whole element with the namespace declarations it needs. */
export interface AnyParticle {
  kind: 'any';
  name: string;
  min: number;
  max: MaxOccurs;
  /** Allowed namespaces: `##any`, `##other` (with the target namespace after a space), or a list of URIs ('' for none). */
  namespaces: string;
}

/**
 * A group. With `name` it repeats (max ≠ 1) and is an array of objects, one an occurrence, in document order (`items`);
 * without a name its members are properties of the enclosing object. A choice repeated is an array of objects that
 * hold one member each. One element in several branches of a choice has the same `name` in each. Of the branches not
 * taken nothing is there, not even the `[]` of a repeating element.
 */
export interface GroupParticle {
  kind: 'sequence' | 'choice' | 'all';
  name?: string;
  min: number;
  max: MaxOccurs;
  particles: Particle[];
}
