import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { canned, startCannedBackend, type CannedBackend } from './src/canned-backend.ts';
import { FACES, type Question } from './src/faces.ts';
import { makeHome, removeHome } from './src/home.ts';
import { writePolicyFiles } from './src/policy-files.ts';
import { startBailey, type RunningBailey } from './src/running-bailey.ts';
import { until } from './src/waiting.ts';

const ENVELOPE = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>';
const END = '</e:Body></e:Envelope>';
const XML = 'text/xml; charset=utf-8';
const TIMEOUT_MS = 500;

let backend: CannedBackend;
let home: string;
let bailey: RunningBailey;

beforeAll(async () => {
  home = await makeHome();
  await mkdir(join(home, 'files'));
  backend = await startCannedBackend();
  // One failure more or less must not open the breaker: each test is about its own.
  const breaker = { minimumCalls: 100_000 };
  const once = { attempts: 1 };
  const file = await writePolicyFiles(join(home, 'files'), [
    { name: 'policy-admin', endpoint: backend.url, policy: { timeoutMs: TIMEOUT_MS, breaker, retry: once } },
    { name: 'policy-down', endpoint: 'http://127.0.0.1:9/service', policy: { breaker, retry: once } },
    {
      name: 'policy-fragile',
      endpoint: 'http://127.0.0.1:9/other',
      policy: { breaker: { minimumCalls: 2, openMs: 60_000 }, retry: once },
    },
  ]);
  bailey = await startBailey({ home, args: ['--no-estate', '-f', file] });
});
afterAll(async () => {
  await bailey?.stop();
  await backend?.close();
  await removeHome(home);
});
beforeEach(() => backend.requests.splice(0));

const question = (bridge: string): Question => ({
  bridge,
  operation: 'getPolicy',
  input: { policyNumber: '0007' },
  selection: '{ policy { premium } }',
});

describe.each(FACES)('through %s', (_face, ask) => {
  const problemOf = async (bridge = 'policy-admin') => {
    const { value, problem } = await ask(bailey.dataUrl, question(bridge));
    expect(value).toBeUndefined();
    return problem!;
  };

  test('a system that is down is 503', async () => {
    const problem = await problemOf('policy-down');
    expect(problem).toMatchObject({ status: 503, code: 'UNREACHABLE', retry: 'after', system: 'policy-mainframe' });
    expect(JSON.stringify(problem)).not.toContain('127.0.0.1');
  });

  test('a system that is slow is 504, and the socket to it is closed', async () => {
    backend.respond(() => undefined);
    expect(await problemOf()).toMatchObject({ status: 504, code: 'TIMEOUT' });
    expect(backend.requests).toHaveLength(1);
    await until('the socket to close', () => backend.requests[0]!.socket.destroyed, 5_000);
  });

  test('an answer that drips beyond the deadline is 504', async () => {
    backend.respond((_request, response) => {
      response.writeHead(200, { 'content-type': XML });
      const timer = setInterval(() => response.write(' '), 50);
      response.once('close', () => clearInterval(timer));
    });
    expect(await problemOf()).toMatchObject({ status: 504, code: 'TIMEOUT' });
    await until('the socket to close', () => backend.requests[0]!.socket.destroyed, 5_000);
  });

  test('a connection that breaks is 503', async () => {
    backend.respond((request) => request.socket.destroy());
    expect(await problemOf()).toMatchObject({ status: 503, code: 'CONNECTION_LOST' });
  });

  test.each([
    ['an HTML page', canned(200, 'text/html', '<html><body>Login</body></html>'), 'PROTOCOL_ERROR'],
    ["a web server's error page", canned(502, 'text/html', '<html>Bad Gateway</html>'), 'PROTOCOL_ERROR'],
    [
      'XML that ends in the middle',
      canned(
        200,
        XML,
        `${ENVELOPE}<m:GetPolicyResponse xmlns:m="http://keystone-mutual.example/policy/messages"><m:pol`,
      ),
      'PROTOCOL_ERROR',
    ],
    [
      'an answer in a wrong namespace',
      canned(200, XML, `${ENVELOPE}<m:GetPolicyResponse xmlns:m="urn:somebody-else"/>${END}`),
      'PROTOCOL_ERROR',
    ],
    [
      'an envelope in a wrong namespace',
      canned(200, XML, '<e:Envelope xmlns:e="urn:soap"><e:Body/></e:Envelope>'),
      'PROTOCOL_ERROR',
    ],
    [
      'a document type declaration',
      canned(200, XML, `<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]>${ENVELOPE}&x;${END}`),
      'PROTOCOL_ERROR',
    ],
    [
      'a fault that is not declared',
      canned(
        500,
        XML,
        `${ENVELOPE}<e:Fault><faultcode>e:Server</faultcode><faultstring>ABEND S0C7</faultstring></e:Fault>${END}`,
      ),
      'LEGACY_FAULT',
    ],
    ['a refusal of our credentials', canned(401, 'text/plain', 'who are you'), 'CREDENTIALS_REFUSED'],
  ])('%s is 502', async (_what, respond, code) => {
    backend.respond(respond);
    expect(await problemOf()).toMatchObject({ status: 502, code });
  });

  test('a system that says that it cannot serve is 503', async () => {
    backend.respond(canned(503, 'text/plain', 'maintenance'));
    expect(await problemOf()).toMatchObject({ status: 503, code: 'LEGACY_UNAVAILABLE' });
  });

  test('a system that keeps failing is left alone, and the others are not touched', async () => {
    await until('the breaker to open', async () => (await problemOf('policy-fragile')).code === 'BREAKER_OPEN', 10_000);
    backend.respond(canned(503, 'text/plain', 'maintenance'));
    expect((await problemOf()).code).toBe('LEGACY_UNAVAILABLE');
    expect((await fetch(`${bailey.dataUrl}/readyz`)).status).toBe(200);
  });
});

test('503 tells when to come back', async () => {
  const response = await fetch(`${bailey.dataUrl}/api/policy-down/getPolicy?policyNumber=0007`);
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
});
