import { hash } from 'node:crypto';
import {
  createRemoteJWKSet,
  customFetch,
  jwtVerify,
  type FetchImplementation,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import type { Clock } from './clock.ts';
import type { OidcSettings } from './config.ts';
import { IdentityError, type Principal } from './principal.ts';

/** Tokens of one issuer. */
export interface TokenVerifier {
  /** @throws IdentityError */
  verify(token: string): Promise<Principal>;
  /** Undefined unless this very token was verified before and is still good. */
  cached(token: string): Principal | undefined;
}

// At most one request in this time, whatever tokens say: a flood of unknown key ids must not reach the issuer.
const REFRESH_MS = 30_000;
const JWKS_MAX_AGE_MS = 10 * 60_000;
const FETCH_TIMEOUT_MS = 5_000;
// A key that the issuer has withdrawn stops being believed after this, even if its token lives longer.
const CACHE_MS = 5 * 60_000;
const CACHE_SIZE = 10_000;
const LEEWAY_S = 5;
const MAX_FUTURE_S = 60;

const textList = (value: unknown): string[] => {
  if (typeof value === 'string') return value.split(' ').filter((part) => part !== '');
  return Array.isArray(value) ? value.filter((part): part is string => typeof part === 'string') : [];
};

/** `realm_access.roles` leads into objects; only own members count. */
const claimAt = (claims: JWTPayload, path: string): unknown => {
  if (Object.hasOwn(claims, path)) return claims[path];
  return path
    .split('.')
    .reduce<unknown>(
      (at, name) =>
        typeof at === 'object' && at !== null && Object.hasOwn(at, name)
          ? (at as Record<string, unknown>)[name]
          : undefined,
      claims,
    );
};

const principalOf = (claims: JWTPayload, { rolesClaim }: OidcSettings): Principal => ({
  subject: claims.sub!,
  roles: textList(claimAt(claims, rolesClaim)),
  scopes: new Set([...textList(claims.scope), ...textList(claims.scp)]),
  via: 'jwt',
  claims,
});

/** Lets one request through in {@link REFRESH_MS}. */
const throttled = (clock: Clock): FetchImplementation => {
  let last = -Infinity;
  return async (url, options) => {
    if (clock.monotonic() - last < REFRESH_MS) throw new Error('The issuer was asked less than 30 s ago.');
    last = clock.monotonic();
    return fetch(url, options);
  };
};

/** OpenID Connect Discovery 1.0, section 4: the document must name the issuer that it was asked of. */
const discover = async (issuer: string, ask: FetchImplementation): Promise<string> => {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
  const response = await ask(url, { headers: new Headers(), method: 'GET', redirect: 'manual', signal });
  if (response.status !== 200) throw new Error(`The issuer answered its discovery document with ${response.status}.`);
  const document = (await response.json()) as { issuer?: string; jwks_uri?: string };
  if (document.issuer !== issuer || document.jwks_uri === undefined)
    throw new Error('The discovery document is not that of the issuer.');
  return document.jwks_uri;
};

/** The issuer's keys, found at the first token and kept. */
const keysOf = (oidc: OidcSettings, clock: Clock): JWTVerifyGetKey => {
  const askForKeys = throttled(clock);
  const askForDocument = throttled(clock);
  const open = async (): Promise<JWTVerifyGetKey> => {
    const url = oidc.jwksUrl ?? (await discover(oidc.issuer, askForDocument));
    const limits = { cooldownDuration: REFRESH_MS, cacheMaxAge: JWKS_MAX_AGE_MS, timeoutDuration: FETCH_TIMEOUT_MS };
    return createRemoteJWKSet(new URL(url), { ...limits, [customFetch]: askForKeys });
  };
  let opening: Promise<JWTVerifyGetKey> | undefined;
  return async (header, token) => {
    opening ??= open();
    const keys = await opening.catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return keys(header, token);
  };
};

interface CachedToken {
  principal: Principal;
  until: number;
}

/** By the hash of the token, so that no memory dump holds a usable one. Oldest out first. */
class TokenCache {
  readonly #tokens = new Map<string, CachedToken>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(token: string): Principal | undefined {
    const key = hash('sha256', token, 'base64');
    const found = this.#tokens.get(key);
    if (found === undefined) return undefined;
    if (found.until > this.#clock.now()) return found.principal;
    this.#tokens.delete(key);
    return undefined;
  }

  put(token: string, principal: Principal, expiresAt: number): void {
    if (this.#tokens.size >= CACHE_SIZE) this.#tokens.delete(this.#tokens.keys().next().value!);
    this.#tokens.set(hash('sha256', token, 'base64'), {
      principal,
      until: Math.min(expiresAt, this.#clock.now() + CACHE_MS),
    });
  }
}

export const createTokenVerifier = (oidc: OidcSettings, clock: Clock): TokenVerifier => {
  const keys = keysOf(oidc, clock);
  const cache = new TokenCache(clock);

  const check = async (token: string): Promise<JWTPayload> => {
    const { payload } = await jwtVerify(token, keys, {
      issuer: oidc.issuer,
      audience: oidc.audience,
      algorithms: oidc.allowedAlgs,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: LEEWAY_S,
      currentDate: new Date(clock.now()),
    });
    if ((payload.iat ?? 0) > clock.now() / 1000 + MAX_FUTURE_S) throw new Error('The token was issued in the future.');
    return payload;
  };

  return {
    async verify(token) {
      const known = cache.get(token);
      if (known !== undefined) return known;
      const claims = await check(token).catch((error: unknown) => {
        throw new IdentityError('refused', { cause: error });
      });
      const principal = principalOf(claims, oidc);
      cache.put(token, principal, claims.exp! * 1000);
      return principal;
    },
    cached: (token) => cache.get(token),
  };
};
