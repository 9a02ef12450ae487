import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type LookupFunction } from 'node:net';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEgress, type EgressError, type Egress, type EgressOptions, type OutboundRequest } from './egress.ts';
import { secret } from './secret.ts';
import { parseTraceparent } from './trace-context.ts';
import { createTracing, type SpanRecord } from './tracing.ts';

const open: (() => Promise<unknown>)[] = [];

const listen = async (server: Server, host = '127.0.0.1'): Promise<number> => {
  server.listen(0, host);
  await once(server, 'listening');
  open.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
};

/** A legacy system; counts what reaches it. */
const serve = async (handler: RequestListener, host?: string) => {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    handler(request, response);
  });
  const port = await listen(server, host);
  return { port, origin: `http://127.0.0.1:${port}`, seen, server };
};

const answer =
  (body: string | Buffer, headers: Record<string, string> = {}): RequestListener =>
  (_, response) => {
    response.writeHead(200, headers).end(body);
  };

const egressTo = (allow: readonly string[], options: Partial<EgressOptions> = {}): Egress => {
  const egress = createEgress({ allow, tracing: createTracing(), ...options });
  open.unshift(() => egress.close());
  return egress;
};

const request = (url: string, more: Partial<OutboundRequest> = {}): OutboundRequest => ({
  url,
  method: 'GET',
  headers: {},
  signal: new AbortController().signal,
  maxResponseBytes: 1_000_000,
  ...more,
});

const failureOf = (promise: Promise<unknown>): Promise<EgressError> =>
  promise.then(
    () => expect.fail('it was not refused'),
    (error: unknown) => error as EgressError,
  );

