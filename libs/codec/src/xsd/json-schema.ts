import { pascalName, type JsonSchema, type NameScope } from '@bailey/contract';
import { referencesTo } from './closure.ts';
import type {
  AttributePlan,
  ComplexShape,
  ElementParticle,
  GroupParticle,
  Particle,
  Shape,
  ShapeRef,
  SubstituteElement,
} from './plan.ts';
import { jsonValue, listSchema, simpleSchema } from './simple-schema.ts';

type Properties = Record<string, JsonSchema>;

/** An object under construction. */
interface Members {
  properties: Properties;
  required: string[];
  constraints: JsonSchema[];
}

const XML_TEXT: JsonSchema = { type: 'string', format: 'xml' };

const newMembers = (): Members => ({ properties: Object.create(null) as Properties, required: [], constraints: [] });

const closedObject = ({ properties, required, constraints }: Members): JsonSchema => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required: [...new Set(required)] }),
  additionalProperties: false,
  ...(constraints.length === 1 ? constraints[0] : constraints.length > 1 && { allOf: constraints }),
});

const nullable = (schema: JsonSchema): JsonSchema =>
  typeof schema.type === 'string' &&
  schema.enum === undefined &&
  schema.const === undefined &&
  schema.oneOf === undefined
    ? { ...schema, type: [schema.type, 'null'] }
    : { anyOf: [schema, { type: 'null' }] };

const array = (items: JsonSchema, { min, max }: { min: number; max: number }): JsonSchema => ({
  type: 'array',
  items,
  ...(min > 0 && { minItems: min }),
  ...(max > 0 && { maxItems: max }),
});

/** Names that must be there when this particle is. */
const requiredBy = (particle: Particle): string[] => {
  if (particle.min === 0) return [];
  if (particle.kind === 'element' || particle.kind === 'any' || particle.name !== undefined) return [particle.name!];
  return particle.kind === 'choice' ? [] : particle.particles.flatMap(requiredBy);
};

const isSubset = (left: string[], right: string[]): boolean => left.every((name) => right.includes(name));

/** Which branch was taken shows in the members that it requires; branches that require nothing cannot be told so. */
const choiceConstraint = (choice: GroupParticle): JsonSchema | undefined => {
  const sets = choice.particles.map(requiredBy);
  if (sets.some((set) => set.length === 0)) return undefined;
  const branches: JsonSchema[] = sets.map((required) => ({ required }));
  if (choice.min === 0) branches.push({ not: { anyOf: branches.slice() } });
  const overlap = sets.some((left, index) => sets.some((right, other) => other !== index && isSubset(left, right)));
  return overlap ? { anyOf: branches } : { oneOf: branches };
};

/** Prints shapes as JSON Schema 2020-12: named and shared types once in `$defs`, all else in place. */
export class JsonSchemas {
  readonly $defs: Record<string, JsonSchema> = Object.create(null) as Record<string, JsonSchema>;
  readonly #shapes: readonly Shape[];
  readonly #documentation: WeakMap<object, string>;
  readonly #scope: NameScope;
  readonly #counts: number[];
  readonly #hints: (string | undefined)[];
  readonly #names = new Map<string, string>();
  readonly #members = new Set<ShapeRef>();
  readonly #queue: (() => void)[] = [];

  /** `scope` holds the API names of the types already. */
  constructor(shapes: readonly Shape[], documentation: WeakMap<object, string>, scope: NameScope) {
    this.#shapes = shapes;
    this.#documentation = documentation;
    this.#scope = scope;
    const { counts, hints } = referencesTo(shapes as Shape[]);
    this.#counts = counts;
    this.#hints = hints;
    for (const shape of shapes)
      if (shape.kind === 'complex') for (const member of shape.derived ?? []) this.#members.add(member);
  }

  /** The schema of a value of this shape. */
  of(ref: ShapeRef): JsonSchema {
    const schema = this.#value(ref);
    this.#drain();
    return schema;
  }

  /** The content of a message: an object whatever the shape, with `{"value": …}` around what is none. */
  message(ref: ShapeRef): JsonSchema {
    const shape = this.#shapes[ref]!;
    const schema =
      shape.kind === 'complex' && !isBareValue(shape) ? this.#content(ref, shape) : wrapped(this.#value(ref));
    this.#drain();
    return schema;
  }

