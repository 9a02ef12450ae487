import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '@bailey/contract';
import type { LiveBridge, Snapshot } from '@bailey/bridges';
import type { DataPlane } from './deps.ts';
import { Exchange } from './exchange.ts';
import { requireLookAround } from './introspection.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

type Page = (
  request: FastifyRequest,
) => { type: string; body: string | Buffer } | Promise<{ type: string; body: string | Buffer }>;

const indexEntry = (bridge: LiveBridge) => ({
  name: bridge.name,
  title: bridge.title,
  system: bridge.system,
  adapter: bridge.adapter,
  revision: bridge.revision,
  state: bridge.status().state,
  openapi: `/api/${bridge.name}/openapi.json`,
  graphql: `/graphql/${bridge.name}`,
  operations: bridge.rest.routes().map(({ operation, methods, title, effect }) => ({
    name: operation,
    path: `/api/${bridge.name}/${operation}`,
    methods,
    title,
    effect,
  })),
});

const indexOf = (snapshot: Snapshot): string =>
  JSON.stringify({ bridges: [...snapshot.bridges.values()].map(indexEntry) });

const openApiOf = (snapshot: Snapshot, name: string): string => {
  const bridge = snapshot.bridges.get(name);
  if (!bridge) throw Failure.of('UNKNOWN_BRIDGE', `There is no bridge of the name "${name.slice(0, 80)}".`);
  return bridge.openApi();
};

const swaggerFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const SWAGGER_ASSETS: Record<string, string> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
};

const DOCS_PAGE = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Bailey: APIs</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="apis"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
`;
const DOCS_SCRIPT = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#apis', deepLinking: true, validatorUrl: null });\n`;

// Descriptions come from WSDLs that strangers wrote: nothing in them may run, or reach out.
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

const docsAsset = async (name: string): Promise<{ type: string; body: string | Buffer }> => {
  if (name === 'start.js') return { type: 'text/javascript; charset=utf-8', body: DOCS_SCRIPT };
  const type = Object.hasOwn(SWAGGER_ASSETS, name) ? SWAGGER_ASSETS[name] : undefined;
  if (type === undefined) throw Failure.of('UNKNOWN_PATH', 'There is no such page.');
  return { type, body: await readFile(join(swaggerFolder, name)) };
};

const paramOf = (request: FastifyRequest, name: string): string => (request.params as Record<string, string>)[name]!;

/** What can be read of the APIs: the index, OpenAPI, and a page to try them. */
export const registerPages = (server: FastifyInstance, plane: DataPlane): void => {
  const snapshot = (): Snapshot => plane.keeper.current();

  const serve =
    (route: string, isOpen: boolean, page: Page) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const exchange = new Exchange(plane, request, reply, route);
      try {
        if (!isOpen) await requireLookAround(plane, request);
        const { type, body } = await page(request);
        const headers = { 'content-type': type, 'x-content-type-options': 'nosniff' };
        return exchange.end(
          200,
          body,
          route.startsWith('/docs') ? { ...headers, 'content-security-policy': DOCS_POLICY } : headers,
        );
      } catch (error) {
        return exchange.refuse(error);
      }
    };
  const get = (path: string, route: string, isOpen: boolean, page: Page): void =>
    void server.get(path, serve(route, isOpen, page));

  get('/api', '/api', false, () => ({ type: JSON_TYPE, body: indexOf(snapshot()) }));
  get('/api/:bridge/openapi.json', '/api/{bridge}/openapi.json', false, (request) => ({
    type: JSON_TYPE,
    body: openApiOf(snapshot(), paramOf(request, 'bridge')),
  }));
  get('/openapi.json', '/openapi.json', false, () => ({ type: JSON_TYPE, body: snapshot().openApi() }));
  get('/docs', '/docs', true, () => ({ type: 'text/html; charset=utf-8', body: DOCS_PAGE }));
  get('/docs/:asset', '/docs/{asset}', true, (request) => docsAsset(paramOf(request, 'asset')));
};
