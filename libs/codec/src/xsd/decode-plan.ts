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
} from './plan.ts';
import { hashName, XSI } from '../xml/scanner.ts';
import { wildcardTest } from './wildcard.ts';
import { compileValue, type ValueRule } from './decode-value.ts';

/** A frame of the transport around a payload (Envelope, Body): an object of what it knows; text in it is ignored. */
export interface FrameShape {
  kind: 'frame';
  content?: Particle;
  /** What becomes of an element that is not in `content`. */
  unknown: 'skip' | 'refuse' | 'refuseIfMustUnderstand';
}

export type WireShape = Shape | FrameShape;

/** `mark`: what the decoder reports when the element was there. */
export type WireElement = ElementParticle & { mark?: string };

export type Unknown = FrameShape['unknown'];

export const VALUE = 0;
export const VALUE_OBJECT = 1;
export const OBJECT = 2;
export const ARRAY = 3;
export const FRAME = 4;
export const INNER_XML = 5;
export const MIXED = 6;
export const OUTER_XML = 7;

/** A shape, compiled for decoding. Made empty and filled on first use: schemas are large, replies use little of them. */
export interface TypeRule {
  kind: number;
  value: ValueRule | undefined;
  /** `"value":` of simple content with attributes, and of mixed content. */
  valueKey: Uint8Array;
  attributes: AttributeRule[];
  anyAttributeKey: Uint8Array | undefined;
  content: Content;
  unknown: Unknown;
  abstract: boolean;
  /** By `{namespace}local` of xsi:type. */
  derived: ReadonlyMap<string, TypeRule> | undefined;
  /** `"$type":"Name"`, where the declared type has derived ones. */
  typeMember: Uint8Array | undefined;
  /** Fills the rule; undefined once done. */
  prepare: (() => void) | undefined;
}

export interface AttributeRule {
  key: Uint8Array;
  ns: string;
  local: Uint8Array;
  hash: number;
  value: ValueRule;
  required: boolean;
  /** Used where the attribute is absent. */
  default: Uint8Array | undefined;
  name: string;
}

/** One member of an object: an element, an array of elements, a repeating group. */
export interface Slot {
  index: number;
  name: string;
  /** `"name":` */
  key: Uint8Array;
  repeats: boolean;
  order: number;
  /** Pairs of choice and branch: all of them must be open for this slot. */
  path: readonly number[];
}

export interface Entry {
  slot: Slot;
  ns: number;
  local: Uint8Array;
  hash: number;
  type: TypeRule;
  default: Uint8Array | undefined;
  /** `"$element":"name"` of a substitution group. */
  elementMember: Uint8Array | undefined;
  mark: string | undefined;
  /** The element belongs to this repeating group, whose array is the slot. */
  into: Content | undefined;
  next: Entry | undefined;
}

export interface Wildcard {
  entry: Entry;
  allows(uri: string): boolean;
}

/** What must be written or checked when an object ends. */
export interface Closer {
  slot: Slot;
  /** An empty array is written where nothing came; otherwise the absence is an error. */
  array: boolean;
  path: readonly number[];
}

/** The members of an object, found by name. */
export interface Content {
  buckets: (Entry | undefined)[];
  mask: number;
  wildcards: Wildcard[];
  /** The entry of every child, whatever its name (soapenc arrays). */
  positional: Entry | undefined;
  closers: Closer[];
  slots: number;
  choices: number;
  ordered: boolean;
}

const encodeJson = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const keyOf = (name: string): Uint8Array => encodeJson(`${JSON.stringify(name)}:`);
const NO_BYTES = new Uint8Array(0);

const NO_CONTENT: Content = {
  buckets: [undefined],
  mask: 0,
  wildcards: [],
  positional: undefined,
  closers: [],
  slots: 0,
  choices: 0,
  ordered: true,
};

export const XSI_ID = 1;

const qnameText = ({ ns, local }: QName): string => (ns === '' ? local : `{${ns}}${local}`);

