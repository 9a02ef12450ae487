// By the file that Node takes for 'graphql', or a bundler's copy would not know the types of this one.
import { GraphQLScalarType } from 'graphql/index.js';

/** Labels and schemas: JSON as it stands. Output only. */
export const Json = new GraphQLScalarType({ name: 'JSON', description: 'Any JSON value.' });
