import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { seededRandom } from './random.ts';

/**
 * What the line does to a call: `halfOpen` takes the request and never answers; `cut` ends in mid-reply; `drip` sends
 * a byte at a time, without end in sight; `garbage` answers with bytes of no protocol; `refused` takes no connection.
 */
export type FaultMode = 'healthy' | 'halfOpen' | 'cut' | 'drip' | 'garbage' | 'refused';

export interface FaultProxy {
  readonly port: number;
  /** From the next bytes on, also for connections that are open. */
  setMode(mode: FaultMode): void;
  /** Connections from the adapter that are open now. */
  connections(): number;
  /** Bytes that the adapter has sent since the start. */
  received(): number;
  close(): Promise<void>;
}

// Slow enough that no answer is through before a deadline of a second, fast enough that an idle time-out never fires.
const DRIP_MS = 60;
const GARBAGE_BYTES = 64;

/** One connection: adapter on one side, the real server on the other. */
class Wire {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #mode: () => FaultMode;
  readonly #random: () => number;
  readonly #dripping: number[] = [];
  #dripTimer: NodeJS.Timeout | undefined;

  constructor(client: Socket, server: Socket, mode: () => FaultMode, random: () => number) {
    this.#client = client;
    this.#server = server;
    this.#mode = mode;
    this.#random = random;
    client.on('data', (chunk) => this.#request(chunk)).on('close', () => this.#close());
    // What drips goes on dripping when the server has said it all.
    server.on('data', (chunk) => this.#reply(chunk)).on('end', () => this.#dripTimer ?? client.end());
    for (const socket of [client, server]) socket.on('error', () => this.#close());
  }

  #request(chunk: Buffer): void {
    const mode = this.#mode();
    if (mode === 'halfOpen') return;
    if (mode === 'garbage')
      this.#client.end(Buffer.from(Array.from({ length: GARBAGE_BYTES }, () => this.#random() * 256)));
    else this.#server.write(chunk);
  }

  #reply(chunk: Buffer): void {
    const mode = this.#mode();
    if (mode === 'healthy' && this.#dripTimer === undefined) this.#client.write(chunk);
    else if (mode === 'cut') this.#cut(chunk);
    else if (mode === 'drip') this.#drip(chunk);
  }

  // With FIN or with RST: both happen, and a client that takes either for the end of the answer is wrong.
  #cut(chunk: Buffer): void {
    const kept = chunk.subarray(0, Math.floor(this.#random() * (chunk.length - 1)));
    if (this.#random() < 0.5) this.#client.end(kept);
    else this.#client.write(kept, () => this.#client.resetAndDestroy());
    this.#server.destroy();
  }

  #drip(chunk: Buffer): void {
    this.#dripping.push(...chunk);
    this.#dripTimer ??= setInterval(() => {
      const byte = this.#dripping.shift();
      if (byte === undefined) this.#close();
      else this.#client.write(Uint8Array.of(byte));
    }, DRIP_MS);
  }

  #close(): void {
    clearInterval(this.#dripTimer);
    this.#client.destroy();
    this.#server.destroy();
  }
}

/**
 * A TCP proxy before an emulator, which does to the line what networks do. The same seed does the same.
 * @param target the emulator's real address
 */
export const startFaultProxy = async (target: { host: string; port: number }, seed: number): Promise<FaultProxy> => {
  const random = seededRandom(seed);
  const open = new Set<Socket>();
  let mode: FaultMode = 'healthy';
  let received = 0;

  const server = createServer((client) => {
    if (mode === 'refused') return client.resetAndDestroy();
    open.add(client);
    client.on('close', () => open.delete(client)).on('data', (chunk) => (received += chunk.length));
    new Wire(client, connect(target), () => mode, random);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    setMode: (next) => {
      mode = next;
    },
    connections: () => open.size,
    received: () => received,
    close: async () => {
      server.close();
      for (const client of open) client.destroy();
      await once(server, 'close');
    },
  };
};
