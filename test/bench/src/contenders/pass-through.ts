import { fastify } from 'fastify';
import { openPool } from '../load.ts';
import { SIZE_NAMES, pathOf } from '../payload.ts';

/** What any gateway costs at the least: a bare Fastify that hands the body to the backend and the answer back. */
const origin = process.argv[2]!;
const pool = openPool(origin);
const server = fastify();
const headers = { 'content-type': 'application/json' };

// The bytes as they came: parsing them would be work that a pass-through does not do.
server.removeAllContentTypeParsers();
server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

for (const path of SIZE_NAMES.map(pathOf))
  server.post(path, async (request, reply) => {
    const { statusCode, body } = await pool.request({ path, method: 'POST', headers, body: request.body as Buffer });
    return reply
      .code(statusCode)
      .type('text/xml')
      .send(Buffer.from(await body.arrayBuffer()));
  });

await server.listen({ port: 0, host: '127.0.0.1' });
process.once('disconnect', () => process.exit());
process.send!({ ready: (server.server.address() as { port: number }).port });
