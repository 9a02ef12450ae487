import { Failure, type Caller } from '@bailey/contract';
import type { Snapshot } from '@bailey/bridges';
import { IdentityError, type Identity, type Principal } from '@bailey/platform';

/** Node's parsed headers: names in lower case. */
export type Headers = Record<string, string | string[] | undefined>;

const NO_SCOPES: ReadonlySet<string> = new Set();

export const headerText = (headers: Headers, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
};

const refused = (error: unknown): Failure =>
  error instanceof IdentityError
    ? Failure.of('UNAUTHENTICATED', `${error.message} Send Authorization: Bearer <key or token>.`)
    : Failure.of('INTERNAL', 'The credential could not be checked.', { cause: error });

const withPrincipal = (principal: Principal, snapshot: Snapshot, header: string | undefined): Caller => {
  const consumer = principal.consumer ?? snapshot.consumerOf({ header, subject: principal.subject });
  return {
    subject: principal.subject,
    authenticated: true,
    scopes: principal.scopes,
    ...(consumer === undefined ? {} : { consumer }),
  };
};

const anonymous = (snapshot: Snapshot, header: string | undefined): Caller => {
  const consumer = header === undefined ? undefined : snapshot.consumerOf({ header });
  return { authenticated: false, scopes: NO_SCOPES, ...(consumer === undefined ? {} : { consumer }) };
};

/**
 * Who calls, by what the request carries. A promise only where a signature has still to be checked. A credential that
 * is not valid is refused even where none is needed: its sender means to be known.
 */
export const callerOf = (identity: Identity, snapshot: Snapshot, headers: Headers): Caller | Promise<Caller> => {
  const header = headerText(headers, 'x-bailey-consumer');
  const { authorization } = headers;
  if (typeof authorization !== 'string') return anonymous(snapshot, header);
  const known = identity.cached(authorization);
  if (known) return withPrincipal(known, snapshot, header);
  return identity.verify(authorization).then(
    (principal) => withPrincipal(principal, snapshot, header),
    (error: unknown) => {
      throw refused(error);
    },
  );
};
