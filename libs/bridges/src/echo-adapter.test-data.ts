import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Failure,
  NO_CONTENT,
  bytesReply,
  camelName,
  defineAdapter,
  type Adapter,
  type Call,
  type Log,
  type Operation,
  type Secret,
} from '@bailey/contract';
import { createCallMetrics } from '@bailey/call';
import { createMetrics, createTracing, systemClock } from '@bailey/platform';
import type { ServeDeps } from './deps.ts';
import type { LiveBridge } from './live.ts';

export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** A protocol as small as one can be: the source is a JSON file of native names, a call is a POST of its input. */
interface EchoConfig {
  source: string;
  url: string;
  password?: Secret;
  retries?: number;
  ca?: string;
}

/** Lines that are open now, and calls that came to one that was closed. */
export interface EchoLedger {
  opened: number;
  closed: number;
  usedAfterClose: number;
  described: number;
}

interface Source {
  operations: { native: string; effect?: Operation['effect']; faults?: string[] }[];
}

const operationOf = ({ native, effect = 'read', faults = [] }: Source['operations'][number]): Operation => ({
  name: camelName(native),
  native,
  effect,
  exchange: 'unary',
  input: { type: 'object', properties: { text: { type: 'string' } }, additionalProperties: false },
  output: { type: 'object', properties: { text: { type: 'string' } } },
  faults: faults.map((fault) => ({ code: fault.toUpperCase(), native: fault, status: 422 })),
});

export const echoAdapter = (): { adapter: Adapter; ledger: EchoLedger } => {
  const ledger: EchoLedger = { opened: 0, closed: 0, usedAfterClose: 0, described: 0 };
  const adapter = defineAdapter<EchoConfig, null>({
    kind: 'echo',
    config: {
      type: 'object',
      properties: {
        source: { type: 'string' },
        url: { type: 'string' },
        password: { type: 'string', 'x-secret': true },
        retries: { type: 'integer', default: 3 },
        ca: { type: 'string' },
      },
      required: ['source', 'url'],
      additionalProperties: false,
    },
    egress: ({ url, source }) => [new URL(url).origin, ...(source.startsWith('http') ? [source] : [])],
    async describe({ source }, host) {
      ledger.described++;
      const text = source.startsWith('http')
        ? (await host.fetch({ url: source, method: 'GET', headers: {}, signal: host.signal, maxResponseBytes: 1e6 }))
            .body
        : await host.readFile(source);
      const parsed = JSON.parse(new TextDecoder().decode(text)) as Source | string[];
      if (Array.isArray(parsed))
        throw Failure.of('SOURCE_REFUSED', 'a list is no source', {
          more: { file: source, line: 1, construct: 'list' },
        });
      return {
        contract: { operations: parsed.operations.map(operationOf), collections: [], $defs: {} },
        plan: null,
        ledger: [
          { construct: 'op', name: 'Old', status: 'refused', where: { file: source, line: 2 }, note: 'too old' },
        ],
        sourceHash: 'hash',
      };
    },
    async connect({ url }, _stored, host) {
      if (url.endsWith('/refuse')) throw new Error('a text that nobody outside should see');
      ledger.opened++;
      let isOpen = true;
      return {
        async invoke(call) {
          if (!isOpen) ledger.usedAfterClose++;
          const { body, status } = await host.fetch({
            url: `${url}/${call.operation.native}`,
            method: 'POST',
            headers: {},
            body: JSON.stringify(call.input),
            signal: call.signal,
            maxResponseBytes: 1e6,
          });
          return status === 204 ? NO_CONTENT : bytesReply(body);
        },
        health: async () => ({ up: true, reason: 'it echoes' }),
        [Symbol.asyncDispose]: async () => {
          isOpen = false;
          ledger.closed++;
        },
      };
    },
  });
  return { adapter: adapter as Adapter, ledger };
};

/** The legacy: answers each POST with its own body, after `delay` when there is one. */
export const echoServer = async (
  delay: () => Promise<void> = () => Promise.resolve(),
): Promise<{ url: string; server: Server; close(): Promise<void> }> => {
  const server = createServer((request, response) => {
    void delay().then(() => request.pipe(response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, server, close };
};

export const depsFor = (adapters: readonly Adapter[], more: Partial<ServeDeps> = {}): ServeDeps => ({
  adapters,
  env: {},
  tracing: createTracing(),
  log: silent,
  clock: systemClock,
  metrics: createCallMetrics(createMetrics()),
  openAccess: true,
  graphqlCall: async () => undefined,
  shutdownMs: 5_000,
  ...more,
});

export const callOf = (
  bridge: LiveBridge,
  operation: string,
  input: Call['input'],
  more: Partial<Call> = {},
): Call => ({
  operation: bridge.operations.get(operation)!.operation,
  caller: { authenticated: false, scopes: new Set() },
  input,
  signal: new AbortController().signal,
  deadline: Infinity,
  traceHeaders: {},
  incoming: {},
  traceId: '',
  ...more,
});

export const invoke = async (bridge: LiveBridge, operation: string, input: Call['input'], more: Partial<Call> = {}) =>
  (await bridge.operations.get(operation)!.handle(callOf(bridge, operation, input, more))).value();