const resolvingTo = (...answers: string[]): LookupFunction => {
  let asked = 0;
  return (_, options, callback) => {
    const address = answers[Math.min(asked++, answers.length - 1)]!;
    const family = address.includes(':') ? 6 : 4;
    if (options.all === true) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
};

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

describe('what may be reached', () => {
  let canary: Awaited<ReturnType<typeof serve>>;

  beforeEach(async () => {
    canary = await serve(answer('caught'));
  });

  test('a declared loopback address, in whatever spelling', async () => {
    const egress = egressTo([`http://127.0.0.1:${canary.port}/service?wsdl`]);
    for (const host of ['127.0.0.1', '127.1', '0x7f.1', '2130706433', '0177.0.0.1', '127.0.0.1.'])
      expect((await egress.fetch(request(`http://${host}:${canary.port}/`))).status).toBe(200);
    expect(canary.seen).toHaveLength(6);
  });

  test('localhost when declared as such', async () => {
    const egress = egressTo([`http://localhost:${canary.port}`]);
    expect((await egress.fetch(request(`http://localhost:${canary.port}/`))).status).toBe(200);
  });

  test.each([
    ['0x7f.1'],
    ['127.1'],
    ['2130706433'],
    ['0177.0.0.1'],
    ['127.0.0.1.'],
    ['[::ffff:127.0.0.1]'],
    ['[::ffff:7f00:1]'],
    ['localhost'],
    ['localhost.'],
    ['legacy.example.'],
    ['legacy.example@127.0.0.1'],
    ['LEGACY.EXAMPLE.evil'],
  ])('not %s when another host is declared', async (host) => {
    const egress = egressTo([`http://legacy.example:${canary.port}`], { lookup: resolvingTo('127.0.0.1') });
    const failure = await failureOf(egress.fetch(request(`http://${host}:${canary.port}/`)));
    expect(failure).toMatchObject({ name: 'EgressError', code: 'refused', phase: 'before' });
    expect(canary.seen).toHaveLength(0);
  });

  test.each([
    ['another port', 'http://127.0.0.1:1/'],
    ['another scheme', 'https://127.0.0.1:PORT/'],
    ['a file', 'file:///etc/passwd'],
    ['a password in the URL', 'http://user:pw@127.0.0.1:PORT/'],
    ['no URL', 'http://'],
  ])('not %s', async (_, url) => {
    const egress = egressTo([canary.origin]);
    const failure = await failureOf(egress.fetch(request(url.replace('PORT', String(canary.port)))));
    expect(failure).toMatchObject({ code: 'refused', phase: 'before' });
    expect(failure.message).not.toContain('pw');
    expect(canary.seen).toHaveLength(0);
  });

  test.each([
    ['127.0.0.1'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['169.254.169.254'],
    ['0.0.0.0'],
    ['fd00:ec2::254'],
    ['64:ff9b::7f00:1'],
  ])('not a declared name that leads to %s', async (address) => {
    const egress = egressTo([`http://legacy.example:${canary.port}`], { lookup: resolvingTo(address) });
    const failure = await failureOf(egress.fetch(request(`http://legacy.example:${canary.port}/`)));
    expect(failure).toMatchObject({ code: 'refused', phase: 'before' });
    expect(canary.seen).toHaveLength(0);
  });

  test.each([
    ['http://169.254.169.254'],
    ['http://[fe80::1]'],
    ['http://[::ffff:169.254.169.254]'],
    ['http://0.0.0.0'],
    ['http://[fd00:ec2::254]'],
  ])('not %s even when it is declared', async (origin) => {
    const failure = await failureOf(
      egressTo([`${origin}:${canary.port}`]).fetch(request(`${origin}:${canary.port}/latest/meta-data`)),
    );
    expect(failure).toMatchObject({ code: 'refused', phase: 'before' });
    expect(canary.seen).toHaveLength(0);
  });

  test('one bad address among several refuses the name', async () => {
    const both: LookupFunction = (_, __, callback) =>
      callback(null, [
        { address: '192.0.2.1', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    const failure = await failureOf(
      egressTo([`http://legacy.example:${canary.port}`], { lookup: both }).fetch(
        request(`http://legacy.example:${canary.port}/`),
      ),
    );
    expect(failure.code).toBe('refused');
    expect(canary.seen).toHaveLength(0);
  });

  test('a name server that answers well first and with 127.0.0.1 then', async () => {
    // The machine's own address in the first answer, so that the first exchange works.
    const own = ownAddress();
    const legacy = await serve(answer('well'), own);
    legacy.server.on('request', (_, response: ServerResponse) =>
      response.on('finish', () => response.socket?.destroySoon()),
    );
    const trap = await serve(answer('caught'));
    const egress = egressTo([`http://legacy.example:${legacy.port}`, `http://legacy.example:${trap.port}`], {
      lookup: resolvingTo(own, '127.0.0.1'),
    });
    expect((await egress.fetch(request(`http://legacy.example:${legacy.port}/`))).status).toBe(200);
    expect((await failureOf(egress.fetch(request(`http://legacy.example:${trap.port}/`)))).code).toBe('refused');
    expect(trap.seen).toHaveLength(0);
  });

  test('redirects are answers, and are not followed', async () => {
    const legacy = await serve((_, response) => response.writeHead(302, { location: `${canary.origin}/secret` }).end());
    const response = await egressTo([legacy.origin, canary.origin]).fetch(request(`${legacy.origin}/`));
    expect(response.status).toBe(302);
    expect(response.headers.location).toContain('/secret');
    expect(canary.seen).toHaveLength(0);
  });
});

const ownAddress = (): string =>
  execFileSync('hostname', ['-I'])
    .toString()
    .split(' ')
    .find((address) => !address.includes(':') && !address.startsWith('127.')) ??
  expect.fail('this machine has no address of its own');

describe('what is sent and what comes back', () => {
  test('method, headers and body go out, the answer comes in whole', async () => {
    const legacy = await serve((incoming, response) => {
      incoming.setEncoding('utf8');
      let body = '';
      incoming
        .on('data', (chunk: string) => (body += chunk))
        .on('end', () =>
          response
            .writeHead(201, [
              ['x-twice', 'a'],
              ['x-twice', 'b'],
              ['x-method', incoming.method!],
            ])
            .end(`<${body}>`),
        );
    });
    const response = await egressTo([legacy.origin]).fetch(
      request(`${legacy.origin}/x?y=1`, { method: 'POST', headers: { soapaction: '"do"' }, body: 'ping' }),
    );
    expect(response.status).toBe(201);
    expect(response.headers).toMatchObject({ 'x-twice': 'a, b', 'x-method': 'POST' });
    expect(Buffer.from(response.body).toString()).toBe('<ping>');
    expect(legacy.seen[0]).toMatchObject({ url: '/x?y=1', headers: { soapaction: '"do"' } });
  });

  test('header names cannot reach a prototype', async () => {
    const server = createTcpServer((socket) =>
      socket.once('data', () =>
        socket.end('HTTP/1.1 200 OK\r\n__proto__: polluted\r\nconstructor: x\r\ncontent-length: 0\r\n\r\n'),
      ),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    open.push(async () => server.close());
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { headers } = await egressTo([origin]).fetch(request(`${origin}/`));
    expect(Object.getPrototypeOf(headers)).toBeNull();
    expect(headers.constructor).toBe('x');
  });

  test('no control character passes in a header', async () => {
    const legacy = await serve(answer('ok'));
    const egress = egressTo([legacy.origin]);
    const isControl = (code: number) => (code < 0x20 && code !== 9) || code === 0x7f;
    for (let code = 0; code < 256; code++) {
      const value = `a${String.fromCharCode(code)}b`;
      const sent = egress.fetch(request(`${legacy.origin}/`, { headers: { 'x-probe': value } }));
      if (isControl(code)) expect(await failureOf(sent)).toMatchObject({ code: 'refused', phase: 'before' });
      else await sent;
    }
    expect(
      legacy.seen.every((incoming) =>
        Object.keys(incoming.headers).every((name) => ['host', 'connection', 'x-probe'].includes(name)),
      ),
    ).toBe(true);
  });

  test('nothing that is injected becomes a second header or request', async () => {
    const legacy = await serve(answer('ok'));
    const egress = egressTo([legacy.origin]);
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom('\r', '\n', ' ', ':', 'a', '\t', 'x', '\u0000', 'é') }),
        fc.constantFrom('name', 'value', 'path', 'method'),
        async (text, place) => {
          const before = legacy.seen.length;
          const url = place === 'path' ? `${legacy.origin}/${text}` : `${legacy.origin}/`;
          const headers: Record<string, string> =
            place === 'name' ? { [`x-${text}`]: 'v' } : place === 'value' ? { 'x-probe': text } : {};
          await egress
            .fetch(request(url, { headers, method: place === 'method' ? `GET${text}` : 'GET' }))
            .catch((error: unknown) => expect((error as EgressError).code).toBe('refused'));
          expect(legacy.seen.length - before).toBeLessThanOrEqual(1);
          expect(Object.keys(legacy.seen.at(-1)?.headers ?? {}).filter((name) => !name.startsWith('x-'))).toSatisfy(
            (names: string[]) => names.every((name) => name === 'host' || name === 'connection'),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  test('a tunnel cannot be asked for', async () => {
    const legacy = await serve(answer('ok'));
    const failure = await failureOf(
      egressTo([legacy.origin]).fetch(request(`${legacy.origin}/`, { method: 'CONNECT' })),
    );
    expect(failure.code).toBe('refused');
  });

  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
  ])('%s is decoded', async (coding, compress) => {
    const legacy = await serve(answer(compress(Buffer.from('<answer/>')), { 'content-encoding': coding }));
    const response = await egressTo([legacy.origin]).fetch(request(`${legacy.origin}/`));
    expect(Buffer.from(response.body).toString()).toBe('<answer/>');
    expect(response.headers).not.toHaveProperty('content-encoding');
  });

  test('an empty compressed answer is empty', async () => {
    const legacy = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': '0' }).end(),
    );
    expect((await egressTo([legacy.origin]).fetch(request(`${legacy.origin}/`))).body).toHaveLength(0);
  });

  test('a broken compressed answer is lost, not half', async () => {
    const legacy = await serve(
      answer(gzipSync(Buffer.alloc(10_000, 'x')).subarray(0, 30), { 'content-encoding': 'gzip' }),
    );
    expect(await failureOf(egressTo([legacy.origin]).fetch(request(`${legacy.origin}/`)))).toMatchObject({
      code: 'lost',
      phase: 'after',
    });
  });
});

describe('bounds', () => {
  test.each([
    ['announced', (body: Buffer): RequestListener => answer(body, { 'content-length': String(body.length) })],
    [
      'streamed',
      (body: Buffer): RequestListener =>
        (_, response) =>
          response.writeHead(200).write(body),
    ],
    [
      'zipped',
      (body: Buffer): RequestListener =>
        (_, response) =>
          response.writeHead(200, { 'content-encoding': 'gzip' }).write(gzipSync(body)),
    ],
  ])('an %s answer beyond the bound ends the exchange and the socket', async (_, handler) => {
    const legacy = await serve(handler(Buffer.alloc(5_000_000)));
    const gone = new Promise((resolve) => legacy.server.on('connection', (socket) => socket.on('close', resolve)));
    const failure = await failureOf(
      egressTo([legacy.origin]).fetch(request(`${legacy.origin}/`, { maxResponseBytes: 1_000_000 })),
    );
    expect(failure).toMatchObject({ code: 'tooLarge', phase: 'after' });
    await gone;
  });

  test('a bomb of 256 MB is noticed at its beginning', async () => {
    const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024), { level: 1 });
    const legacy = await serve(answer(bomb, { 'content-encoding': 'gzip' }));
    const before = process.memoryUsage().rss;
    const taken: number[] = [];
    const failure = await failureOf(
      egressTo([legacy.origin]).fetch(
        request(`${legacy.origin}/`, {
          maxResponseBytes: 100_000,
          sink: () => (chunk) => void taken.push(chunk.length),
        }),
      ),
    );
    expect(failure.code).toBe('tooLarge');
    expect(taken.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(100_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });
});

describe('a sink', () => {
  test('gets head and chunks, and the body is empty', async () => {
    const legacy = await serve(answer(gzipSync('hello'), { 'content-encoding': 'gzip', 'content-type': 'text/xml' }));
    const chunks: Uint8Array[] = [];
    const response = await egressTo([legacy.origin]).fetch(
      request(`${legacy.origin}/`, {
        sink(status, headers) {
          expect([status, headers['content-type']]).toEqual([200, 'text/xml']);
          return (chunk) => void chunks.push(chunk);
        },
      }),
    );
    expect(Buffer.concat(chunks).toString()).toBe('hello');
    expect(response.body).toHaveLength(0);
  });

  test('that declines leaves the body to be collected', async () => {
    const legacy = await serve(answer('hello'));
    const response = await egressTo([legacy.origin]).fetch(request(`${legacy.origin}/`, { sink: () => undefined }));
    expect(Buffer.from(response.body).toString()).toBe('hello');
  });

  test('that throws ends the exchange with its own error and closes the socket', async () => {
    const legacy = await serve((_, response) => response.writeHead(200).write('<!DOCTYPE'));
    const gone = new Promise((resolve) => legacy.server.on('connection', (socket) => socket.on('close', resolve)));
    const mine = new Error('a document type');
    const sink = () => () => {
      throw mine;
    };
    await expect(egressTo([legacy.origin]).fetch(request(`${legacy.origin}/`, { sink }))).rejects.toBe(mine);
    await gone;
  });
});

describe('an abort', () => {
  test('closes the socket, seen at the other end', async () => {
    const legacy = await serve(() => undefined);
    const arrived = once(legacy.server, 'request') as Promise<[IncomingMessage]>;
    const controller = new AbortController();
    const call = failureOf(
      egressTo([legacy.origin]).fetch(request(`${legacy.origin}/`, { signal: controller.signal })),
    );
    const [incoming] = await arrived;
    const closed = once(incoming.socket, 'close');
    controller.abort();
    expect(await call).toMatchObject({ code: 'aborted', phase: 'after' });
    await closed;
  });

  test('before the start sends nothing', async () => {
    const legacy = await serve(answer('ok'));
    const failure = await failureOf(
      egressTo([legacy.origin]).fetch(request(`${legacy.origin}/`, { signal: AbortSignal.abort() })),
    );
    expect(failure).toMatchObject({ code: 'aborted', phase: 'before' });
    expect(legacy.seen).toHaveLength(0);
  });

  test('of a call that waits for a socket sends nothing, ever', async () => {
    const waiting: ServerResponse[] = [];
    const legacy = await serve((_, response) => void waiting.push(response));
    const egress = egressTo([legacy.origin], { connections: 1 });
    const first = egress.fetch(request(`${legacy.origin}/first`));
    await once(legacy.server, 'request');
    const controller = new AbortController();
    const second = failureOf(egress.fetch(request(`${legacy.origin}/second`, { signal: controller.signal })));
    controller.abort();
    expect(await second).toMatchObject({ code: 'aborted', phase: 'before' });
    waiting[0]!.end('ok');
    await first;
    const third = egress.fetch(request(`${legacy.origin}/third`));
    await once(legacy.server, 'request');
    waiting[1]!.end('ok');
    await third;
    expect(legacy.seen.map(({ url }) => url)).toEqual(['/first', '/third']);
  });

  test('leaves no listener on a signal that lives on', async () => {
    const legacy = await serve(answer('ok'));
    const { signal } = new AbortController();
    let listening = 0;
    const counted: AbortSignal = Object.assign(signal, {
      addEventListener: () => void listening++,
      removeEventListener: () => void listening--,
    });
    const egress = egressTo([legacy.origin]);
    for (let call = 0; call < 20; call++) await egress.fetch(request(`${legacy.origin}/`, { signal: counted }));
    expect(listening).toBe(0);
  });
});

describe('failures', () => {
  test('nobody listens: unreachable, before', async () => {
    const legacy = await serve(answer('ok'));
    legacy.server.close();
    expect(await failureOf(egressTo([legacy.origin]).fetch(request(`${legacy.origin}/`)))).toMatchObject({
      code: 'unreachable',
      phase: 'before',
    });
  });

  test('a name that does not resolve: unreachable, before', async () => {
    const lookup: LookupFunction = (_, __, callback) =>
      callback(Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' }), [], 0);
    expect(
      await failureOf(egressTo(['http://legacy.example'], { lookup }).fetch(request('http://legacy.example/'))),
    ).toMatchObject({ code: 'unreachable', phase: 'before' });
  });

  test.each([
    ['hangs up without an answer', (socket: { destroy(): unknown }) => socket.destroy()],
    [
      'hangs up in the middle',
      (socket: { end(text: string): unknown }) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'),
    ],
    ['speaks no HTTP', (socket: { end(text: string): unknown }) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')],
  ])('a system that %s: lost, after', async (_, behave) => {
    const server = createTcpServer(
      (socket) => void socket.on('error', () => undefined).once('data', () => behave(socket)),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    open.push(async () => server.close());
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await failureOf(egressTo([origin]).fetch(request(`${origin}/`)))).toMatchObject({
      code: 'lost',
      phase: 'after',
    });
  });

  test('closing cuts what is under way', async () => {
    const legacy = await serve(() => undefined);
    const egress = egressTo([legacy.origin]);
    const call = failureOf(egress.fetch(request(`${legacy.origin}/`)));
    await once(legacy.server, 'request');
    await egress.close();
    expect((await call).code).toBe('aborted');
    expect((await failureOf(egress.fetch(request(`${legacy.origin}/`)))).code).toBe('aborted');
  });
});

describe('TLS', () => {
  let folder: string;
  let key: string;
  let cert: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'egress-'));
    const paths = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') };
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=legacy.test',
        '-addext',
        'subjectAltName=DNS:legacy.test,IP:127.0.0.1',
        '-keyout',
        paths.key,
        '-out',
        paths.cert,
      ],
      { stdio: 'ignore' },
    );
    key = readFileSync(paths.key, 'utf8');
    cert = readFileSync(paths.cert, 'utf8');
    return () => rmSync(folder, { recursive: true });
  });

  test('a profile holds for its own connection and for no other', async () => {
    const port = await listen(createTlsServer({ key, cert }, answer('secure')));
    const origin = `https://127.0.0.1:${port}`;
    const egress = egressTo([origin]);
    const trusting = { tls: { ca: cert } };
    const careless = { tls: { rejectUnauthorized: false } };
    expect((await egress.fetch(request(`${origin}/`, careless))).status).toBe(200);
    expect(await failureOf(egress.fetch(request(`${origin}/`)))).toMatchObject({
      code: 'unreachable',
      phase: 'before',
    });
    expect((await egress.fetch(request(`${origin}/`, trusting))).status).toBe(200);
    expect(
      await failureOf(egress.fetch(request(`${origin}/`, { tls: { ca: cert, servername: 'other.test' } }))),
    ).toMatchObject({ code: 'unreachable' });
    expect((await egress.fetch(request(`${origin}/`, { tls: { ca: cert, servername: 'legacy.test' } }))).status).toBe(
      200,
    );
    expect(process.env.NODE_TLS_REJECT_UNAUTHORIZED).toBeUndefined();
  });

  test('a client certificate is shown to the one who asks', async () => {
    const port = await listen(
      createTlsServer({ key, cert, ca: cert, requestCert: true, rejectUnauthorized: true }, answer('known')),
    );
    const origin = `https://127.0.0.1:${port}`;
    const egress = egressTo([origin]);
    expect((await egress.fetch(request(`${origin}/`, { tls: { ca: cert, cert, key: secret(key) } }))).status).toBe(200);
    const stranger = await failureOf(egress.fetch(request(`${origin}/`, { tls: { ca: cert } })));
    expect(['lost', 'unreachable']).toContain(stranger.code);
  });
});

describe('a sampled call', () => {
  test('has a client span of its own, which the system sees as the parent', async () => {
    const legacy = await serve(answer('ok'));
    const records: {
      name: string;
      kind: string;
      attributes: Record<string, unknown>;
      parent: string | undefined;
      ended: boolean;
    }[] = [];
    const tracing = createTracing({
      sample: (_, parent) => parent?.sampled ?? false,
      record(name, kind, _own, parent, attributes): SpanRecord {
        const record = { name, kind, attributes: { ...attributes }, parent: parent?.spanId, ended: false };
        records.push(record);
        return {
          set: (more) => void Object.assign(record.attributes, more),
          fail: () => undefined,
          end: () => void (record.ended = true),
        };
      },
    });
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const egress = egressTo([legacy.origin], { tracing });
    await egress.fetch(request(`${legacy.origin}/service?secret=1`, { headers: { traceparent } }));
    const received = parseTraceparent(legacy.seen[0]!.headers.traceparent as string);
    expect(received).toMatchObject({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', sampled: true });
    expect(received?.spanId).not.toBe('00f067aa0ba902b7');
    expect(records).toMatchObject([
      {
        name: 'GET',
        kind: 'client',
        parent: '00f067aa0ba902b7',
        ended: true,
        attributes: { 'http.response.status_code': 200, 'url.full': `${legacy.origin}/service` },
      },
    ]);
    await egress.fetch(request(`${legacy.origin}/`, { headers: { traceparent: traceparent.replace(/01$/, '00') } }));
    expect(legacy.seen[1]!.headers.traceparent).toBe(traceparent.replace(/01$/, '00'));
    expect(records).toHaveLength(1);
  });
});

test('HEAD tells the length of a body that does not come', async () => {
  const legacy = await serve((_, response) =>
    response.writeHead(200, { 'content-length': '5000000', 'content-encoding': 'gzip' }).end(),
  );
  const response = await egressTo([legacy.origin, 'amqp://broker:5672']).fetch(
    request(`${legacy.origin}/`, { method: 'HEAD' }),
  );
  expect(response.headers['content-length']).toBe('5000000');
  expect(response.body).toHaveLength(0);
});
