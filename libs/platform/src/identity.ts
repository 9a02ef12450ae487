import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { OidcSettings } from './config.ts';
import { IdentityError, type Principal } from './principal.ts';
import { createTokenVerifier, type TokenVerifier } from './token.ts';

/** An API key as it is stored: its hash, never itself. */
export interface KeyRecord {
  id: string;
  /** {@link hashKey} of the key. */
  hash: string;
  roles: string[];
  scopes: string[];
  consumer?: string;
  disabled?: boolean;
}

export interface Identity {
  /** @param authorization the header's value. @throws IdentityError */
  verify(authorization: string | undefined): Promise<Principal>;
  /** The same without a promise, where no signature has to be checked any more. */
  cached(authorization: string): Principal | undefined;
}

const KEY_PREFIX = 'bly_';
// More than any honest token; what is longer is not even hashed.
const MAX_CREDENTIAL_LENGTH = 8192;

// A fast hash is right here: keys are 256 random bits, so there is nothing to guess.
export const hashKey = (key: string): string => hash('sha256', key, 'hex');

export const newKey = (): string => KEY_PREFIX + randomBytes(32).toString('base64url');

const credentialOf = (authorization: string): string | undefined =>
  authorization.length <= MAX_CREDENTIAL_LENGTH ? /^Bearer +([!-~]+) *$/i.exec(authorization)?.[1] : undefined;

const principalOf = (key: KeyRecord): Principal => ({
  subject: key.id,
  roles: key.roles,
  scopes: new Set(key.scopes),
  ...(key.consumer === undefined ? {} : { consumer: key.consumer }),
  via: 'key',
});

interface KnownKey {
  digest: Buffer;
  principal: Principal | undefined;
}

const NO_KEY: KnownKey = { digest: Buffer.alloc(32), principal: undefined };

/** Keys by their hash. The list is an immutable snapshot: another list means a new index. */
const createKeyring = (keys: () => readonly KeyRecord[]): ((key: string) => Principal | undefined) => {
  let indexed: readonly KeyRecord[] | undefined;
  let byHash = new Map<string, KnownKey>();
  const index = (current: readonly KeyRecord[]): void => {
    indexed = current;
    byHash = new Map(
      current.map((key) => [
        key.hash,
        { digest: Buffer.from(key.hash, 'hex'), principal: key.disabled === true ? undefined : principalOf(key) },
      ]),
    );
  };
  return (key) => {
    const current = keys();
    if (current !== indexed) index(current);
    const digest = hash('sha256', key, 'buffer');
    // Unknown keys take the same comparison as known ones, so that time tells nothing.
    const known = byHash.get(digest.toString('hex')) ?? NO_KEY;
    return known.digest.length === digest.length && timingSafeEqual(known.digest, digest) ? known.principal : undefined;
  };
};

export const createIdentity = (options: {
  keys: () => readonly KeyRecord[];
  oidc?: OidcSettings | undefined;
  clock: Clock;
}): Identity => {
  const keyring = createKeyring(options.keys);
  const tokens: TokenVerifier | undefined =
    options.oidc === undefined ? undefined : createTokenVerifier(options.oidc, options.clock);
  const isKey = (credential: string) => tokens === undefined || credential.startsWith(KEY_PREFIX);

  const verifyCredential = async (credential: string): Promise<Principal> => {
    const principal = isKey(credential) ? keyring(credential) : await tokens!.verify(credential);
    if (principal === undefined) throw new IdentityError('refused');
    return principal;
  };

  return {
    async verify(authorization) {
      if (authorization === undefined || authorization.trim() === '') throw new IdentityError('missing');
      const credential = credentialOf(authorization);
      if (credential === undefined) throw new IdentityError('refused');
      return verifyCredential(credential);
    },
    cached(authorization) {
      const credential = credentialOf(authorization);
      if (credential === undefined) return undefined;
      return isKey(credential) ? keyring(credential) : tokens!.cached(credential);
    },
  };
};