  #drain(): void {
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) next();
  }

  #value(ref: ShapeRef): JsonSchema {
    const shape = this.#shapes[ref]!;
    if (shape.kind === 'anyType') return { ...XML_TEXT };
    if (shape.kind === 'array') return { type: 'array', items: nullable(this.#value(shape.item)) };
    if (shape.kind === 'complex') return isBareValue(shape) ? this.#value(shape.text!.type) : this.#complex(ref, shape);
    if (shape.list !== undefined) return listSchema(shape, this.#value(shape.list));
    const isNamedEnum = shape.facets?.enumeration !== undefined && shape.qname !== undefined;
    return isNamedEnum
      ? this.#shared(`simple ${ref}`, pascalName(shape.qname!.local), () => this.#described(simpleSchema(shape), shape))
      : simpleSchema(shape);
  }

  #complex(ref: ShapeRef, shape: ComplexShape): JsonSchema {
    if (shape.apiName !== undefined) return this.#named(`type ${ref}`, shape.apiName, () => this.#content(ref, shape));
    if (this.#counts[ref]! < 2) return this.#content(ref, shape);
    return this.#shared(`type ${ref}`, pascalName(this.#hints[ref] ?? 'Type'), () => this.#content(ref, shape));
  }

  /** What may stand where this type is declared: itself, or one of its derived types told apart by `$type`. */
  #content(ref: ShapeRef, shape: ComplexShape): JsonSchema {
    if (shape.derived === undefined) return this.#object(ref, shape);
    const members = shape.derived.map((member) => this.#concrete(member));
    const mapping = Object.create(null) as Record<string, string>;
    for (const [index, member] of shape.derived.entries()) mapping[this.#typeName(member)] = members[index]!.$ref!;
    const oneOf = members.map((member) => ({ ...member, required: ['$type'] }));
    return this.#described({ type: 'object', oneOf, discriminator: { propertyName: '$type', mapping } }, shape);
  }

  #typeName(ref: ShapeRef): string {
    return (this.#shapes[ref] as ComplexShape).apiName!;
  }

  /** The type itself. Where its name means the choice among its derived types, it has a name of its own. */
  #concrete(ref: ShapeRef): JsonSchema {
    const shape = this.#shapes[ref] as ComplexShape;
    if (shape.derived === undefined) return this.#complex(ref, shape);
    return this.#shared(`object ${ref}`, `${shape.apiName}Object`, () => this.#object(ref, shape));
  }

  #object(ref: ShapeRef, shape: ComplexShape): JsonSchema {
    const members = newMembers();
    if (this.#members.has(ref)) members.properties['$type'] = { type: 'string', const: this.#typeName(ref) };
    this.#fill(members, shape);
    const native =
      shape.qname !== undefined && shape.qname.local !== shape.apiName ? { 'x-native': shape.qname.local } : {};
    return this.#described({ ...closedObject(members), ...native }, shape);
  }

  #fill(members: Members, shape: ComplexShape): void {
    if (shape.content !== undefined) this.#particle(members, shape.content, true);
    if (shape.text !== undefined) this.#property(members, shape.text.name, this.#value(shape.text.type), true);
    if (shape.mixed !== undefined) this.#property(members, shape.mixed.name, { ...XML_TEXT }, true);
    for (const attribute of shape.attributes) this.#attribute(members, attribute);
    if (shape.anyAttribute === undefined) return;
    this.#property(members, shape.anyAttribute, { type: 'object', additionalProperties: { type: 'string' } }, false);
  }

  #property(members: Members, name: string, schema: JsonSchema, required: boolean): void {
    members.properties[name] ??= schema;
    if (required) members.required.push(name);
  }

  #attribute(members: Members, attribute: AttributePlan): void {
    const schema = this.#annotated(this.#value(attribute.type), attribute, attribute.type);
    this.#property(members, attribute.name, schema, attribute.required);
  }

  /** `isCertain`: every instance of the object holds this particle, unless the particle itself may be absent. */
  #particle(members: Members, particle: Particle, isCertain: boolean): void {
    const required = isCertain && particle.min > 0;
    if (particle.kind === 'element') return this.#property(members, particle.name, this.#element(particle), required);
    if (particle.kind === 'any')
      return this.#property(members, particle.name, array({ ...XML_TEXT }, particle), required);
    if (particle.name !== undefined)
      return this.#property(members, particle.name, array(this.#occurrence(particle), particle), required);
    const constraint = particle.kind === 'choice' && isCertain ? choiceConstraint(particle) : undefined;
    if (constraint !== undefined) members.constraints.push(constraint);
    for (const child of particle.particles) this.#particle(members, child, required && particle.kind !== 'choice');
  }

  #occurrence(group: GroupParticle): JsonSchema {
    const members = newMembers();
    this.#particle(members, { ...once(group), min: 1, max: 1 }, true);
    return closedObject(members);
  }

  #element(element: ElementParticle): JsonSchema {
    const value =
      element.substitutes === undefined ? this.#value(element.type) : this.#substitutes(element, element.substitutes);
    const one = element.nillable ? nullable(value) : value;
    return element.max === 1
      ? this.#annotated(one, element, element.type)
      : this.#annotated(array(one, element), element);
  }

  #substitutes(head: ElementParticle, substitutes: SubstituteElement[]): JsonSchema {
    const key = `group {${head.ns}}${head.local} ${head.type}`;
    return this.#shared(key, `${pascalName(head.local)}Element`, () => {
      const mapping = Object.create(null) as Record<string, string>;
      const oneOf = substitutes.map((member) => this.#substitute(member));
      for (const [index, { name }] of substitutes.entries()) mapping[name] = oneOf[index]!.$ref!;
      return { type: 'object', oneOf, discriminator: { propertyName: '$element', mapping } };
    });
  }

  #substitute(member: SubstituteElement): JsonSchema {
    const key = `member {${member.ns}}${member.local} ${member.name}`;
    return this.#shared(key, `${pascalName(member.local)}Member`, () => {
      const shape = this.#shapes[member.type]!;
      const $element: JsonSchema = { type: 'string', const: member.name };
      // Derived types are told apart inside the member; a closed object around them would refuse their properties.
      if (shape.kind === 'complex' && shape.derived !== undefined)
        return { type: 'object', properties: { $element }, required: ['$element'] };
      const members = newMembers();
      this.#property(members, '$element', $element, true);
      if (shape.kind === 'complex' && !isBareValue(shape)) this.#fill(members, shape);
      else this.#property(members, 'value', this.#value(member.type), true);
      return closedObject(members);
    });
  }

  #annotated(schema: JsonSchema, part: ElementParticle | AttributePlan, type?: ShapeRef): JsonSchema {
    const shape = type === undefined ? undefined : this.#shapes[type];
    const typed = (text: string | undefined) =>
      text === undefined || shape?.kind !== 'simple' ? undefined : jsonValue(shape, text);
    const fallback = typed(part.default);
    const fixed = typed(part.fixed);
    return this.#described(
      {
        ...schema,
        ...(fallback !== undefined && { default: fallback }),
        ...(fixed !== undefined && { const: fixed }),
        ...(part.name !== part.local && { 'x-native': part.local }),
      },
      part,
    );
  }

  #described(schema: JsonSchema, source: object): JsonSchema {
    const description = this.#documentation.get(source);
    return description === undefined ? schema : { ...schema, description };
  }

  #shared(key: string, wanted: string, make: () => JsonSchema): JsonSchema {
    return this.#named(key, this.#names.get(key) ?? this.#scope.claim(wanted), make);
  }

  /** Reserves the name before its schema is made: a type may hold itself. */
  #named(key: string, name: string, make: () => JsonSchema): JsonSchema {
    if (!this.#names.has(key)) {
      this.#names.set(key, name);
      this.$defs[name] = {};
      this.#queue.push(() => {
        this.$defs[name] = make();
      });
    }
    return { $ref: `#/$defs/${name}` };
  }
}

/** Simple content that travels as the bare value. */
export const isBareValue = (shape: ComplexShape): boolean =>
  shape.text !== undefined &&
  shape.attributes.length === 0 &&
  shape.anyAttribute === undefined &&
  shape.derived === undefined;

const wrapped = (value: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: { value },
  required: ['value'],
  additionalProperties: false,
});

const once = ({ name: _, ...group }: GroupParticle): GroupParticle => group;
