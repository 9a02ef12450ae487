import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SIZE_NAMES, SIZES, envelope, pathOf } from './payload.ts';

/** The backend of all contenders, in a process of its own: the same bytes each time, and a sink for traces. */
const answers = new Map(SIZE_NAMES.map((size) => [pathOf(size), Buffer.from(envelope(SIZES[size]))]));

const server = createServer((request, response) => {
  request.resume().once('end', () => {
    const body = answers.get(request.url ?? '') ?? Buffer.from('{}');
    response.writeHead(200, { 'content-type': 'text/xml; charset=utf-8', 'content-length': body.length }).end(body);
  });
});
// An idle connection that closes under a contender would count as its failure.
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.once('disconnect', () => process.exit());
process.send!({ ready: (server.address() as AddressInfo).port });
