import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Failure, bytesReply, valueReply } from '@bailey/contract';
import type {
  Adapter,
  AdapterHost,
  Call,
  Connection,
  Contract,
  DeclaredFault,
  Reply,
  Secret,
  Value,
} from '@bailey/contract';
import { describe, expect, test } from 'vitest';
import { BEHAVIOURS } from './behaviours.ts';
import type { BehaviourName } from './behaviours.ts';
import type { Card } from './card.ts';
import { startFaultProxy } from './fault-proxy.ts';

/**
 * A protocol of one line each way, and an adapter for it that is right until a test makes it wrong in one way: the
 * kit is only worth what it finds.
 */
interface EchoConfig {
  port: number;
  password: Secret;
}

const PASSWORD = 'swordfish-4711';
const password: Secret = { reveal: () => PASSWORD, toString: () => '***', toJSON: () => '***' };

const UNKNOWN: DeclaredFault = {
  code: 'UNKNOWN_WORD',
  native: 'unknown',
  status: 404,
  detail: { type: 'object', properties: { word: { type: 'string' } }, required: ['word'] },
};

const contract: Contract = {
  operations: [
    {
      name: 'echo',
      native: 'ECHO',
      effect: 'read',
      exchange: 'unary',
      input: { type: 'object', properties: { word: { type: 'string' } }, required: ['word'] },
      output: { $ref: '#/$defs/Echo' },
      faults: [UNKNOWN],
    },
  ],
  collections: [],
  $defs: { Echo: { type: 'object', properties: { echo: { type: 'string' } }, required: ['echo'] } },
};

interface Wire {
  exchange(text: string, signal: AbortSignal): Promise<string>;
  close(): void;
}

const openWire = (port: number): Wire => {
  const sockets = new Set<ReturnType<typeof connect>>();
  return {
    close: () => sockets.forEach((socket) => socket.destroy()),
    exchange: (text, signal) =>
      new Promise((resolve, reject) => {
        const lost = () => reject(Failure.of('CONNECTION_LOST', 'Echoing: the line broke.'));
        const stop = () => {
          socket.destroy();
          reject(signal.reason instanceof Failure ? signal.reason : Failure.of('TIMEOUT', 'Echoing: nobody waits.'));
        };
        let answer = '';
        const socket = connect(port, '127.0.0.1', () => socket.write(`${text}\n`));
        sockets.add(socket);
        signal.addEventListener('abort', stop);
        socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
        socket.on('error', lost).on('close', () => {
          sockets.delete(socket);
          signal.removeEventListener('abort', stop);
          if (answer.endsWith('\n')) resolve(answer.trimEnd());
          else lost();
        });
      }),
  };
};

const decode = (text: string): Reply => {
  const [verdict, word = ''] = text.split(' ');
  if (verdict === 'unknown') throw Failure.declared(UNKNOWN, 'The word is not known.', { word });
  if (verdict !== 'echo') throw Failure.of('PROTOCOL_ERROR', 'The answer is not of this protocol.');
  return valueReply({ echo: word });
};

const connectEcho = async ({ port }: EchoConfig): Promise<Connection> => {
  const wire = openWire(port);
  let isOpen = true;
  const invoke = async ({ input, signal }: Call) => {
    if (!isOpen) throw Failure.of('BRIDGE_DOWN', 'The line is closed.');
    return decode(await wire.exchange((input as { word: string }).word, signal));
  };
  const down = (error: unknown) => ({ up: false, reason: String(error) });
  return {
    invoke,
    health: async (signal) =>
      isOpen ? wire.exchange('ping', signal).then(() => ({ up: true, reason: 'echoes' }), down) : down('closed'),
    [Symbol.asyncDispose]: async () => {
      isOpen = false;
      wire.close();
    },
  };
};

type EchoAdapter = Adapter<EchoConfig, Value>;

const goodAdapter: EchoAdapter = {
  kind: 'echo',
  config: { type: 'object', properties: { port: { type: 'integer' }, password: {} }, required: ['port'] },
  describe: async () => ({ contract, plan: {}, ledger: [], sourceHash: '' }),
  connect: connectEcho,
  egress: ({ port }) => [`tcp://127.0.0.1:${port}`],
};

