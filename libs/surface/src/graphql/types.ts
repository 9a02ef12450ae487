import type { Effect, Value } from '@bailey/contract';
import type { GraphQLFieldConfigArgumentMap, GraphQLOutputType } from './graphql-js.ts';

/**
 * Runs an operation. `fields` are the API names of the answer's properties that the document selects; undefined
 * as result means no content. Throws {@link Failure}s.
 */
export interface GraphqlCall {
  (bridge: string, operation: string, input: Value, context: unknown, fields: string[]): Promise<Value | undefined>;
}

/** One field of Query or Mutation before it knows who answers. */
export interface RootField {
  name: string;
  operation: string;
  effect: Effect;
  description?: string | undefined;
  deprecationReason?: string | undefined;
  type: GraphQLOutputType;
  args: GraphQLFieldConfigArgumentMap;
  /** GraphQL arguments → the operation's input. */
  toInput(args: Readonly<Record<string, unknown>>): Value;
  /** The operation's answer → the value of the field; selection and renaming are in the types. */
  toResult(value: Value | undefined): unknown;
  /** GraphQL field name → API name, for the first level of the answer. */
  selectable: ReadonlyMap<string, string>;
}

/** The GraphQL types of one bridge, as objects: made once a revision, shared by every schema they stand in. */
export interface BridgeTypeMap {
  readonly bridge: string;
  readonly system?: string | undefined;
  readonly fields: readonly RootField[];
}

/** An HTTP request for GraphQL, already read; header names in lower case. */
export interface GraphqlRequest {
  method: string;
  url: string;
  headers: Record<string, string | string[] | undefined>;
  body: string | undefined;
  /** Handed to `introspection` and to every {@link GraphqlCall}. */
  context: unknown;
}

export interface GraphqlResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export type GraphqlHandler = (request: GraphqlRequest) => Promise<GraphqlResponse>;