const freshRule = (kind: number): TypeRule => ({
  kind,
  value: undefined,
  valueKey: NO_BYTES,
  attributes: [],
  anyAttributeKey: undefined,
  content: NO_CONTENT,
  unknown: 'skip',
  abstract: false,
  derived: undefined,
  typeMember: undefined,
  prepare: undefined,
});

/** Whether a complex type without element content travels as its bare text. */
const isBare = (shape: ComplexShape): boolean =>
  shape.text !== undefined &&
  shape.attributes.length === 0 &&
  shape.anyAttribute === undefined &&
  shape.derived === undefined;

/** Compiles the shapes of one plan; rules are shared, so recursive types are cycles of rules. */
export class DecodePlan {
  readonly #shapes: readonly WireShape[];
  readonly #rules = new Map<ShapeRef, TypeRule>();
  readonly #values = new Map<ShapeRef, ValueRule>();
  readonly ids = new Map<string, number>([
    ['', 0],
    [XSI, XSI_ID],
  ]);

  constructor(shapes: readonly WireShape[]) {
    this.#shapes = shapes;
  }

  /** The namespaces of a plan are known before the first document binds one. */
  idOf(ns: string): number {
    const known = this.ids.get(ns);
    if (known !== undefined) return known;
    const id = this.ids.size;
    this.ids.set(ns, id);
    return id;
  }

  #shape(ref: ShapeRef): WireShape {
    const shape = this.#shapes[ref];
    if (shape === undefined) throw new RangeError(`The plan has no shape ${ref}.`);
    return shape;
  }

  value(ref: ShapeRef): ValueRule {
    const known = this.#values.get(ref);
    if (known !== undefined) return known;
    const shape = this.#shape(ref);
    if (shape.kind === 'complex' && shape.text !== undefined) return this.value(shape.text.type);
    if (shape.kind !== 'simple') throw new TypeError(`Shape ${ref} is not simple.`);
    const rule = compileValue(shape, shape.list === undefined ? undefined : this.value(shape.list));
    this.#values.set(ref, rule);
    return rule;
  }

  rule(ref: ShapeRef): TypeRule {
    const known = this.#rules.get(ref);
    if (known !== undefined) return known;
    const rule = freshRule(VALUE);
    this.#rules.set(ref, rule);
    this.#start(rule, ref, this.#shape(ref));
    return rule;
  }

  #start(rule: TypeRule, ref: ShapeRef, shape: WireShape): void {
    if (shape.kind === 'simple') rule.value = this.value(ref);
    else if (shape.kind === 'anyType') rule.kind = INNER_XML;
    else if (shape.kind === 'array') this.#startArray(rule, shape);
    else if (shape.kind === 'frame') this.#startFrame(rule, shape);
    else this.#startComplex(rule, ref, shape);
  }

  #startArray(rule: TypeRule, shape: ArrayShape): void {
    rule.kind = ARRAY;
    rule.prepare = () => {
      const slot: Slot = { index: 0, name: shape.itemName, key: NO_BYTES, repeats: false, order: 0, path: [] };
      rule.content = {
        ...NO_CONTENT,
        slots: 1,
        positional: this.#entry(slot, { ns: '', local: shape.itemName, type: shape.item }),
      };
    };
  }

  #startFrame(rule: TypeRule, shape: FrameShape): void {
    rule.kind = FRAME;
    rule.unknown = shape.unknown;
    rule.prepare = () => {
      rule.content = this.content(shape.content);
    };
  }

  #startComplex(rule: TypeRule, ref: ShapeRef, shape: ComplexShape): void {
    rule.kind =
      shape.mixed !== undefined ? MIXED : shape.text === undefined ? OBJECT : isBare(shape) ? VALUE : VALUE_OBJECT;
    rule.abstract = shape.abstract === true;
    if (shape.text !== undefined) rule.value = this.value(shape.text.type);
    rule.valueKey = keyOf(shape.mixed?.name ?? shape.text?.name ?? 'value');
    rule.prepare = () => {
      rule.attributes = shape.attributes.map((attribute) => this.#attribute(attribute));
      rule.anyAttributeKey = shape.anyAttribute === undefined ? undefined : keyOf(shape.anyAttribute);
      if (rule.kind === OBJECT) rule.content = this.content(shape.content);
      if (shape.derived !== undefined) this.#derive(rule, ref, shape, shape.derived);
    };
  }

  /** A type that is only ever named by xsi:type must say so in JSON, which its own rule does not. */
  #derive(rule: TypeRule, ref: ShapeRef, shape: ComplexShape, derived: readonly ShapeRef[]): void {
    const rules = new Map<string, TypeRule>();
    for (const member of derived) {
      const target = this.#shape(member);
      if (target.kind !== 'complex' || target.qname === undefined) continue;
      rules.set(qnameText(target.qname), member === ref ? rule : this.#typed(member, target));
    }
    rule.derived = rules;
    rule.typeMember = typeMember(shape);
  }

  #typed(ref: ShapeRef, shape: ComplexShape): TypeRule {
    const rule = freshRule(VALUE);
    this.#startComplex(rule, ref, shape);
    if (rule.kind === VALUE) rule.kind = VALUE_OBJECT;
    const prepare = rule.prepare!;
    rule.prepare = () => {
      prepare();
      rule.typeMember = typeMember(shape);
      rule.derived = undefined;
    };
    return rule;
  }

  #attribute(plan: AttributePlan): AttributeRule {
    const local = encodeJson(plan.local);
    const absent = plan.default ?? plan.fixed;
    return {
      key: keyOf(plan.name),
      ns: plan.ns,
      local,
      hash: hashName(local),
      value: this.value(plan.type),
      required: plan.required && absent === undefined,
      default: absent === undefined ? undefined : encodeJson(absent),
      name: plan.name,
    };
  }

  #entry(slot: Slot, element: QName & { type: ShapeRef; default?: string; fixed?: string }): Entry {
    const local = encodeJson(element.local);
    const absent = element.default ?? element.fixed;
    return {
      slot,
      ns: this.idOf(element.ns),
      local,
      hash: hashName(local),
      type: this.rule(element.type),
      default: absent === undefined ? undefined : encodeJson(absent),
      elementMember: undefined,
      mark: undefined,
      into: undefined,
      next: undefined,
    };
  }

  /** The root of a document: its value stands alone, without a name. */
  root(elements: readonly WireElement[]): Content {
    const content = this.content({ kind: 'choice', min: 1, max: 1, particles: [...elements] });
    for (const entry of entriesOf(content)) entry.slot.key = NO_BYTES;
    return { ...content, closers: [] };
  }

  content(particle: Particle | undefined): Content {
    if (particle === undefined) return NO_CONTENT;
    return new ContentBuilder(this, (slot, element) => this.#entry(slot, element)).build(particle, false);
  }
}

