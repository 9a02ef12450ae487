import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startFaultProxy } from './fault-proxy.ts';
import type { FaultProxy } from './fault-proxy.ts';

const ANSWER = 'x'.repeat(1000);

let server: Server;
let proxy: FaultProxy;

const startProxy = (seed: number) =>
  startFaultProxy({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }, seed);

beforeEach(async () => {
  server = createServer((socket) => socket.on('error', () => undefined).on('data', () => socket.end(ANSWER)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await startProxy(1);
});
afterEach(async () => {
  await proxy.close();
  server.close();
});

const ask = (port = proxy.port): { socket: Socket; text: () => string; closed: Promise<unknown> } => {
  const chunks: Buffer[] = [];
  const socket = connect(port, '127.0.0.1', () => socket.write('?')).on('data', (chunk) => chunks.push(chunk));
  const closed = new Promise((resolve) => socket.on('error', resolve).on('close', resolve));
  return { socket, text: () => Buffer.concat(chunks).toString(), closed };
};

test('healthy: the answer goes through whole', async () => {
  const { text, closed } = ask();
  await closed;
  expect(text()).toBe(ANSWER);
});

test('halfOpen: the request is taken and nothing comes', async () => {
  proxy.setMode('halfOpen');
  const { socket, text } = ask();
  await vi.waitUntil(() => proxy.received() === 1);
  expect(proxy.connections()).toBe(1);
  expect(text()).toBe('');
  socket.destroy();
  await vi.waitUntil(() => proxy.connections() === 0);
});

test('cut: the answer is never whole, and the same seed cuts at the same place', async () => {
  const cutAt = async (seed: number) => {
    const other = await startProxy(seed);
    other.setMode('cut');
    const lengths: number[] = [];
    for (let time = 0; time < 5; time++) {
      const { text, closed } = ask(other.port);
      await closed;
      lengths.push(text().length);
    }
    await other.close();
    return lengths;
  };
  const lengths = await cutAt(7);
  expect(lengths.every((length) => length < ANSWER.length)).toBe(true);
  expect(new Set(lengths).size).toBeGreaterThan(1);
});

test('drip: some bytes come and the end does not', async () => {
  proxy.setMode('drip');
  const { socket, text } = ask();
  await vi.waitUntil(() => text().length >= 2);
  expect(text().length).toBeLessThan(ANSWER.length);
  socket.destroy();
});

test('garbage: bytes of no protocol', async () => {
  proxy.setMode('garbage');
  const { text, closed } = ask();
  await closed;
  expect(text()).not.toBe('');
  expect(text()).not.toContain('xxx');
});

test('refused: no connection lives', async () => {
  proxy.setMode('refused');
  const { text, closed } = ask();
  await closed;
  expect(text()).toBe('');
});
