import { pascalName, type JsonSchema } from '@bailey/contract';
import {
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLUnionType,
  type GraphQLFieldConfig,
  type GraphQLOutputType,
} from './graphql-js.ts';
import { allowsNull, flatten, refName, resolve, type Definitions, withoutNull } from '../schema-shape.ts';
import { shapeOf, type Member, type Shape } from './object-shape.ts';
import { JSON_VALUE } from './scalars.ts';
import { enumOf, scalarOf } from './single-value.ts';
import type { TypeNames, TypePath } from './type-names.ts';

type Row = Readonly<Record<string, unknown>>;

const ownProperty = (property: string) => (row: Row) => (Object.hasOwn(row, property) ? row[property] : undefined);

/** Default resolution reads `row.name`; that must not find what `Object.prototype` has (`toString`, `constructor`). */
const needsResolver = ({ name, property }: Member): boolean => name !== property || name in {};

/** The GraphQL types of one bridge's answers. Recursion ends because fields are built on first use. */
export class OutputTypes {
  readonly #defs: Definitions;
  readonly #names: TypeNames;
  readonly #defNames: ReadonlyMap<string, string>;
  readonly #named = new Map<string, GraphQLOutputType>();

  constructor(defs: Definitions, names: TypeNames) {
    this.#defs = defs;
    this.#names = names;
    // All at once and in the contract's order, so that a name depends on nothing but the contract.
    this.#defNames = new Map(Object.keys(defs).map((def) => [def, names.claim(def)]));
  }

  /** `path` names the type if the schema is anonymous: `GetPolicyResult`. */
  typeOf(given: JsonSchema, path: TypePath): GraphQLOutputType {
    // "X or null" is X here: built anew at each place, a recursive X would never end.
    const schema = withoutNull(given);
    const def = refName(schema);
    if (def === undefined || !this.#defNames.has(def))
      return this.#build(schema, path, () => this.#names.claim(path()));
    const known = this.#named.get(def);
    if (known !== undefined) return known;
    // A list of itself has no object in between to break the circle; it is JSON.
    this.#named.set(def, JSON_VALUE);
    const type = this.#build(
      resolve(schema, this.#defs),
      () => def,
      () => this.#defNames.get(def)!,
    );
    this.#named.set(def, type);
    return type;
  }

  #build(schema: JsonSchema, path: TypePath, claim: () => string): GraphQLOutputType {
    const def = refName(schema);
    const flat = flatten(schema, this.#defs);
    if (def === undefined && refName(flat) !== undefined) return this.typeOf(flat, path);
    const shape = shapeOf(flat, this.#defs);
    if (shape.kind === 'list') return this.#listOf(shape.item, path);
    if (shape.kind === 'object') return this.#objectOf(shape, flat, path, claim());
    if (shape.kind === 'union') return this.#unionOf(shape, flat, path, claim());
    return shape.kind === 'empty' ? JSON_VALUE : (enumOf(flat, claim) ?? scalarOf(flat));
  }

  #listOf(item: JsonSchema, path: TypePath): GraphQLOutputType {
    const type = this.typeOf(item, path);
    return new GraphQLList(allowsNull(item, this.#defs) ? type : new GraphQLNonNull(type as GraphQLObjectType));
  }

  #objectOf(
    { members }: Extract<Shape, { kind: 'object' }>,
    { description }: JsonSchema,
    path: TypePath,
    name: string,
  ): GraphQLObjectType {
    const field = (member: Member): GraphQLFieldConfig<Row, unknown> => ({
      type: this.typeOf(member.schema, () => path() + pascalName(member.name)),
      description: member.schema.description,
      ...(needsResolver(member) ? { resolve: ownProperty(member.property) } : {}),
    });
    return new GraphQLObjectType<Row>({
      name,
      description,
      fields: () => Object.fromEntries(members.map((member) => [member.name, field(member)])),
    });
  }

  #unionOf(
    { property, variants }: Extract<Shape, { kind: 'union' }>,
    { description }: JsonSchema,
    path: TypePath,
    name: string,
  ): GraphQLOutputType {
    const types = new Map<string, GraphQLObjectType>();
    const build = () => {
      for (const { value, schema } of variants)
        types.set(value, this.typeOf(schema, () => path() + pascalName(value)) as GraphQLObjectType);
      return [...types.values()];
    };
    return new GraphQLUnionType({
      name,
      description,
      types: build,
      resolveType: (row: Row) => types.get(String(row[property]))?.name,
    });
  }
}
