import { Failure, NameScope, camelName, pascalName, type JsonSchema, type Value } from '@bailey/contract';
import {
  GraphQLBoolean,
  GraphQLInputObjectType,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLInputFieldConfig,
  type GraphQLInputType,
} from './graphql-js.ts';
import { allowsNull, flatten, refName, resolve, type Definitions, withoutNull } from '../schema-shape.ts';
import { shapeOf, type Member, type Shape } from './object-shape.ts';
import { INT64, JSON_VALUE } from './scalars.ts';
import { enumOf, scalarOf } from './single-value.ts';
import type { TypeNames, TypePath } from './type-names.ts';

/** A GraphQL value → the contract's value. Never sees null or undefined. */
type Mapper = (value: unknown) => Value;

/** An input type and the way back from it to the contract's names and forms. */
export interface InputType {
  type: GraphQLInputType;
  toValue: Mapper;
}

type Objects = Readonly<Record<string, unknown>>;

const asIs: Mapper = (value) => value as Value;
const JSON_INPUT: InputType = { type: JSON_VALUE, toValue: asIs };

/** GraphQL's Int64 carries text; where REST has a JSON number, so has the input. What does not fit stays text for the validator. */
const toNumber: Mapper = (text) =>
  /^-?[0-9]+$/.test(text as string) && Number.isSafeInteger(Number(text)) ? Number(text) : (text as string);

const mapMembers =
  (members: readonly (readonly [Member, InputType])[], constants: readonly [string, Value][]) =>
  (input: Objects): Value => {
    const object = Object.create(null) as Record<string, Value>;
    for (const [property, value] of constants) object[property] = value;
    for (const [{ name, property }, { toValue }] of members) {
      const value = input[name];
      // Absent and null are two things: only what was sent is passed on.
      if (value !== undefined && Object.hasOwn(input, name)) object[property] = value === null ? null : toValue(value);
    }
    return object;
  };

/** The GraphQL input types of one bridge. */
export class InputTypes {
  readonly #defs: Definitions;
  readonly #names: TypeNames;
  readonly #defNames: ReadonlyMap<string, string>;
  readonly #named = new Map<string, InputType>();

  constructor(defs: Definitions, names: TypeNames) {
    this.#defs = defs;
    this.#names = names;
    this.#defNames = new Map(Object.keys(defs).map((def) => [def, names.claim(def, 'Input')]));
  }

