import { Agent, createServer, request, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { drainServer } from './drain.ts';

const closeOf = (server: Server) => () => new Promise<void>((resolve) => server.close(() => resolve()));

/** A server that answers only when told to, and a kept-alive client in the middle of a request to it. */
const inFlight = async () => {
  const server = createServer({ keepAliveTimeout: 60_000 });
  const asked = once(server, 'request');
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const agent = new Agent({ keepAlive: true });
  const sent = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent });
  const answered = new Promise<number | string>((resolve) => {
    sent.once('response', (response) => response.resume().once('end', () => resolve(response.statusCode!)));
    sent.once('error', (error: NodeJS.ErrnoException) => resolve(error.code!));
  });
  sent.end();
  const [, response] = await asked;
  return { server, answered, answer: () => response.end('done'), agent };
};

test('a request in flight is answered, and its kept-alive connection does not hold the close', async () => {
  const { server, answered, answer, agent } = await inFlight();
  const drained = drainServer(server, closeOf(server), 60_000);
  answer();
  expect(await answered).toBe(200);
  await drained;
  agent.destroy();
}, 5_000);

test('what does not end is cut at the limit', async () => {
  const { server, answered, agent } = await inFlight();
  await drainServer(server, closeOf(server), 100);
  expect(await answered).toBe('ECONNRESET');
  agent.destroy();
}, 5_000);
