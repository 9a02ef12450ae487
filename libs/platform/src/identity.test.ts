import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  exportJWK,
  generateKeyPair,
  importJWK,
  SignJWT,
  UnsecuredJWT,
  type JWTHeaderParameters,
  type JWTPayload,
} from 'jose';
import { OAuth2Server } from 'oauth2-mock-server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { manualClock, systemClock, type Clock } from './clock.ts';
import type { OidcSettings } from './config.ts';
import { createIdentity, hashKey, newKey, type Identity, type KeyRecord } from './identity.ts';
import { IdentityError } from './principal.ts';

const AUDIENCE = 'bailey';
const ALGS = ['RS256', 'PS256', 'ES256', 'EdDSA'];

const refusalOf = (promise: Promise<unknown>): Promise<IdentityError> =>
  promise.then(
    () => expect.fail('it was let in'),
    (error: unknown) => error as IdentityError,
  );

describe('API keys', () => {
  const key = newKey();
  const disabledKey = newKey();
  const records: KeyRecord[] = [
    { id: 'k1', hash: hashKey(key), roles: ['engineer'], scopes: ['policy.read'], consumer: 'claims-service' },
    { id: 'k2', hash: hashKey(disabledKey), roles: ['admin'], scopes: [], disabled: true },
  ];
  let current: readonly KeyRecord[] = records;
  const identity = createIdentity({ keys: () => current, clock: systemClock });

  beforeEach(() => void (current = records));

  test('are 256 random bits, stored as a hash', () => {
    expect(key).toMatch(/^bly_[A-Za-z0-9_-]{43}$/);
    expect(newKey()).not.toBe(key);
    expect(hashKey(key)).toMatch(/^[0-9a-f]{64}$/);
  });

  test('let their holder in', async () => {
    const principal = {
      subject: 'k1',
      roles: ['engineer'],
      scopes: new Set(['policy.read']),
      consumer: 'claims-service',
      via: 'key',
    };
    expect(await identity.verify(`Bearer ${key}`)).toEqual(principal);
    expect(await identity.verify(`bearer ${key}`)).toEqual(principal);
    expect(identity.cached(`Bearer ${key}`)).toEqual(principal);
  });

  test('a missing credential is told from a refused one', async () => {
    expect((await refusalOf(identity.verify(undefined))).code).toBe('missing');
    expect((await refusalOf(identity.verify(' '))).code).toBe('missing');
  });

  test.each([
    ['an unknown key', () => `Bearer ${newKey()}`],
    ['a disabled key', () => `Bearer ${disabledKey}`],
    ['the hash itself', () => `Bearer ${hashKey(key)}`],
    ['another scheme', () => `Basic ${key}`],
    ['no scheme', () => key],
    ['two credentials', () => `Bearer ${key} ${key}`],
    ['a control character', () => `Bearer ${key}\n`],
    ['the key in upper case', () => `Bearer ${key.toUpperCase()}`],
    ['a credential of 9 kB', () => `Bearer ${'x'.repeat(9_000)}`],
    ['a token where no issuer is configured', () => 'Bearer a.b.c'],
  ])('%s is refused, and never in other words', async (_, authorization) => {
    const refusal = await refusalOf(identity.verify(authorization()));
    expect(refusal).toBeInstanceOf(IdentityError);
    expect([refusal.code, refusal.message]).toEqual(['refused', 'The credential is not valid.']);
    expect(identity.cached(authorization())).toBeUndefined();
  });

  test('a revoked key is out with the next list', async () => {
    expect(identity.cached(`Bearer ${key}`)).toBeDefined();
    current = records.slice(1);
    expect(identity.cached(`Bearer ${key}`)).toBeUndefined();
    expect((await refusalOf(identity.verify(`Bearer ${key}`))).code).toBe('refused');
  });
});

