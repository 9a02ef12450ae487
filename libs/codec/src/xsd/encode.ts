import type { Value } from '@bailey/contract';
import { contentProblem, elementFragment } from './encode-fragment.ts';
import { escapeAttribute, escapeText, hasForbiddenCharacter, Prefixes, XmlOutput } from './encode-output.ts';
import { ValueWriters, type ValueWriter } from './encode-value.ts';
import type {
  AnyParticle,
  ArrayShape,
  AttributePlan,
  ComplexShape,
  ElementParticle,
  GroupParticle,
  Particle,
  QName,
  Shape,
  ShapeRef,
  SubstituteElement,
} from './plan.ts';
import { isLexical } from './lexical.ts';
import { isBareValue } from './json-schema.ts';
import { XSD } from './builtins.ts';
import { wildcardTest } from './wildcard.ts';
import { XML_NS, XSI } from '../xml/scanner.ts';

export { XmlOutput } from './encode-output.ts';

const SOAP_ENCODING = 'http://schemas.xmlsoap.org/soap/encoding/';

type JsonObject = { [name: string]: Value };

/** Writes the whole element `tag` with this value. `attributes` are ready to be written into its start tag. */
type Write = (value: Value, out: XmlOutput, tag: string, attributes: string) => void;
/** Writes the members of an object that one particle stands for. */
type WriteMembers = (object: JsonObject, out: XmlOutput) => void;

interface Members {
  names: readonly string[];
  /** Those of `names` that are arrays of elements or groups: empty, they are as good as absent. */
  arrays: readonly string[];
  /** Names without which the particle is not complete. */
  required: readonly string[];
  /** May write nothing. */
  emptiable: boolean;
  write: WriteMembers;
}

/** Writes one element of a message. */
export type ElementWriter = (value: Value | undefined, out: XmlOutput) => void;

export interface ElementSpec extends QName {
  type: ShapeRef;
  nillable?: boolean;
}

export interface EncodeSettings {
  /** SOAP 1.1 section 5: every value names its type. */
  encoded?: boolean;
}

