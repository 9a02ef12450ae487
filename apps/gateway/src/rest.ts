import type { FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '@bailey/contract';
import type { LiveBridge, Snapshot } from '@bailey/bridges';
import { nearestName } from '@bailey/platform';
import { callerOf } from './caller.ts';
import type { DataPlane } from './deps.ts';
import { Exchange, pathOf } from './exchange.ts';
import { mayLookAround } from './introspection.ts';

const ROUTE = '/api/{bridge}/{operation}';
const PREFIX = '/api/';

const decodeSegments = (path: string): string[] => {
  try {
    return path.slice(PREFIX.length).split('/').map(decodeURIComponent);
  } catch {
    throw Failure.of('INVALID_INPUT', 'Reading the path: it is not valid percent-encoding.');
  }
};

const queryOf = (url: string): URLSearchParams => {
  const at = url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
};

const bridgeNamed = (snapshot: Snapshot, name: string, mayHint: boolean): LiveBridge => {
  const bridge = snapshot.bridges.get(name);
  if (bridge) return bridge;
  const near = mayHint ? nearestName(name, [...snapshot.bridges.keys()]) : undefined;
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  throw Failure.of('UNKNOWN_BRIDGE', `There is no bridge of the name "${name.slice(0, 80)}".${hint}`);
};

const serve = async (plane: DataPlane, request: FastifyRequest, exchange: Exchange): Promise<FastifyReply> => {
  const { keeper, identity } = plane;
  const known = callerOf(identity, keeper.current(), request.headers);
  const caller = known instanceof Promise ? await known : known;
  const [name = '', ...segments] = decodeSegments(pathOf(request.url));
  // From here to `enter` nothing may wait: the snapshot may be replaced, and the bridge closed, at any await.
  const bridge = bridgeNamed(keeper.current(), name, mayLookAround(plane, caller));
  const leave = keeper.enter(bridge);
  let operationName: string | undefined;
  try {
    const { method, headers, url } = request;
    const operation = segments.length === 1 ? bridge.operations.get(segments[0]!) : undefined;
    operationName = operation?.operation.name;
    const body = request.body as Uint8Array | undefined;
    const matched = bridge.rest.match({
      method,
      segments,
      query: queryOf(url),
      contentType: headers['content-type'],
      body,
    });
    const live = bridge.operations.get(matched.operation.name)!;
    const reply = await live.handle(exchange.call(live.operation, caller, matched.input));
    return exchange.answer(live.operation, reply);
  } catch (error) {
    return exchange.refuse(error, { system: bridge.system, operation: operationName });
  } finally {
    leave();
  }
};

/** `GET|POST /api/{bridge}/{operation}`: straight from the listener to the compiled call. */
export const restHandler =
  (plane: DataPlane) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const exchange = new Exchange(plane, request, reply, ROUTE);
    try {
      return await serve(plane, request, exchange);
    } catch (error) {
      return exchange.refuse(error);
    }
  };