describe('tokens of an issuer', () => {
  const issuer = new OAuth2Server();
  let oidc: OidcSettings;
  let identity: Identity;

  beforeAll(async () => {
    await issuer.issuer.keys.generate('RS256');
    await issuer.start(0, '127.0.0.1');
    oidc = { issuer: issuer.issuer.url!, audience: AUDIENCE, rolesClaim: 'realm_access.roles', allowedAlgs: ALGS };
    identity = createIdentity({ keys: () => [], oidc, clock: systemClock });
  });

  afterAll(() => issuer.stop());

  const tokenWith = (
    change: (payload: JWTPayload, header: Record<string, unknown>) => void = () => undefined,
  ): Promise<string> =>
    issuer.issuer.buildToken({
      expiresIn: 60,
      scopesOrTransform: (header, payload) => {
        Object.assign(payload, {
          sub: 'svc-claims',
          aud: AUDIENCE,
          scope: 'policy.read policy.write',
          realm_access: { roles: ['architect'] },
        });
        change(payload as JWTPayload, header as unknown as Record<string, unknown>);
      },
    });

  test('let their subject in with scopes and roles', async () => {
    const token = await tokenWith();
    expect(identity.cached(`Bearer ${token}`)).toBeUndefined();
    const principal = await identity.verify(`Bearer ${token}`);
    expect(principal).toMatchObject({ subject: 'svc-claims', roles: ['architect'], via: 'jwt' });
    expect([...principal.scopes]).toEqual(['policy.read', 'policy.write']);
    expect(identity.cached(`Bearer ${token}`)).toBe(principal);
  });

  test('scopes as a list, and an audience among several', async () => {
    const token = await tokenWith((payload) =>
      Object.assign(payload, { scope: undefined, scp: ['a', 'b'], aud: ['other', AUDIENCE] }),
    );
    expect([...(await identity.verify(`Bearer ${token}`)).scopes]).toEqual(['a', 'b']);
  });

  const seconds = () => Math.floor(Date.now() / 1000);
  const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = () => ({ iss: oidc.issuer, sub: 'svc-claims', aud: AUDIENCE, iat: seconds(), exp: seconds() + 60 });
  const kid = () => issuer.issuer.keys.toJSON()[0]!.kid;
  const publicJwk = () => issuer.issuer.keys.toJSON()[0]!;
  const signedBy = async (header: Record<string, unknown>) => {
    const { privateKey } = await generateKeyPair('RS256');
    return new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', ...header }).sign(privateKey);
  };
  const signedWell = async (header: JWTHeaderParameters, crit: Record<string, boolean> = {}) => {
    const own = await importJWK(issuer.issuer.keys.get(kid())!, header.alg);
    return new SignJWT(claims()).setProtectedHeader(header).sign(own, { crit });
  };
  const macWith = (secretText: string, alg = 'HS256') => {
    const body = `${base64({ alg, typ: 'JWT', kid: kid() })}.${base64(claims())}`;
    return `${body}.${createHmac('sha256', secretText).update(body).digest('base64url')}`;
  };
  const tampered = async (part: 0 | 1 | 2, change: (text: string) => string) => {
    const parts = (await tokenWith()).split('.');
    parts[part] = change(parts[part]!);
    return parts.join('.');
  };

  test.each<[string, () => Promise<string> | string]>([
    ['alg none', () => new UnsecuredJWT(claims()).encode()],
    [
      'alg None with a signature',
      async () => `${base64({ alg: 'None' })}.${(await tokenWith()).split('.').slice(1).join('.')}`,
    ],
    ['HS256 with the public key as PEM-less text', () => macWith(JSON.stringify(publicJwk()))],
    ['HS256 with the modulus', () => macWith(String(publicJwk().n))],
    ['HS256 with an empty secret', () => macWith('')],
    ['an algorithm outside the list, by the right key', () => signedWell({ alg: 'RS512', kid: kid() })],
    ["a stranger's key under a known kid", () => signedBy({ kid: kid() })],
    ["a stranger's key under an unknown kid", () => signedBy({ kid: 'unknown' })],
    ['kid as a path', () => signedBy({ kid: '../../../../dev/null' })],
    ['kid as SQL', () => signedBy({ kid: "x' UNION SELECT 'key" })],
    ['kid as a URL', () => signedBy({ kid: 'http://127.0.0.1:1/keys' })],
    [
      'a key brought along as jwk',
      async () => {
        const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
        return new SignJWT(claims())
          .setProtectedHeader({ alg: 'RS256', jwk: await exportJWK(publicKey) })
          .sign(privateKey);
      },
    ],
    ['a key to be fetched by jku', () => signedBy({ jku: 'http://127.0.0.1:1/keys', kid: kid() })],
    ['a key to be fetched by x5u', () => signedBy({ x5u: 'http://127.0.0.1:1/cert', kid: kid() })],
    [
      'an unknown critical header, by the right key',
      () => signedWell({ alg: 'RS256', crit: ['x'], x: 1, kid: kid() }, { x: true }),
    ],
    ['expired', () => tokenWith((payload) => Object.assign(payload, { exp: seconds() - 60 }))],
    ['without an end', () => tokenWith((payload) => void delete payload.exp)],
    ['an end that is no number', () => tokenWith((payload) => Object.assign(payload, { exp: 'never' }))],
    ['not valid yet', () => tokenWith((payload) => Object.assign(payload, { nbf: seconds() + 600 }))],
    ['issued in the future', () => tokenWith((payload) => Object.assign(payload, { iat: seconds() + 3_600 }))],
    ['another issuer', () => tokenWith((payload) => Object.assign(payload, { iss: 'https://evil.example' }))],
    ['another audience', () => tokenWith((payload) => Object.assign(payload, { aud: 'other' }))],
    ['no audience', () => tokenWith((payload) => void delete payload.aud)],
    ['no subject', () => tokenWith((payload) => void delete payload.sub)],
    ['a changed payload', () => tampered(1, () => base64({ ...claims(), scope: 'admin' }))],
    ['a changed header', () => tampered(0, () => base64({ alg: 'PS256', kid: kid() }))],
    ['a cut signature', () => tampered(2, (text) => text.slice(0, -8))],
    ['no signature', () => tampered(2, () => '')],
    [
      'an ECDSA signature of zeros',
      () => `${base64({ alg: 'ES256', kid: kid() })}.${base64(claims())}.${Buffer.alloc(64).toString('base64url')}`,
    ],
    [
      'an EdDSA key nobody knows',
      () => {
        const body = `${base64({ alg: 'EdDSA', kid: kid() })}.${base64(claims())}`;
        return `${body}.${sign(null, Buffer.from(body), generateKeyPairSync('ed25519').privateKey).toString('base64url')}`;
      },
    ],
    ['no JSON', () => 'e30.bm90.anNvbg'],
    ['four parts', async () => `${await tokenWith()}.x`],
    ['huge', () => tokenWith((payload) => Object.assign(payload, { filler: 'x'.repeat(9_000) }))],
  ])('a forged token is refused: %s', async (_, forge) => {
    const authorization = `Bearer ${await forge()}`;
    const refusal = await refusalOf(identity.verify(authorization));
    expect(refusal).toBeInstanceOf(IdentityError);
    expect([refusal.code, refusal.message]).toEqual(['refused', 'The credential is not valid.']);
    expect(identity.cached(authorization)).toBeUndefined();
  });

  test('the forgers above had the right key: with an honest header it works', async () => {
    expect((await identity.verify(`Bearer ${await signedWell({ alg: 'RS256', kid: kid() })}`)).subject).toBe(
      'svc-claims',
    );
  });

  test('API keys work beside them', async () => {
    const key = newKey();
    const both = createIdentity({
      keys: () => [{ id: 'k', hash: hashKey(key), roles: [], scopes: [] }],
      oidc,
      clock: systemClock,
    });
    expect((await both.verify(`Bearer ${key}`)).via).toBe('key');
    expect((await both.verify(`Bearer ${await tokenWith()}`)).via).toBe('jwt');
  });

  test('a verified token is remembered until it ends, and no longer', async () => {
    const clock = manualClock(Date.now());
    const remembering = createIdentity({ keys: () => [], oidc, clock });
    const authorization = `Bearer ${await tokenWith()}`;
    await remembering.verify(authorization);
    clock.advance(50_000);
    expect(remembering.cached(authorization)).toBeDefined();
    clock.advance(20_000);
    expect(remembering.cached(authorization)).toBeUndefined();
    expect((await refusalOf(remembering.verify(authorization))).code).toBe('refused');
  });
});