const isObject = (value: Value | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member by a name that the schema gives: `constructor` is one only if the caller sent it. */
const member = (object: JsonObject, name: string): Value | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

/** An empty array is no element at all; an empty `xsd:list` is an element without text. */
const isThere = (object: JsonObject, name: string, arrays: ReadonlySet<string>): boolean => {
  const value = member(object, name);
  return value !== undefined && !(Array.isArray(value) && value.length === 0 && arrays.has(name));
};

const asElement = (tag: string, attributes: string, content: string): string =>
  content === '' ? `<${tag}${attributes}/>` : `<${tag}${attributes}>${content}</${tag}>`;

const times = (count: number): string => (count === 1 ? '1 item' : `${count} items`);

/**
 * JSON → XML, compiled once a plan: schema order, every name qualified as its schema says, every value checked on the
 * way. What is wrong is collected in the output's `errors`; then its text is of no use. No text of a caller becomes
 * structure but the well-formed fragments of xsd:any and mixed content.
 */
export class EncodePlan {
  readonly #shapes: readonly Shape[];
  readonly #values: ValueWriters;
  readonly #writers = new Map<ShapeRef, Write>();
  readonly #prefixes = new Prefixes();
  readonly #encoded: boolean;

  constructor(shapes: readonly Shape[], { encoded = false }: EncodeSettings = {}) {
    this.#shapes = shapes;
    this.#values = new ValueWriters(shapes);
    this.#encoded = encoded;
    this.#prefixes.set(XSI, 'xsi');
    this.#prefixes.set(SOAP_ENCODING, 'soapenc');
    this.#prefixes.set(XSD, 'xsd');
    this.#prefixes.set(XML_NS, 'xml');
  }

  output(): XmlOutput {
    return new XmlOutput(this.#prefixes);
  }

  /** A writer of one element; `undefined` is refused as missing. */
  element({ ns, local, type, nillable = false }: ElementSpec): ElementWriter {
    const write = this.#nillable(this.#writer(type), nillable && this.#mayBeEmpty(type));
    return (value, out) => {
      if (value === undefined) out.error('is required');
      else write(value, out, tagOf(out, ns, local), '');
    };
  }

  #nillable(write: Write, nillable: boolean): Write {
    return (value, out, tag, attributes) => {
      if (value !== null) write(value, out, tag, attributes);
      else if (nillable || this.#encoded) out.text += `<${tag}${attributes} ${out.prefix(XSI)}:nil="true"/>`;
      else out.error('must not be null');
    };
  }

  /** XSD part 1 section 3.4.4: a nil element still has its required attributes, which null cannot carry. */
  #mayBeEmpty(ref: ShapeRef): boolean {
    const shape = this.#shapes[ref]!;
    return shape.kind !== 'complex' || !shape.attributes.some((attribute) => attribute.required);
  }

  /** Recursive types call each other through the table, so a type may be asked for while it is being compiled. */
  #writer(ref: ShapeRef): Write {
    const known = this.#writers.get(ref);
    if (known !== undefined) return known;
    let compiled: Write | undefined;
    const write: Write = (value, out, tag, attributes) =>
      (compiled ??= this.#compile(ref))(value, out, tag, attributes);
    this.#writers.set(ref, write);
    return write;
  }

  #compile(ref: ShapeRef): Write {
    const shape = this.#shapes[ref]!;
    if (shape.kind === 'anyType') return writeContent;
    if (shape.kind === 'array') return this.#array(shape);
    if (shape.kind === 'simple' || isBareValue(shape)) return this.#bare(this.#values.of(ref), shape);
    return shape.derived === undefined ? this.#object(shape) : this.#derived(ref, shape, shape.derived);
  }

  #bare({ toText }: ValueWriter, shape: Shape): Write {
    const type = this.#encoded ? typeName(shape) : undefined;
    return (value, out, tag, attributes) => {
      const text = toText(value, out);
      if (text !== undefined) out.text += asElement(tag, attributes + typeAttribute(out, type), escapeText(text));
    };
  }

  #array(shape: ArrayShape): Write {
    const write = this.#nillable(this.#writer(shape.item), true);
    return (value, out, tag, attributes) => {
      if (!Array.isArray(value)) return out.error('must be an array');
      const itemType = `${out.prefix(shape.itemType.ns)}:${shape.itemType.local}${shape.suffix}[${value.length}]`;
      const encoding = out.prefix(SOAP_ENCODING);
      out.text += `<${tag}${attributes} ${out.prefix(XSI)}:type="${encoding}:Array" ${encoding}:arrayType="${itemType}">`;
      eachItem(value, out, (item) => write(item, out, shape.itemName, ''));
      out.text += `</${tag}>`;
    };
  }

  /** Which of the derived types it is says `$type`; on the wire xsi:type says it, where it is not the declared one. */
  #derived(declared: ShapeRef, shape: ComplexShape, refs: readonly ShapeRef[]): Write {
    const members = new Map<string, { qname: QName | undefined; write: Write }>();
    for (const ref of refs) {
      const target = this.#shapes[ref] as ComplexShape;
      members.set(target.apiName!, { qname: ref === declared ? undefined : target.qname, write: this.#object(target) });
    }
    const listed = [...members.keys()].slice(0, 20).join(', ');
    return (value, out, tag, attributes) => {
      if (!isObject(value)) return out.error('must be an object');
      const name = member(value, '$type') ?? (shape.abstract === true ? undefined : shape.apiName);
      const target = typeof name === 'string' ? members.get(name) : undefined;
      if (target === undefined) return out.error(`must be one of: ${listed}`, '$type');
      target.write(value, out, tag, attributes + typeAttribute(out, target.qname));
    };
  }

  #object(shape: ComplexShape): Write {
    let body: ((object: JsonObject, out: XmlOutput) => void) | undefined;
    let known: Set<string> | undefined;
    const compileBody = (): ((object: JsonObject, out: XmlOutput) => void) => {
      const content = this.#body(shape);
      known = new Set([...content.names, ...attributeNames(shape), ...(shape.apiName === undefined ? [] : ['$type'])]);
      return content.write;
    };
    const writeAttributes = this.#attributes(shape);
    const type = this.#encoded ? typeName(shape) : undefined;
    return (value, out, tag, attributes) => {
      if (!isObject(value)) return out.error('must be an object');
      body ??= compileBody();
      refuseUnknown(value, known!, out);
      checkTypeMember(value, shape, out);
      const open = `<${tag}${attributes}${attributes === '' ? typeAttribute(out, type) : ''}${writeAttributes(value, out)}`;
      const start = out.text;
      out.text = '';
      body(value, out);
      const content = out.text;
      out.text = start + (content === '' ? `${open}/>` : `${open}>${content}</${tag}>`);
    };
  }

  #body(shape: ComplexShape): { names: readonly string[]; write: WriteMembers } {
    if (shape.mixed !== undefined) return mixedBody(shape.mixed.name);
    if (shape.text !== undefined) return textBody(shape.text.name, this.#values.of(shape.text.type));
    return shape.content === undefined ? { names: [], write: () => {} } : this.#particle(shape.content);
  }

  // Attributes

  #attributes(shape: ComplexShape): (object: JsonObject, out: XmlOutput) => string {
    const writers = shape.attributes.map((attribute) => this.#attribute(attribute));
    const { anyAttribute } = shape;
    if (anyAttribute !== undefined)
      writers.push((object, out) => writeAnyAttributes(member(object, anyAttribute), anyAttribute, shape, out));
    return (object, out) => {
      let text = '';
      for (const write of writers) text += write(object, out);
      return text;
    };
  }

  #attribute(plan: AttributePlan): (object: JsonObject, out: XmlOutput) => string {
    const { toText } = this.#values.of(plan.type);
    const checkFixed = fixedCheck(plan.fixed);
    const written = (out: XmlOutput, text: string): string =>
      ` ${tagOf(out, plan.ns, plan.local)}="${escapeAttribute(text)}"`;
    return (object, out) => {
      const value = member(object, plan.name);
      if (value === undefined) return this.#absentAttribute(plan, out, written);
      out.enter(plan.name);
      const text = toText(value, out);
      if (text !== undefined) checkFixed(text, out);
      out.leave();
      return text === undefined ? '' : written(out, text);
    };
  }

  /** A default that the receiver would add is left to it. */
  #absentAttribute(plan: AttributePlan, out: XmlOutput, written: (out: XmlOutput, text: string) => string): string {
    if (!plan.required) return '';
    const text = plan.fixed ?? plan.default;
    if (text === undefined) out.error('is required', plan.name);
    return text === undefined ? '' : written(out, text);
  }

  // Particles

  #particle(particle: Particle): Members {
    if (particle.kind === 'element') return this.#elementMembers(particle);
    if (particle.kind === 'any') return anyMembers(particle);
    if (particle.name !== undefined) return this.#repeating(particle, particle.name);
    return this.#group(particle);
  }

  #group(group: GroupParticle): Members {
    const parts = group.particles.map((particle) => this.#particle(particle));
    return group.kind === 'choice' ? choiceMembers(parts, group.min === 0) : sequenceMembers(parts, group.min === 0);
  }

  /** Each occurrence is an object of its own. */
  #repeating(group: GroupParticle, name: string): Members {
    const one = this.#group({ ...group, min: 1, max: 1 });
    const known = new Set(one.names);
    const write = repeatingWriter(name, group, (item, out) => {
      if (!isObject(item)) return out.error('must be an object');
      refuseUnknown(item, known, out);
      one.write(item, out);
    });
    return {
      names: [name],
      arrays: [name],
      required: group.min > 0 && !one.emptiable ? [name] : [],
      emptiable: group.min === 0 || one.emptiable,
      write,
    };
  }

  #elementMembers(element: ElementParticle): Members {
    const one = element.substitutes === undefined ? this.#one(element) : this.#substitutes(element.substitutes);
    const { name } = element;
    const absent = element.fixed ?? element.default;
    const write = element.max === 1 ? this.#single(element, one) : repeatingWriter(name, element, one);
    const isRequired = element.min > 0 && (absent === undefined || element.max !== 1);
    return {
      names: [name],
      arrays: element.max === 1 ? [] : [name],
      required: isRequired ? [name] : [],
      emptiable: element.min === 0,
      write,
    };
  }

  #single(element: ElementParticle, one: (value: Value, out: XmlOutput) => void): WriteMembers {
    const { name, min } = element;
    const absent = element.fixed ?? element.default;
    return (object, out) => {
      const value = member(object, name);
      if (value !== undefined) {
        out.enter(name);
        one(value, out);
        out.leave();
      } else if (min > 0 && absent !== undefined)
        out.text += asElement(tagOf(out, element.ns, element.local), '', escapeText(absent));
      else if (min > 0) out.error('is required', name);
    };
  }

  #one({ ns, local, type, nillable = false, fixed }: ElementParticle): (value: Value, out: XmlOutput) => void {
    const write = this.#nillable(this.#writer(type), nillable && this.#mayBeEmpty(type));
    if (fixed === undefined) return (value, out) => write(value, out, tagOf(out, ns, local), '');
    const shape = this.#shapes[type]!;
    const toText = shape.kind === 'simple' ? this.#values.of(type).toText : undefined;
    const checkFixed = fixedCheck(fixed);
    return (value, out) => {
      const errors = out.errors.length;
      write(value, out, tagOf(out, ns, local), '');
      const text =
        toText === undefined || value === null || out.errors.length > errors ? undefined : toText(value, out);
      if (text !== undefined) checkFixed(text, out);
    };
  }

  #substitutes(substitutes: readonly SubstituteElement[]): (value: Value, out: XmlOutput) => void {
    const members = new Map(substitutes.map((substitute) => [substitute.name, this.#substitute(substitute)]));
    const listed = [...members.keys()].slice(0, 20).join(', ');
    return (value, out) => {
      if (!isObject(value)) return out.error('must be an object with `$element`');
      const name = member(value, '$element');
      const write = typeof name === 'string' ? members.get(name) : undefined;
      if (write === undefined) return out.error(`must be one of: ${listed}`, '$element');
      write(value, out);
    };
  }

  #substitute({ ns, local, type, nillable = false }: SubstituteElement): (object: JsonObject, out: XmlOutput) => void {
    const shape = this.#shapes[type]!;
    if (shape.kind === 'complex' && !isBareValue(shape)) {
      const write = this.#writer(type);
      return (object, out) => write(withoutElement(object), out, tagOf(out, ns, local), '');
    }
    const write = this.#nillable(this.#writer(type), nillable);
    const known = new Set(['$element', 'value']);
    return (object, out) => {
      refuseUnknown(object, known, out);
      const value = member(object, 'value');
      if (value === undefined) return out.error('is required', 'value');
      out.enter('value');
      write(value, out, tagOf(out, ns, local), '');
      out.leave();
    };
  }
}

