import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '@bailey/contract';
import type { DataPlane } from './deps.ts';
import { Exchange } from './exchange.ts';
import { graphqlHandler } from './graphql.ts';
import { registerHealth } from './health.ts';
import { registerPages } from './pages.ts';
import { restHandler } from './rest.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** What Fastify refuses before a handler sees the request. */
const refusalOf = (error: unknown): Failure => {
  const status = (error as { statusCode?: number }).statusCode;
  if (status === 413) return Failure.of('BODY_TOO_LARGE', 'Reading the body: it is larger than is accepted here.');
  if (status === 415) return Failure.of('UNSUPPORTED_MEDIA_TYPE', 'Reading the body: send application/json.');
  if (status !== undefined && status < 500)
    return Failure.of('MALFORMED_JSON', 'Reading the request: it is not well formed.', { cause: error });
  return Failure.from(error);
};

const unknownPath = (plane: DataPlane) => async (request: FastifyRequest, reply: FastifyReply) =>
  new Exchange(plane, request, reply, '/*').refuse(
    Failure.of('UNKNOWN_PATH', 'Nothing is served at this path; see /api for what is.'),
  );

/** A path that Fastify cannot even decode reaches no route. */
export const refuseBadPath =
  (plane: DataPlane) =>
  (_error: unknown, request: FastifyRequest, reply: FastifyReply): void =>
    void new Exchange(plane, request, reply, '/*').refuse(
      Failure.of('INVALID_INPUT', 'Reading the path: it is not valid percent-encoding.'),
    );

/** Routes that change the moment a snapshot does are one wildcard: Fastify's own table is fixed at the start. */
export const registerDataPlane = async (server: FastifyInstance, plane: DataPlane): Promise<void> => {
  // A scope of its own, so that neither Nest's parsers nor its error handler stand between a request and its call.
  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.setErrorHandler((error, request, reply) => {
      if (reply.sent) return;
      void new Exchange(plane, request, reply, '/*').refuse(refusalOf(error));
    });
    registerHealth(scope, plane);
    registerPages(scope, plane);
    scope.route({ method: METHODS, url: '/api/*', exposeHeadRoute: false, handler: restHandler(plane) });
    const graphql = graphqlHandler(plane);
    scope.route({ method: METHODS, url: '/graphql', exposeHeadRoute: false, handler: graphql });
    scope.route({ method: METHODS, url: '/graphql/:bridge', exposeHeadRoute: false, handler: graphql });
    scope.route({ method: METHODS, url: '/*', exposeHeadRoute: false, handler: unknownPath(plane) });
  });
};