const typeMember = (shape: ComplexShape): Uint8Array =>
  encodeJson(`"$type":${JSON.stringify(shape.apiName ?? shape.qname?.local ?? '')}`);

type MakeEntry = (slot: Slot, element: QName & { type: ShapeRef; default?: string; fixed?: string }) => Entry;

/** Where a particle stands: which branches lead to it, and whether it must be there once they are taken. */
interface Place {
  /** Choices alone: repeating elements of an absent optional group are still `[]`. */
  path: readonly number[];
  /** Choices and optional groups. */
  needs: readonly number[];
  required: boolean;
}

/** Flattens the groups without a name into one table of members. */
class ContentBuilder {
  readonly #plan: DecodePlan;
  readonly #makeEntry: MakeEntry;
  readonly #entries: Entry[] = [];
  readonly #wildcards: Wildcard[] = [];
  readonly #closers: Closer[] = [];
  #slots = 0;
  #choices = 0;

  constructor(plan: DecodePlan, makeEntry: MakeEntry) {
    this.#plan = plan;
    this.#makeEntry = makeEntry;
  }

  /** `occurrence`: the particle is a repeating group, and the members of one occurrence are wanted. */
  build(particle: Particle, occurrence: boolean): Content {
    const top: Place = { path: [], needs: [], required: true };
    if (occurrence && isGroup(particle)) this.#members(particle, top);
    else this.#add(particle, top);
    return { ...this.#table(), slots: this.#slots, choices: this.#choices, ordered: particle.kind !== 'all' };
  }

  #table(): Omit<Content, 'slots' | 'choices' | 'ordered'> {
    let size = 1;
    while (size < this.#entries.length * 2) size *= 2;
    const buckets: (Entry | undefined)[] = Array.from({ length: size }, () => undefined);
    // From the last to the first, so that of several with one name the first stands first.
    for (const entry of this.#entries.toReversed()) {
      const bucket = entry.hash & (size - 1);
      entry.next = buckets[bucket];
      buckets[bucket] = entry;
    }
    return { buckets, mask: size - 1, wildcards: this.#wildcards, positional: undefined, closers: this.#closers };
  }

  #add(particle: Particle, place: Place): void {
    if (particle.kind === 'element') this.#addElement(particle, place);
    else if (particle.kind === 'any') this.#addAny(particle, place);
    else if (particle.name !== undefined) this.#addRepeating(particle, particle.name, place);
    else this.#members(particle, place);
  }

  #members(group: GroupParticle, place: Place): void {
    const isChoice = group.kind === 'choice';
    const choice = isChoice || group.min === 0 ? this.#choices++ : -1;
    group.particles.forEach((particle, branch) => {
      const step = choice < 0 ? [] : [choice, isChoice ? branch : 0];
      const path = isChoice ? [...place.path, ...step] : place.path;
      this.#add(particle, { path, needs: [...place.needs, ...step], required: place.required });
    });
  }