const withoutElement = ({ $element: _, ...object }: JsonObject): JsonObject => object;

const tagOf = (out: XmlOutput, ns: string, local: string): string => (ns === '' ? local : `${out.prefix(ns)}:${local}`);

const typeName = (shape: Shape): QName | undefined => {
  if (shape.kind === 'anyType') return undefined;
  if (shape.qname !== undefined) return shape.qname;
  return shape.kind === 'simple' && shape.list === undefined && shape.union === undefined
    ? { ns: XSD, local: shape.builtin }
    : undefined;
};

const typeAttribute = (out: XmlOutput, type: QName | undefined): string =>
  type === undefined ? '' : ` ${out.prefix(XSI)}:type="${tagOf(out, type.ns, type.local)}"`;

const attributeNames = (shape: ComplexShape): string[] => [
  ...shape.attributes.map(({ name }) => name),
  ...(shape.anyAttribute === undefined ? [] : [shape.anyAttribute]),
];

const refuseUnknown = (object: JsonObject, known: ReadonlySet<string>, out: XmlOutput): void => {
  for (const name of Object.keys(object)) if (!known.has(name)) out.error('is not known here', name);
};

const checkTypeMember = (object: JsonObject, shape: ComplexShape, out: XmlOutput): void => {
  const type = member(object, '$type');
  if (type !== undefined && shape.apiName !== undefined && type !== shape.apiName)
    out.error(`must be ${shape.apiName}`, '$type');
};

