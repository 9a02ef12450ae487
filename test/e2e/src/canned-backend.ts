import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A web server that answers whatever a test wants, where a SOAP service should be. */
export interface CannedBackend {
  url: string;
  /** Requests that have come, bodies read or not. */
  requests: IncomingMessage[];
  /** Sockets that are open now. */
  openSockets(): number;
  respond(listener: RequestListener): void;
  close(): Promise<void>;
}

const closeServer = async (server: Server): Promise<void> => {
  if (!server.listening) return;
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
};

/** `listener` that answers one body with a status. */
export const canned =
  (status: number, type: string, body: string): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': type }).end(body);

export const startCannedBackend = async (): Promise<CannedBackend> => {
  const sockets = new Set<Socket>();
  const requests: IncomingMessage[] = [];
  let respond: RequestListener = canned(200, 'text/plain', '');
  const server = createServer((request, response) => {
    // The bridge asks for its health by HEAD; that is no call.
    if (request.method !== 'POST') return void response.writeHead(405).end();
    requests.push(request);
    respond(request, response);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/service`,
    requests,
    openSockets: () => sockets.size,
    respond: (listener) => (respond = listener),
    close: () => closeServer(server),
  };
};
