import type {
  AttributePlan,
  ElementParticle,
  GroupParticle,
  Particle,
  Shape,
  ShapeRef,
  SimpleShape,
} from '@bailey/codec';
import type { Value } from '@bailey/contract';
import fc from 'fast-check';
import type { SoapMessage } from './plan.ts';

/** Values that a plan's types take, spelt as the decoder spells them. Written from plan.ts alone, beside the codec. */

type Json = { [name: string]: Value };
type Members = fc.Arbitrary<Json>;

const XML_TEXT = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .map((text) => text.replace(/[\p{C}\uFFFE\uFFFF]/gu, ''));

const collapsed = (text: string): string => text.trim().replace(/\s+/g, ' ');
const integer = (min: bigint, max: bigint): fc.Arbitrary<bigint> => fc.bigInt({ min, max });
const two = (number: number): string => String(number).padStart(2, '0');

const DATE = fc
  .tuple(fc.integer({ min: 1900, max: 2100 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map(([y, m, d]) => `${y}-${two(m)}-${two(d)}`);
const TIME = fc
  .tuple(fc.nat(23), fc.nat(59), fc.nat(59), fc.constantFrom('', '.5', '.123456789'))
  .map(([h, m, s, f]) => `${two(h)}:${two(m)}:${two(s)}${f}`);
const ZONE = fc.constantFrom('', 'Z', '+05:30', '-11:00');
const joined = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((all) => all.join(''));

/** Of built-in types with rules of their own, one spelling each is enough. */
const SPELT: Record<string, string> = {
  language: 'en',
  NMTOKEN: '-a.1',
  NMTOKENS: 'a',
  Name: 'a:b',
  NCName: 'a.b',
  ID: 'i1',
  IDREF: 'i1',
  ENTITY: 'e1',
  anyURI: 'urn:x:y',
  gYear: '2024',
  gYearMonth: '2024-02',
  gMonth: '--02',
  gMonthDay: '--02-29',
  gDay: '---31',
  QName: '{urn:q}n',
  NOTATION: '{urn:q}n',
};

const NO_FACETS: NonNullable<SimpleShape['facets']> = {};

const textOf = ({ builtin, whiteSpace, facets = NO_FACETS }: SimpleShape): fc.Arbitrary<string> => {
  const spelt = SPELT[builtin];
  if (spelt !== undefined) return fc.constant(spelt);
  const least = facets.length ?? facets.minLength ?? 0;
  const most = facets.length ?? facets.maxLength ?? Infinity;
  const clean =
    whiteSpace === 'collapse'
      ? XML_TEXT.map(collapsed)
      : whiteSpace === 'replace'
        ? XML_TEXT.map((text) => text.replace(/\s/g, ' '))
        : XML_TEXT;
  // The JDK counts UTF-16 units where XSD counts characters, so where length matters there are none beyond the plane.
  const sized = facets === NO_FACETS ? clean : clean.map((text) => text.replace(/[\u{10000}-\u{10FFFF}]/gu, ''));
  return sized
    .map((text) => [...text.padEnd(least, 'x')].slice(0, Math.max(most, 0)).join(''))
    .map((text) => (whiteSpace === 'collapse' ? text.replace(/^ | $/g, 'x') : text));
};

/** A bound with a fraction is moved one towards zero, to leave room for the digits of a decimal behind the point. */
const bound = (text: string | undefined, by: bigint, otherwise: bigint): bigint => {
  const [, whole, fraction] = /^([+-]?\d+)(\.\d*)?$/.exec(text ?? '') ?? [];
  if (whole === undefined) return otherwise;
  const value = BigInt(whole.replace('+', '')) + by;
  return fraction === undefined || value === 0n ? value : value > 0n ? value - 1n : value + 1n;
};

const integerOf = ({ facets = {}, scalar }: SimpleShape): fc.Arbitrary<bigint> => {
  const wide =
    scalar === 'int32'
      ? 2n ** 31n - 1n
      : scalar === 'int53'
        ? 2n ** 53n - 1n
        : scalar === 'int64'
          ? 2n ** 63n - 1n
          : 10n ** 30n;
  const digits = facets.totalDigits === undefined ? wide : 10n ** BigInt(facets.totalDigits) - 1n;
  const min =
    facets.minExclusive === undefined ? bound(facets.minInclusive, 0n, -wide) : bound(facets.minExclusive, 1n, -wide);
  const max =
    facets.maxExclusive === undefined ? bound(facets.maxInclusive, 0n, wide) : bound(facets.maxExclusive, -1n, wide);
  return integer(min < -digits ? -digits : min, max > digits ? digits : max);
};

const decimalOf = (shape: SimpleShape): fc.Arbitrary<string> => {
  const fraction = Math.min(shape.facets?.fractionDigits ?? 4, 4);
  const total = shape.facets?.totalDigits ?? 20;
  const whole = { ...shape, facets: { ...shape.facets, totalDigits: Math.max(total - fraction, 1) } };
  return fc
    .tuple(integerOf(whole), fc.nat(10 ** fraction - 1))
    .map(([head, tail]) =>
      total <= fraction || tail === 0 ? String(head) : `${head}.${String(tail).padStart(fraction, '0')}`,
    );
};

const jsonOf = (shape: SimpleShape, text: string): Value => {
  if (shape.scalar === 'boolean') return text === 'true' || text === '1';
  if (['int32', 'int53', 'float', 'double'].includes(shape.scalar))
    return /^-?INF$|NaN/.test(text) ? text : Number(text);
  return shape.scalar === 'text' ? (shape.whiteSpace === 'collapse' ? collapsed(text) : text) : text.replace(/^\+/, '');
};

export class Instances {
  readonly #shapes: readonly Shape[];

  constructor(shapes: readonly Shape[]) {
    this.#shapes = shapes;
  }

  message({ body }: SoapMessage): fc.Arbitrary<Json> {
    switch (body.kind) {
      case 'empty':
        return fc.constant({});
      case 'element':
      case 'content':
        return this.#root(body.type);
      case 'elements':
      case 'rpc':
        return this.#merged(
          body.parts.map(({ name, type }) => this.typed(type, 4).map((value) => ({ [name]: value }))),
        );
    }
  }

  #root(ref: ShapeRef): fc.Arbitrary<Json> {
    return this.typed(ref, 4).map((value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) ? value : { value },
    );
  }

  /** `fuel` bounds recursion: without any, nothing optional is made. */
  value(ref: ShapeRef, fuel: number): fc.Arbitrary<Value> {
    if (fuel < -12) throw new RangeError('the type has no finite value');
    const shape = this.#shapes[ref]!;
    if (shape.kind === 'simple') return this.#simple(shape);
    if (shape.kind === 'anyType') return fc.constantFrom('', 'text &amp; <b>more</b>');
    if (shape.kind === 'array') return fc.array(this.typed(shape.item, fuel - 1), { maxLength: fuel > 0 ? 2 : 0 });
    return shape.derived === undefined ? this.#complex(ref, fuel) : this.typed(ref, fuel);
  }

  #complex(ref: ShapeRef, fuel: number, isNamed = false): fc.Arbitrary<Value> {
    const shape = this.#shapes[ref]!;
    if (shape.kind !== 'complex') throw new TypeError('not complex');
    if (
      shape.text !== undefined &&
      shape.attributes.length === 0 &&
      shape.anyAttribute === undefined &&
      shape.derived === undefined &&
      !isNamed
    )
      return this.value(shape.text.type, fuel);
    const parts: Members[] = shape.attributes.map((attribute) => this.#attribute(attribute));
    if (shape.anyAttribute !== undefined) parts.push(fc.constant({ [shape.anyAttribute]: {} }));
    if (shape.mixed !== undefined)
      parts.push(fc.constantFrom('', 'a &lt; <b>c</b>').map((xml) => ({ [shape.mixed!.name]: xml })));
    else if (shape.text !== undefined)
      parts.push(this.value(shape.text.type, fuel).map((value) => ({ [shape.text!.name]: value })));
    else if (shape.content !== undefined) parts.push(this.#particle(shape.content, fuel));
    return this.#merged(parts);
  }

  /** A derived type says its name; a type without derived ones does not. */
  typed(ref: ShapeRef, fuel: number): fc.Arbitrary<Value> {
    const shape = this.#shapes[ref]!;
    if (shape.kind !== 'complex' || shape.derived === undefined) return this.value(ref, fuel);
    return fc.constantFrom(...shape.derived).chain((one) => {
      const target = this.#shapes[one]!;
      return this.#complex(one, fuel, true).map((value) => ({
        $type: target.kind === 'complex' ? target.apiName! : '',
        ...(value as Json),
      }));
    });
  }

  #merged(parts: readonly Members[]): Members {
    return parts.length === 0 ? fc.constant({}) : fc.tuple(...parts).map((all) => Object.assign({}, ...all) as Json);
  }

  #attribute({ name, type, required, default: fallback, fixed }: AttributePlan): Members {
    const shape = this.#shapes[type] as SimpleShape;
    if (fixed !== undefined) return fc.constant({ [name]: jsonOf(shape, fixed) });
    const given = this.value(type, 0).map((value): Json => ({ [name]: value }));
    return required || fallback !== undefined ? given : fc.oneof(given, fc.constant({}));
  }

  #simple(shape: SimpleShape): fc.Arbitrary<Value> {
    const { facets = {} } = shape;
    if (shape.list !== undefined) {
      const least = facets.length ?? facets.minLength ?? 0;
      const item = this.#simple({ ...(this.#shapes[shape.list] as SimpleShape) }).filter(
        (value) => typeof value !== 'string' || /^\S+$/.test(value),
      );
      return fc.array(item, {
        minLength: least,
        maxLength: Math.min(facets.length ?? facets.maxLength ?? least + 2, least + 2),
      });
    }
    if (facets.enumeration !== undefined)
      return fc.constantFrom(...facets.enumeration.map((text) => jsonOf(shape, text)));
    if (shape.union !== undefined)
      return shape.union.length === 0
        ? textOf(shape)
        : this.#simple(this.#shapes[shape.union[0]!] as SimpleShape).map((value) => String(value));
    if (facets.patterns !== undefined && shape.scalar === 'text') return this.#matching(shape, facets.patterns);
    const patterns = (facets.patterns ?? []).map((pattern) => new RegExp(pattern, 'u'));
    return this.#scalar(shape).filter((value) => patterns.every((pattern) => pattern.test(String(value))));
  }

  #matching(shape: SimpleShape, patterns: readonly string[]): fc.Arbitrary<Value> {
    const [first, ...others] = patterns.map((pattern) => new RegExp(pattern, 'u'));
    const fits = (text: string): boolean =>
      others.every((other) => other.test(text)) && !/[\p{C}]/u.test(text) && collapsed(text) === text;
    const { length, minLength = length ?? 0, maxLength = length ?? Infinity } = shape.facets!;
    return fc
      .stringMatching(first!)
      .filter((text) => fits(text) && [...text].length >= minLength && [...text].length <= maxLength);
  }

  #scalar(shape: SimpleShape): fc.Arbitrary<Value> {
    switch (shape.scalar) {
      case 'boolean':
        return fc.boolean();
      case 'int32':
      case 'int53':
        return integerOf(shape).map(Number);
      case 'int64':
      case 'integer':
        return integerOf(shape).map(String);
      case 'decimal':
        return decimalOf(shape);
      case 'float':
        return fc.constantFrom<Value>(0, 1.5, -2.25, 1e20, 'INF', '-INF', 'NaN');
      case 'double':
        return fc.oneof(
          fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value || 0),
          fc.constantFrom<Value>('INF', '-INF', 'NaN'),
        );
      case 'date':
        return joined(DATE, ZONE);
      case 'time':
        return joined(TIME, ZONE);
      case 'dateTime':
      case 'localDateTime':
      case 'xsdDateTime':
        return joined(DATE, fc.constant('T'), TIME, ZONE);
      case 'duration':
        return fc.constantFrom('P1D', 'P1Y', '-P1Y2M3DT4H5M6.7S', 'PT0S');
      case 'base64':
        return fc
          .uint8Array({ minLength: shape.facets?.minLength ?? 0, maxLength: 8 })
          .map((bytes) => Buffer.from(bytes).toString('base64'));
      case 'hex':
        return fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('hex'));
      case 'text':
      case 'json':
        return textOf(shape);
    }
  }

  #particle(particle: Particle, fuel: number): Members {
    if (particle.kind === 'element') return this.#element(particle, fuel);
    if (particle.kind === 'any')
      return fc.constant({ [particle.name]: Array.from({ length: particle.min }, () => '<q:any xmlns:q="urn:any"/>') });
    if (particle.name === undefined) return this.#group(particle, fuel, particle.min === 0);
    return this.#many(
      particle,
      fuel,
      fc.constant(null).chain(() => this.#group(particle, fuel - 1, false)),
    ).map((items) => ({ [particle.name!]: items }));
  }

  #many({ min, max }: { min: number; max: number }, fuel: number, item: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> {
    const most = fuel > 0 ? Math.max(min, Math.min(max < 0 ? Infinity : max, 3)) : min;
    return most === 0 ? fc.constant([]) : fc.array(item, { minLength: min, maxLength: most });
  }

  #group(group: GroupParticle, fuel: number, isOptional: boolean): Members {
    if (group.particles.length === 0) return fc.constant({});
    const all = (): Members => this.#merged(group.particles.map((particle) => this.#particle(particle, fuel)));
    if (group.kind === 'choice') return this.#choice(group, fuel, isOptional);
    if (!isOptional) return all();
    const none = fc.constant(this.#arrays(group));
    return fuel > 0 ? fc.oneof(all(), none) : none;
  }

  /** What is `[]` in the JSON of a group that is not there. */
  #arrays(particle: Particle): Json {
    if (particle.kind === 'element') return particle.max === 1 ? {} : { [particle.name]: [] };
    if (particle.kind === 'any' || particle.name !== undefined) return { [particle.name!]: [] };
    return particle.kind === 'choice'
      ? {}
      : (Object.assign({}, ...particle.particles.map((one) => this.#arrays(one))) as Json);
  }

  #choice(group: GroupParticle, fuel: number, isOptional: boolean): Members {
    const branches = group.particles.map((particle) => () => this.#branch(particle, fuel));
    const order = fuel > 0 ? branches : branches.slice(0, 1);
    const taken = fc.constantFrom(...order).chain((branch) => branch());
    return isOptional ? (fuel > 0 ? fc.oneof(taken, fc.constant({})) : fc.constant({})) : taken;
  }

  /** A branch whose array is empty is a branch not taken. */
  #branch(particle: Particle, fuel: number): Members {
    const isArray =
      particle.kind === 'element' ? particle.max !== 1 : particle.kind === 'any' || particle.name !== undefined;
    const isEmpty = (json: Json): boolean =>
      isArray && Object.values(json).every((value) => (value as Value[]).length === 0);
    return this.#particle(particle, fuel).map((json) => (isEmpty(json) ? {} : json));
  }

  #element(element: ElementParticle, fuel: number): Members {
    const { name, min, max, nillable, fixed } = element;
    const lazy = fc.constant(null).chain(() => this.#occurrence(element, fuel - 1));
    const shape = this.#shapes[element.type]!;
    const mayBeNil =
      nillable === true && !(shape.kind === 'complex' && shape.attributes.some(({ required }) => required));
    const value: fc.Arbitrary<Value> = mayBeNil && fixed === undefined ? fc.oneof(lazy, fc.constant(null)) : lazy;
    if (max !== 1) return this.#many(element, fuel, value).map((items) => ({ [name]: items }));
    const given = value.map((one): Json => ({ [name]: one }));
    if (min > 0) return given;
    return fuel > 0 ? fc.oneof(given, fc.constant({})) : fc.constant({});
  }

  #occurrence({ type, substitutes, default: fallback, fixed }: ElementParticle, fuel: number): fc.Arbitrary<Value> {
    const shape = this.#shapes[type]!;
    if (fixed !== undefined && shape.kind === 'simple') return fc.constant(jsonOf(shape, fixed));
    if (substitutes !== undefined) return this.#substitute(substitutes, fuel);
    const value = this.typed(type, fuel);
    return fallback === undefined ? value : value.map((one) => (one === '' ? 'x' : one));
  }

  #substitute(substitutes: NonNullable<ElementParticle['substitutes']>, fuel: number): fc.Arbitrary<Value> {
    return fc.constantFrom(...substitutes).chain(({ name, type }) =>
      this.typed(type, fuel).map((value) => {
        const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
        return isObject ? { $element: name, ...value } : { $element: name, value };
      }),
    );
  }
}
