import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Failure } from '@bailey/contract';
import { IdentityError, type ActiveSpan, type Identity, type Principal } from '@bailey/platform';
import type { ControlPlane } from '../deps.ts';
import { createOriginCheck } from './origin.ts';
import { OPEN_PATHS } from './roles.ts';

const principals = new WeakMap<FastifyRequest, Principal>();
const spans = new WeakMap<FastifyRequest, ActiveSpan>();

/** Who was admitted; undefined on the open paths alone. */
export const principalOf = (request: FastifyRequest): Principal | undefined => principals.get(request);

/** Who a change is written down to. */
export const actorOf = (request: FastifyRequest): string => principalOf(request)!.subject;

export const spanOf = (request: FastifyRequest): ActiveSpan | undefined => spans.get(request);

const first = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

/** Consul's clients send the same key in a header of their own. */
const credentialOf = ({ headers }: FastifyRequest): string | undefined => {
  const token = first(headers['x-consul-token']);
  return headers.authorization ?? (token === undefined ? undefined : `Bearer ${token}`);
};

const unauthenticated = (error: unknown): Failure => {
  if (!(error instanceof IdentityError)) return Failure.from(error);
  return Failure.of('UNAUTHENTICATED', `Checking the credential: ${error.message}`, { cause: error });
};

const admit = async (identity: Identity, request: FastifyRequest): Promise<void> => {
  if (OPEN_PATHS.has(request.url.split('?', 1)[0]!)) return;
  try {
    principals.set(request, await identity.verify(credentialOf(request)));
  } catch (error) {
    throw unauthenticated(error);
  }
};

const trace = ({ telemetry }: ControlPlane, request: FastifyRequest): void => {
  const { method, headers, routeOptions } = request;
  const route = routeOptions.url ?? '*';
  const parent = { traceparent: first(headers['traceparent']), tracestate: first(headers['tracestate']) };
  const attributes = { 'http.request.method': method, 'http.route': route };
  spans.set(request, telemetry.tracing.start(`${method} ${route}`, 'server', parent, attributes));
};

/**
 * What every request passes before a byte of its body is read: the origin check, then the credential. Paths that do
 * not exist are no exception, so that a stranger learns nothing from a 404.
 */
export const registerAdmission = (server: FastifyInstance, plane: ControlPlane): void => {
  const checkOrigin = createOriginCheck(plane.settings.host);
  server.addHook('onRequest', async (request, reply) => {
    trace(plane, request);
    void reply.headers({
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
    });
    checkOrigin(request.headers.host, request.headers.origin);
    await admit(plane.identity, request);
  });
  server.addHook('onResponse', async (request, reply) => {
    const span = spanOf(request);
    span?.set({ 'http.response.status_code': reply.statusCode });
    span?.end();
  });
};
