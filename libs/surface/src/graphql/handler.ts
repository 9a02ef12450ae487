import { GraphQLError, type ExecutionArgs, type ExecutionResult, type GraphQLSchema } from './graphql-js.ts';
import { createHandler, type RequestParams } from 'graphql-http';
import { DocumentCache, type PreparedDocument } from './document-cache.ts';
import { formatError, type ErrorView } from './errors.ts';
import type { GraphqlHandler, GraphqlRequest } from './types.ts';

export interface GraphqlHandlerOptions {
  /** Asked once a request: the request is parsed, validated and executed on this one. */
  schema: () => GraphQLSchema;
  /** Who may ask about the schema, and be offered near names. */
  introspection: (context: unknown) => boolean;
  /** For `extensions.traceId`. */
  traceId?: ((context: unknown) => string | undefined) | undefined;
}

/** Execution arguments in the shape graphql-http passes through, with the prepared document beside them. */
interface Prepared extends ExecutionArgs {
  prepared: PreparedDocument;
  view: ErrorView;
}

const caches = new WeakMap<GraphQLSchema, DocumentCache>();

const cacheOf = (schema: GraphQLSchema): DocumentCache => {
  let cache = caches.get(schema);
  if (cache === undefined) caches.set(schema, (cache = new DocumentCache(schema)));
  return cache;
};

const asGraphQLError = (error: unknown): GraphQLError =>
  error instanceof GraphQLError ? error : new GraphQLError((error as Error).message, { originalError: error as Error });

const withProblems = (result: ExecutionResult, view: ErrorView): ExecutionResult =>
  result.errors === undefined ? result : { ...result, errors: result.errors.map((error) => formatError(error, view)) };

const executePrepared = async (args: ExecutionArgs): Promise<ExecutionResult> => {
  const { prepared, view, variableValues, contextValue } = args as Prepared;
  return withProblems(await prepared.run((variableValues ?? {}) as Record<string, unknown>, contextValue), view);
};

const prepare = (
  context: unknown,
  params: RequestParams,
  options: GraphqlHandlerOptions,
): Prepared | readonly GraphQLError[] => {
  const suggests = options.introspection(context);
  const view = { suggests, traceId: options.traceId?.(context) };
  const schema = options.schema();
  const found = cacheOf(schema).get(params.query, params.operationName ?? undefined, suggests);
  if (Array.isArray(found)) return found.map((error: GraphQLError) => formatError(error, view));
  const prepared = found as PreparedDocument;
  return {
    schema,
    document: prepared.document,
    operationName: params.operationName,
    variableValues: params.variables,
    contextValue: context,
    prepared,
    view,
  };
};

/** graphql-http's own complaints about the request; ours have their problem document already. */
const formatRequestError = (error: GraphQLError | Error): GraphQLError =>
  error instanceof GraphQLError && error.extensions['code'] !== undefined
    ? error
    : formatError(asGraphQLError(error instanceof GraphQLError ? error : new GraphQLError(error.message)), {
        suggests: false,
        traceId: undefined,
      });

/**
 * GraphQL over HTTP (the working group's specification), independent of any server. POST takes `application/json`
 * only, which no form or image can send, and GET runs queries only: a foreign page can change nothing.
 */
export const createGraphqlHandler = (options: GraphqlHandlerOptions): GraphqlHandler => {
  const handle = createHandler<unknown, { request: unknown }, undefined>({
    // Neither the schema nor the context is graphql-http's to choose: `prepare` gives both.
    onSubscribe: (request, params) => prepare(request.raw, params, options) as never,
    execute: executePrepared as never,
    formatError: formatRequestError,
  });
  return async (request) => {
    const [body, { status, headers }] = await handle(adapt(request));
    return { status, headers: { ...headers }, body: body ?? '' };
  };
};

const adapt = ({ method, url, headers, body, context }: GraphqlRequest) => ({
  method,
  url,
  headers: { get: (name: string) => [headers[name]].flat().join(', ') || null },
  body: body ?? null,
  raw: context,
  context: { request: context },
});