const fixedCheck = (fixed: string | undefined): ((text: string, out: XmlOutput) => void) =>
  fixed === undefined
    ? () => {}
    : (text, out) => {
        if (text.trim() !== fixed.trim()) out.error(`must be ${fixed}`);
      };

const writeContent: Write = (value, out, tag, attributes) => {
  const xml = typeof value === 'string' ? value : undefined;
  const problem = xml === undefined ? 'must be a string of XML' : contentProblem(xml);
  if (problem === undefined) out.text += asElement(tag, attributes, xml!);
  else out.error(problem);
};

const mixedBody = (name: string): { names: readonly string[]; write: WriteMembers } => ({
  names: [name],
  write: (object, out) => {
    const xml = member(object, name) ?? '';
    const problem = typeof xml === 'string' ? contentProblem(xml) : 'must be a string of XML';
    if (problem === undefined) out.text += xml as string;
    else out.error(problem, name);
  },
});

const textBody = (name: string, { toText }: ValueWriter): { names: readonly string[]; write: WriteMembers } => ({
  names: [name],
  write: (object, out) => {
    const value = member(object, name);
    if (value === undefined) return out.error('is required', name);
    out.enter(name);
    const text = toText(value, out);
    out.leave();
    if (text !== undefined) out.text += escapeText(text);
  },
});

const ATTRIBUTE_NAME = /^(?:\{([^{}]+)\})?([^\s:{}]+)$/;
const XMLNS = 'http://www.w3.org/2000/xmlns/';

const writeAnyAttributes = (
  value: Value | undefined,
  property: string,
  shape: ComplexShape,
  out: XmlOutput,
): string => {
  if (value === undefined) return '';
  out.enter(property);
  let text = '';
  if (isObject(value))
    for (const [name, one] of Object.entries(value)) text += writeAnyAttribute(name, one, shape, out);
  else out.error('must be an object');
  out.leave();
  return text;
};

