import type { FastifyReply, FastifyRequest } from 'fastify';
import { Failure, type Caller, type Value } from '@bailey/contract';
import type { LiveBridge, Snapshot } from '@bailey/bridges';
import { createGraphqlHandler, type GraphqlCall, type GraphqlHandler } from '@bailey/surface';
import { callerOf } from './caller.ts';
import type { DataPlane } from './deps.ts';
import { Exchange } from './exchange.ts';
import { mayLookAround } from './introspection.ts';

/** What a resolver knows of its request. One snapshot serves it from validation to the last field. */
interface GraphqlContext {
  snapshot: Snapshot;
  exchange: Exchange;
  caller: Caller;
  mayLookAround: boolean;
}

/** The one resolver of all fields: the same compiled call that REST makes. */
export const callFromGraphql: GraphqlCall = async (bridgeName, operationName, input, context) => {
  const { snapshot, exchange, caller } = context as GraphqlContext;
  const live = snapshot.bridges.get(bridgeName)?.operations.get(operationName);
  if (!live) throw Failure.of('UNKNOWN_OPERATION', `The bridge "${bridgeName}" has no operation "${operationName}".`);
  const reply = await live.handle(exchange.call(live.operation, caller, input));
  return reply.value() as Value | undefined;
};

type Schema = ReturnType<Snapshot['schema']>;

const handlers = new WeakMap<Schema, GraphqlHandler>();

/** One handler a schema, and with it one cache of compiled documents: it goes when its snapshot goes. */
const handlerOf = (schema: Schema): GraphqlHandler => {
  let handler = handlers.get(schema);
  if (!handler) {
    handler = createGraphqlHandler({
      schema: () => schema,
      introspection: (context) => (context as GraphqlContext).mayLookAround,
      traceId: (context) => (context as GraphqlContext).exchange.span.traceId,
    });
    handlers.set(schema, handler);
  }
  return handler;
};

const requireBridge = (snapshot: Snapshot, name: string): LiveBridge => {
  const bridge = snapshot.bridges.get(name);
  if (!bridge) throw Failure.of('UNKNOWN_BRIDGE', `There is no bridge of the name "${name.slice(0, 80)}".`);
  return bridge;
};

const serve = async (
  plane: DataPlane,
  request: FastifyRequest,
  exchange: Exchange,
  name: string | undefined,
): Promise<FastifyReply> => {
  const { keeper, identity } = plane;
  const caller = await callerOf(identity, keeper.current(), request.headers);
  // Snapshot and leases in one turn: at any await between them a bridge could be closed.
  const snapshot = keeper.current();
  const served = name === undefined ? [...snapshot.bridges.values()] : [requireBridge(snapshot, name)];
  const leases = served.map((bridge) => keeper.enter(bridge));
  try {
    const schema = name === undefined ? snapshot.schema() : snapshot.bridgeSchema(name)!;
    const context: GraphqlContext = { snapshot, exchange, caller, mayLookAround: mayLookAround(plane, caller) };
    const { method, url, headers, body } = request;
    const text = (body as Buffer | undefined)?.toString('utf8');
    const answer = await handlerOf(schema)({ method, url, headers, body: text, context });
    return exchange.end(answer.status, answer.body, answer.headers);
  } finally {
    for (const leave of leases) leave();
  }
};

/** `/graphql` over all bridges, `/graphql/{bridge}` over one. */
export const graphqlHandler =
  (plane: DataPlane) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { bridge } = request.params as { bridge?: string };
    const exchange = new Exchange(plane, request, reply, bridge === undefined ? '/graphql' : '/graphql/{bridge}');
    try {
      return await serve(plane, request, exchange, bridge);
    } catch (error) {
      return exchange.refuse(error);
    }
  };
