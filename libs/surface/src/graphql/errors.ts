import { Failure, type Value } from '@bailey/contract';
import { GraphQLError } from './graphql-js.ts';
import { toProblem, type ProblemContext } from '../problem.ts';

/** A failure with the operation it happened in: what an answer of several operations needs to tell them apart. */
export class OperationError extends Error {
  override readonly name = 'OperationError';
  readonly failure: Failure;
  readonly where: ProblemContext;

  constructor(failure: Failure, where: ProblemContext) {
    super(failure.message, { cause: failure });
    this.failure = failure;
    this.where = where;
  }
}

// graphql-js offers near names in the message; they are for callers who may see the whole schema.
const SUGGESTION = / Did you mean [^?]*\?/g;

export interface ErrorView {
  traceId: string | undefined;
  suggests: boolean;
}

const problemOf = (failure: Failure, where: ProblemContext, { traceId }: ErrorView): Record<string, Value> =>
  toProblem(failure, { ...where, traceId }).body;

const located = (error: GraphQLError, message: string, extensions: Record<string, unknown>): GraphQLError =>
  new GraphQLError(message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    path: error.path ?? null,
    extensions,
  });

/** What graphql-js or graphql-jit itself has to say: about the document before execution, about the answer during it. */
const ofDocument = (error: GraphQLError, view: ErrorView): GraphQLError => {
  const message = view.suggests ? error.message : error.message.replace(SUGGESTION, '');
  const isAnswer = error.path !== undefined && !message.startsWith('Argument "');
  const code = isAnswer ? 'PROTOCOL_ERROR' : 'INVALID_INPUT';
  return withPlace(error, message, problemOf(Failure.of(code, message), {}, view));
};

/** graphql-jit makes errors with locations but without nodes; both kinds keep their place. */
const withPlace = (error: GraphQLError, message: string, extensions: Record<string, unknown>): GraphQLError => {
  const copy = located(error, message, extensions);
  if (copy.locations === undefined && error.locations !== undefined)
    Object.defineProperty(copy, 'locations', { value: error.locations, enumerable: true });
  return copy;
};

/** Every error that leaves: a problem document in `extensions`, and nothing of what we did not mean to say. */
export const formatError = (error: GraphQLError, view: ErrorView): GraphQLError => {
  const cause = error.originalError ?? undefined;
  if (cause instanceof OperationError)
    return withPlace(error, cause.message, problemOf(cause.failure, cause.where, view));
  if (cause === undefined || cause instanceof GraphQLError) return ofDocument(error, view);
  const failure = Failure.from(cause);
  return withPlace(error, failure.message, problemOf(failure, {}, view));
};