const writeAnyAttribute = (name: string, value: Value, shape: ComplexShape, out: XmlOutput): string => {
  const problem = anyAttributeProblem(name, value, shape);
  if (problem !== undefined) {
    out.error(problem, name);
    return '';
  }
  const [, ns, local] = ATTRIBUTE_NAME.exec(name)!;
  return ` ${ns === undefined ? '' : `${out.foreignPrefix(ns)}:`}${local}="${escapeAttribute(value as string)}"`;
};

const anyAttributeProblem = (name: string, value: Value, shape: ComplexShape): string | undefined => {
  const [, ns = '', local] = ATTRIBUTE_NAME.exec(name) ?? [];
  if (local === undefined || !isLexical('NCName', local) || hasForbiddenCharacter(ns))
    return 'is not an attribute name: local or {namespace}local';
  if (ns === XSI || ns === XMLNS || local === 'xmlns') return 'is an attribute that Bailey itself writes';
  if (shape.attributes.some((attribute) => attribute.local === local && attribute.ns === ns))
    return 'is an attribute with a property of its own';
  return typeof value === 'string' && !hasForbiddenCharacter(value) ? undefined : 'must be a string that XML can carry';
};

const eachItem = (items: readonly Value[], out: XmlOutput, write: (item: Value) => void): void => {
  items.forEach((item, index) => {
    out.enter(index);
    write(item);
    out.leave();
  });
};

/** An array: of elements, of occurrences of a group, of fragments. */
const repeatingWriter =
  (
    name: string,
    { min, max }: { min: number; max: number },
    one: (item: Value, out: XmlOutput) => void,
  ): WriteMembers =>
  (object, out) => {
    const items = member(object, name) ?? [];
    if (!Array.isArray(items)) return out.error('must be an array', name);
    if (items.length < min) out.error(`must have at least ${times(min)}`, name);
    if (max >= 0 && items.length > max) out.error(`must have at most ${times(max)}`, name);
    out.enter(name);
    eachItem(items, out, (item) => one(item, out));
    out.leave();
  };

const anyMembers = ({ name, min, max, namespaces }: AnyParticle): Members => {
  const allows = wildcardTest(namespaces);
  const write = repeatingWriter(name, { min, max }, (item, out) => {
    const fragment = typeof item === 'string' ? elementFragment(item) : { problem: 'must be a string of XML' };
    if ('problem' in fragment) out.error(fragment.problem);
    else if (!allows(fragment.ns)) out.error(`must not be in the namespace "${fragment.ns}"`);
    else out.text += (item as string).trim();
  });
  return { names: [name], arrays: [name], required: min > 0 ? [name] : [], emptiable: min === 0, write };
};

const sequenceMembers = (parts: readonly Members[], isOptional: boolean): Members => {
  const names = parts.flatMap((part) => part.names);
  const arrays = parts.flatMap((part) => part.arrays);
  const empty = new Set(arrays);
  const write: WriteMembers = (object, out) => {
    if (isOptional && !names.some((name) => isThere(object, name, empty))) return;
    for (const part of parts) part.write(object, out);
  };
  return {
    names,
    arrays,
    required: isOptional ? [] : parts.flatMap((part) => part.required),
    emptiable: isOptional || parts.every((part) => part.emptiable),
    write,
  };
};

/** The branch is the one that knows all members that are there; where several do, the one that is then complete. */
const choiceMembers = (parts: readonly Members[], isOptional: boolean): Members => {
  const names = [...new Set(parts.flatMap((part) => part.names))];
  const arrays = parts.flatMap((part) => part.arrays);
  const empty = new Set(arrays);
  const isEmptiable = isOptional || parts.some((part) => part.emptiable);
  const pick = (object: JsonObject, there: readonly string[]): Members | undefined => {
    const able = parts.filter((part) => there.every((name) => part.names.includes(name)));
    return able.find((part) => part.required.every((name) => isThere(object, name, empty))) ?? able[0];
  };
  const write: WriteMembers = (object, out) => {
    const there = names.filter((name) => isThere(object, name, empty));
    if (there.length === 0) {
      if (!isEmptiable) out.error(`needs one of: ${names.join(', ')}`);
      return;
    }
    const part = pick(object, there);
    if (part === undefined) out.error(`takes only one of: ${there.join(', ')}`);
    else part.write(object, out);
  };
  return { names, arrays, required: [], emptiable: isEmptiable, write };
};
