import { Failure } from '@bailey/contract';
import {
  GraphQLBoolean,
  GraphQLObjectType,
  GraphQLSchema,
  type GraphQLFieldConfig,
  type GraphQLResolveInfo,
} from './graphql-js.ts';
import { OperationError } from './errors.ts';
import { selectedProperties } from './selection.ts';
import type { BridgeTypeMap, GraphqlCall, RootField } from './types.ts';

type Fields = Record<string, GraphQLFieldConfig<unknown, unknown>>;

const fieldOf = (
  { bridge, system }: BridgeTypeMap,
  field: RootField,
  call: GraphqlCall,
): GraphQLFieldConfig<unknown, unknown> => {
  const { type, args, description, deprecationReason, operation } = field;
  const resolve = async (
    _root: unknown,
    given: Record<string, unknown>,
    context: unknown,
    info: GraphQLResolveInfo,
  ) => {
    try {
      const answer = await call(
        bridge,
        operation,
        field.toInput(given),
        context,
        selectedProperties(info, field.selectable),
      );
      return field.toResult(answer);
    } catch (error) {
      throw new OperationError(Failure.from(error), { system, operation });
    }
  };
  return { type, args, description, deprecationReason, resolve };
};

const fieldsOf = (maps: readonly BridgeTypeMap[], call: GraphqlCall, isQuery: boolean): Fields => {
  const fields: Fields = {};
  for (const map of maps)
    for (const field of map.fields)
      if ((field.effect === 'read') === isQuery) fields[field.name] = fieldOf(map, field, call);
  return fields;
};

/** GraphQL has no schema without queries; a bridge of writes only still needs a Query type. */
const PLACEHOLDER: Fields = {
  _empty: {
    type: GraphQLBoolean,
    description: 'There is nothing to query here: all operations are mutations.',
    resolve: () => true,
  },
};

/** The schema of these bridges, in the order given. Types are taken over as they are; nothing goes through SDL. */
export const buildSchema = (maps: readonly BridgeTypeMap[], call: GraphqlCall): GraphQLSchema => {
  const queries = fieldsOf(maps, call, true);
  const mutations = fieldsOf(maps, call, false);
  return new GraphQLSchema({
    // The type maps are valid by construction, and proven so by tests; checking 2,000 types costs more than building them.
    assumeValid: true,
    query: new GraphQLObjectType({ name: 'Query', fields: Object.keys(queries).length > 0 ? queries : PLACEHOLDER }),
    mutation: Object.keys(mutations).length > 0 ? new GraphQLObjectType({ name: 'Mutation', fields: mutations }) : null,
  });
};