describe('the keys of an issuer', () => {
  let server: Server;
  let asked: string[];
  let status: number;
  let published: unknown[];
  let clock: Clock & { advance(ms: number): void };
  let identity: Identity;
  let issuer: string;

  beforeEach(async () => {
    [asked, status, published] = [[], 200, []];
    server = createServer((request, response) => {
      asked.push(request.url!);
      const isDiscovery = request.url === '/.well-known/openid-configuration';
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isDiscovery ? { issuer, jwks_uri: `${issuer}/keys` } : { keys: published }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    clock = manualClock(Date.now());
    identity = createIdentity({
      keys: () => [],
      clock,
      oidc: { issuer, audience: AUDIENCE, rolesClaim: 'roles', allowedAlgs: ALGS },
    });
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const issue = async (kid: string): Promise<() => Promise<string>> => {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    published = [{ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' }];
    return () =>
      new SignJWT({ scope: 'a' })
        .setProtectedHeader({ alg: 'ES256', kid })
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setSubject('s')
        .setExpirationTime('1h')
        .setJti(String(Math.random()))
        .sign(privateKey);
  };

  const keyRequests = () => asked.filter((url) => url === '/keys').length;

  test('are found by discovery and asked for once', async () => {
    const token = await issue('one');
    for (let call = 0; call < 5; call++) await identity.verify(`Bearer ${await token()}`);
    expect(asked).toEqual(['/.well-known/openid-configuration', '/keys']);
  });

  test('a flood of unknown key ids asks at most once in 30 seconds', async () => {
    const token = await issue('one');
    await identity.verify(`Bearer ${await token()}`);
    const stranger = await issue('two');
    published = [];
    for (let call = 0; call < 50; call++) await refusalOf(identity.verify(`Bearer ${await stranger()}`));
    expect(keyRequests()).toBe(1);
  });

  test('an issuer that is down is not flooded either, and is asked again later', async () => {
    const token = await issue('one');
    status = 500;
    for (let call = 0; call < 20; call++) await refusalOf(identity.verify(`Bearer ${await token()}`));
    expect(asked).toHaveLength(1);
    status = 200;
    clock.advance(31_000);
    expect((await identity.verify(`Bearer ${await token()}`)).subject).toBe('s');
  });

  test('a discovery document of somebody else is not believed', async () => {
    const token = await issue('one');
    const real = issuer;
    issuer = 'https://evil.example';
    const authorization = `Bearer ${await token()}`;
    issuer = 'https://evil.example';
    await refusalOf(identity.verify(authorization));
    issuer = real;
    expect(keyRequests()).toBe(0);
  });
});
