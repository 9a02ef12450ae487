import { graphqlScalar, type JsonSchema } from '@bailey/contract';
import { GraphQLEnumType, type GraphQLScalarType } from './graphql-js.ts';
import { soleType } from '../schema-shape.ts';
import { FLOAT, INT64, JSON_VALUE, SCALARS } from './scalars.ts';
import { areEnumNames } from './type-names.ts';

const INT32 = 2 ** 31;

const integerType = ({ minimum = -Infinity, maximum = Infinity }: JsonSchema): GraphQLScalarType =>
  minimum >= -INT32 && maximum < INT32 ? SCALARS['Int']! : INT64;

/** The scalar of a single value; `JSON` where nothing narrower can be said. */
export const scalarOf = (schema: JsonSchema): GraphQLScalarType => {
  const byFormat = graphqlScalar(schema.format);
  if (byFormat !== undefined) return SCALARS[byFormat]!;
  const type = soleType(schema);
  if (type === 'integer') return integerType(schema);
  if (type === 'number') return FLOAT;
  return (type === 'boolean' ? SCALARS['Boolean'] : type === 'string' ? SCALARS['String'] : undefined) ?? JSON_VALUE;
};

/** An enum where all values are legal names; its name is claimed only then. */
export const enumOf = (schema: JsonSchema, claim: () => string): GraphQLEnumType | undefined => {
  if (schema.enum === undefined || schema.format !== undefined || !areEnumNames(schema.enum)) return undefined;
  const values = Object.fromEntries(schema.enum.map((value) => [value, { value }]));
  return new GraphQLEnumType({ name: claim(), description: schema.description, values });
};