  #slot(name: string, repeats: boolean, min: number, { path, needs, required }: Place): Slot {
    const slot: Slot = { index: this.#slots, name, key: keyOf(name), repeats, order: this.#slots++, path: needs };
    if (repeats) this.#closers.push({ slot, array: true, path });
    else if (min > 0 && required) this.#closers.push({ slot, array: false, path: needs });
    return slot;
  }

  #addElement(element: WireElement, place: Place): void {
    const slot = this.#slot(element.name, element.max !== 1, element.min, place);
    const { substitutes } = element;
    if (substitutes === undefined) this.#entries.push({ ...this.#makeEntry(slot, element), mark: element.mark });
    else {
      for (const member of substitutes) {
        const elementMember = encodeJson(`"$element":${JSON.stringify(member.name)}`);
        this.#entries.push({ ...this.#makeEntry(slot, member), elementMember });
      }
    }
  }

  #addAny(any: AnyParticle, place: Place): void {
    const slot = this.#slot(any.name, true, 0, place);
    const entry: Entry = {
      slot,
      ns: -1,
      local: NO_BYTES,
      hash: 0,
      type: freshRule(OUTER_XML),
      default: undefined,
      elementMember: undefined,
      mark: undefined,
      into: undefined,
      next: undefined,
    };
    this.#wildcards.push({ entry, allows: wildcardTest(any.namespaces) });
  }

  #addRepeating(group: GroupParticle, name: string, place: Place): void {
    const slot = this.#slot(name, true, 0, place);
    const into = new ContentBuilder(this.#plan, this.#makeEntry).build(group, true);
    for (const entry of entriesOf(into)) this.#entries.push({ ...entry, slot, into, next: undefined });
    for (const { entry, allows } of into.wildcards) this.#wildcards.push({ entry: { ...entry, slot, into }, allows });
  }
}

const isGroup = (particle: Particle): particle is GroupParticle =>
  particle.kind !== 'element' && particle.kind !== 'any';

/** Each name once: the group itself finds the right one of several. */
const entriesOf = (content: Content): Entry[] => {
  const named = new Map<string, Entry>();
  for (const bucket of content.buckets) {
    for (let entry = bucket; entry !== undefined; entry = entry.next) {
      const name = `${entry.ns} ${Buffer.from(entry.local).toString('utf8')}`;
      if (!named.has(name)) named.set(name, entry);
    }
  }
  return [...named.values()];
};