  /** `path` names the type if the schema is anonymous. */
  typeOf(given: JsonSchema, path: TypePath): InputType {
    // "X or null" is X here: built anew at each place, a recursive X would never end.
    const schema = withoutNull(given);
    const def = refName(schema);
    if (def === undefined || !this.#defNames.has(def))
      return this.#build(schema, path, () => this.#names.claim(path(), 'Input'));
    const known = this.#named.get(def);
    if (known !== undefined) return known;
    this.#named.set(def, JSON_INPUT);
    const input = this.#build(
      resolve(schema, this.#defs),
      () => def,
      () => this.#defNames.get(def)!,
    );
    this.#named.set(def, input);
    return input;
  }

  /** Arguments or fields of an object, and the mapper of all of them together. */
  fieldsOf(
    { members, constants }: Extract<Shape, { kind: 'object' }>,
    path: TypePath,
    isOptional: boolean,
  ): { fields: Record<string, GraphQLInputFieldConfig>; toValue: (input: Objects) => Value } {
    const typed = members.map(
      (member) => [member, this.typeOf(member.schema, () => path() + pascalName(member.name))] as const,
    );
    const fields = Object.fromEntries(
      typed.map(([member, { type }]) => [member.name, this.#fieldOf(member, type, isOptional)]),
    );
    return { fields, toValue: mapMembers(typed, constants) };
  }

  #fieldOf({ schema, required }: Member, type: GraphQLInputType, isOptional: boolean): GraphQLInputFieldConfig {
    const isNeeded = required && !isOptional && !allowsNull(schema, this.#defs);
    return {
      type: isNeeded ? new GraphQLNonNull(type as GraphQLInputObjectType) : type,
      description: schema.description,
    };
  }

  #build(schema: JsonSchema, path: TypePath, claim: () => string): InputType {
    const flat = flatten(schema, this.#defs);
    if (refName(flat) !== undefined) return this.typeOf(flat, path);
    const shape = shapeOf(flat, this.#defs);
    if (shape.kind === 'list') return this.#listOf(shape.item, path);
    if (shape.kind === 'object') return this.#objectOf(shape, flat, path, claim());
    if (shape.kind === 'union') return this.#unionOf(shape, flat, path, claim());
    return shape.kind === 'empty' ? JSON_INPUT : this.#singleOf(flat, claim);
  }

  #singleOf(schema: JsonSchema, claim: () => string): InputType {
    const enumType = enumOf(schema, claim);
    const type = enumType ?? scalarOf(schema);
    const isNumber = type === INT64 && schema.type === 'integer';
    return { type, toValue: isNumber ? toNumber : asIs };
  }

  #listOf(schema: JsonSchema, path: TypePath): InputType {
    const item = this.typeOf(schema, path);
    const mapItem = (value: unknown): Value => (value === null ? null : item.toValue(value));
    const type = allowsNull(schema, this.#defs) ? item.type : new GraphQLNonNull(item.type as GraphQLInputObjectType);
    return { type: new GraphQLList(type), toValue: (values) => (values as unknown[]).map(mapItem) };
  }

  #objectOf(
    shape: Extract<Shape, { kind: 'object' }>,
    { description }: JsonSchema,
    path: TypePath,
    name: string,
  ): InputType {
    let built: ReturnType<InputTypes['fieldsOf']> | undefined;
    const build = () => (built ??= this.fieldsOf(shape, path, shape.isChoice));
    const type = new GraphQLInputObjectType({
      name,
      description,
      isOneOf: shape.isChoice,
      fields: () => build().fields,
    });
    return { type, toValue: (value) => build().toValue(value as Objects) };
  }

  /** `{circle: {…}}` → `{"$type": "Circle", …}`. */
  #unionOf(
    { property, variants }: Extract<Shape, { kind: 'union' }>,
    { description }: JsonSchema,
    path: TypePath,
    name: string,
  ): InputType {
    const scope = new NameScope();
    const keys = variants.map((variant) => ({ ...variant, key: scope.claim(camelName(variant.value)) }));
    const inputs = new Map<string, InputType & { value: string }>();
    const build = (): Record<string, GraphQLInputFieldConfig> => {
      for (const { key, value, schema } of keys)
        inputs.set(key, { ...this.#variantOf(schema, () => path() + pascalName(value)), value });
      return Object.fromEntries([...inputs].map(([key, { type }]) => [key, { type }]));
    };
    const type = new GraphQLInputObjectType({ name, description, isOneOf: true, fields: build });
    return { type, toValue: (value) => this.#tagged(value as Objects, inputs, property) };
  }

  /** A variant of nothing but its tag is chosen by `true`. */
  #variantOf(schema: JsonSchema, path: TypePath): InputType {
    const { properties = {} } = flatten(schema, this.#defs);
    const isBare = Object.keys(properties).length === 1 && Object.values(properties)[0]!.const !== undefined;
    return isBare
      ? { type: GraphQLBoolean, toValue: () => Object.create(null) as Record<string, Value> }
      : this.typeOf(schema, path);
  }

  #tagged(input: Objects, inputs: ReadonlyMap<string, InputType & { value: string }>, property: string): Value {
    const [key, ...others] = Object.keys(input);
    const chosen = others.length === 0 && key !== undefined ? inputs.get(key) : undefined;
    if (chosen === undefined)
      throw Failure.of('INVALID_INPUT', 'Reading the arguments: exactly one alternative of a choice is expected.');
    return Object.assign(
      Object.create(null) as object,
      { [property]: chosen.value },
      chosen.toValue(input[key!]),
    ) as Value;
  }
}