const start = async (seed: number) => {
  const server = createServer((socket) =>
    socket
      .on('error', () => undefined)
      .on('data', (line) => socket.end(line.includes('?') ? `unknown ${line}` : `echo ${line}`)),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await startFaultProxy({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }, seed);
  const close = async () => {
    await proxy.close();
    server.close();
  };
  return { emulator: { ...proxy, close }, config: { port: proxy.port, password } };
};

const cardFor = (adapter: EchoAdapter): Card<EchoConfig, Value> => ({
  name: 'echo',
  adapter,
  start,
  describeOptions: { operations: {} },
  samples: { echo: { input: { word: 'hello' }, output: { echo: 'hello' } } },
  nativeFailures: [{ operation: 'echo', input: { word: '?' }, code: 'UNKNOWN_WORD' }],
  badConfigs: [{ config: { port: 'x' }, pointer: '/port' }],
  host: async ({ signal, log }) => ({ host: { signal, log } as unknown as AdapterHost, close: async () => undefined }),
  secrets: [PASSWORD],
});

const run = async (name: BehaviourName, adapter: EchoAdapter, change: Partial<Card<EchoConfig, Value>> = {}) => {
  const stand = { card: { ...cardFor(adapter), ...change }, ...(await start(42)) };
  try {
    await BEHAVIOURS[name](stand);
  } finally {
    await stand.emulator.close();
  }
};

describe.concurrent('an adapter that is right passes', () => {
  test.each(Object.keys(BEHAVIOURS) as BehaviourName[])('%s', (name) => run(name, goodAdapter));
});

type Invoke = NonNullable<Connection['invoke']>;

/** The good adapter, with its calls changed. */
const calling = (change: (invoke: Invoke, config: EchoConfig, host: AdapterHost) => Invoke): EchoAdapter => ({
  ...goodAdapter,
  connect: async (config, _stored, host) => {
    const connection = await connectEcho(config);
    return { ...connection, invoke: change(connection.invoke!, config, host) };
  },
});

let described = 0;
const forever = new AbortController().signal;

const WRONG: [BehaviourName, string, EchoAdapter][] = [
  [
    'describes the same contract twice',
    'a counter in the plan',
    { ...goodAdapter, describe: async () => ({ contract, plan: { n: described++ }, ledger: [], sourceHash: '' }) },
  ],
  [
    'describes the same contract twice',
    'a plan that JSON does not keep',
    {
      ...goodAdapter,
      describe: async () => ({ contract, plan: new Map() as unknown as Value, ledger: [], sourceHash: '' }),
    },
  ],
  ['refuses bad config with a path', 'no schema', { ...goodAdapter, config: {} }],
  ['returns what the schema promises', 'another type', calling(() => async () => valueReply({ echo: 1 }))],
  [
    'returns what the schema promises',
    'bytes that are not JSON',
    calling(() => async () => ({ ...bytesReply(new TextEncoder().encode('{')), value: () => ({ echo: 'hello' }) })),
  ],
  [
    'turns every native failure into a declared fault or a code of the table',
    'a bare Error',
    calling(
      (invoke) => (call) =>
        invoke(call).catch(() => {
          throw new Error('boom');
        }),
    ),
  ],
  [
    'stops soon after an abort',
    'deaf to the signal',
    calling((invoke) => (call) => invoke({ ...call, signal: forever })),
  ],
  ['honours the deadline', 'deaf to the signal', calling((invoke) => (call) => invoke({ ...call, signal: forever }))],
  [
    'survives a cut in mid-reply',
    'half an answer taken for a whole',
    calling((invoke) => (call) => invoke(call).catch(() => valueReply({ echo: 'hel' }))),
  ],
  [
    'keeps secrets out of errors',
    'the password in the message',
    calling((_invoke, config) => async () => {
      throw Failure.of('UNREACHABLE', `cannot log in with ${config.password.reveal()}`);
    }),
  ],
  [
    'keeps secrets out of errors',
    'the password in the log',
    calling((invoke, config, host) => (call) => {
      host.log.debug({ password: config.password.reveal() }, 'calling');
      return invoke(call);
    }),
  ],
  [
    'is quiet when healthy',
    'a chatty log',
    calling((invoke, _config, host) => (call) => {
      host.log.info({}, 'calling');
      return invoke(call);
    }),
  ],
];

describe.concurrent('an adapter that is wrong fails', () => {
  test.each(WRONG)('%s: %s', { timeout: 20_000 }, async (name, _fault, adapter) => {
    await expect(run(name, adapter)).rejects.toThrow();
  });

  test('reports down after dispose and leaves no handle: a line left open', async () => {
    const leaky: EchoAdapter = {
      ...goodAdapter,
      connect: async (config) => {
        const connection = await connectEcho(config);
        connect(config.port, '127.0.0.1').unref();
        return connection;
      },
    };
    await expect(run('reports down after dispose and leaves no handle', leaky)).rejects.toThrow();
  });

  test('returns what the schema promises: an operation without a sample', async () => {
    await expect(run('returns what the schema promises', goodAdapter, { samples: {} })).rejects.toThrow();
  });
});
