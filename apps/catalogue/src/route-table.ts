import type { FastifyInstance } from 'fastify';

/** Which methods a path has, so that the wrong one is told from an unknown path. */
export interface RouteTable {
  methodsAt(path: string): string[];
}

const patternOf = (url: string): RegExp =>
  new RegExp(`^${url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:[A-Za-z]+/g, '[^/]+')}/?$`);

/** Watches routes being registered, so it stands before them. */
export const watchRoutes = (server: FastifyInstance): RouteTable => {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>();
  server.addHook('onRoute', ({ url, method }) => {
    const route = routes.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
    for (const each of [method].flat()) route.methods.add(each);
    routes.set(url, route);
  });
  return {
    methodsAt: (path) =>
      [...routes.values()].filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => [...methods]),
  };
};
