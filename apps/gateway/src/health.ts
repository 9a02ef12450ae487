import type { FastifyInstance } from 'fastify';
import type { DataPlane } from './deps.ts';

const verbose = ({ keeper, settings }: DataPlane) => {
  const { generation, bridges } = keeper.current();
  return {
    replica: settings.replica,
    source: keeper.source,
    generation,
    problems: keeper.problems(),
    bridges: [...bridges.values()].map((bridge) => ({
      name: bridge.name,
      revision: bridge.revision,
      ...bridge.status(),
    })),
  };
};

const stateOf = (plane: DataPlane): 'ready' | 'starting' | 'draining' => {
  if (plane.isDraining()) return 'draining';
  return plane.keeper.source === 'none' ? 'starting' : 'ready';
};

/**
 * The probes. A pod is ready when it has something to serve: a legacy system that is down, or a store that is away,
 * makes no pod unready, for no other pod could do better.
 */
export const registerHealth = (server: FastifyInstance, plane: DataPlane): void => {
  server.get('/livez', async () => ({ status: 'alive' }));
  for (const path of ['/readyz', '/startupz'])
    server.get(path, async (request, reply) => {
      const status = stateOf(plane);
      const isVerbose = new URL(request.url, 'http://local').searchParams.has('verbose');
      return reply.code(status === 'ready' ? 200 : 503).send({ status, ...(isVerbose ? verbose(plane) : {}) });
    });
  server.get('/metrics', async (request, reply) => {
    const { contentType, body } = await plane.telemetry.metrics.render(request.headers.accept);
    return reply.header('content-type', contentType).send(body);
  });
};
