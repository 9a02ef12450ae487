import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { addressClass } from './address.ts';
import { EgressError } from './egress-error.ts';

export interface TlsProfile {
  ca?: string;
  cert?: string;
  key?: { reveal(): string };
  servername?: string;
  minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  ciphers?: string;
  rejectUnauthorized?: boolean;
}

export interface ConnectorOptions {
  tls?: TlsProfile | undefined;
  lookup?: LookupFunction | undefined;
  timeoutMs: number;
}

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');

/** Only who writes loopback itself into the declaration means it; a name that happens to lead there does not. */
const isDeclaredLoopback = (hostname: string): boolean =>
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  (isIP(bare(hostname)) !== 0 && addressClass(hostname) === 'loopback');

const refusal = (address: string, mayLoop: boolean): EgressError | undefined => {
  const kind = addressClass(address);
  if (kind === 'ordinary' || (kind === 'loopback' && mayLoop)) return undefined;
  const what =
    kind === 'loopback'
      ? 'leads to this machine; declare it by its address if that is meant'
      : 'leads to an address that is never served';
  return new EgressError('refused', 'before', `The declared host ${what}.`);
};

/**
 * Checks the very addresses that the socket is about to use: it resolves through here, once, and connects to nothing
 * else, so an answer that changes between check and use cannot happen. One bad address refuses the name.
 */
const checkedLookup =
  (lookup: LookupFunction, mayLoop: boolean): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, [], 0);
      const addresses = found as unknown as LookupAddress[];
      const refused = addresses.map(({ address }) => refusal(address, mayLoop)).find((reason) => reason !== undefined);
      if (refused !== undefined) return callback(refused, [], 0);
      const first = addresses[0];
      if (options.all === true || first === undefined) return callback(null, addresses, 0);
      return callback(null, first.address, first.family);
    });
  };

const tlsOptions = ({ key, ...profile }: TlsProfile): Record<string, unknown> => ({
  ...profile,
  ...(key === undefined ? {} : { key: key.reveal() }),
});

/** Opens sockets to one declared host, and to no address that the host must not lead to. */
export const createConnector = (
  hostname: string,
  { tls, lookup, timeoutMs }: ConnectorOptions,
): buildConnector.connector => {
  const mayLoop = isDeclaredLoopback(hostname);
  const connect = buildConnector({
    ...(tls === undefined ? {} : tlsOptions(tls)),
    allowH2: false,
    timeout: timeoutMs,
    lookup: checkedLookup(lookup ?? (systemLookup as LookupFunction), mayLoop),
  });
  // A literal address is never looked up.
  const refused = isIP(bare(hostname)) === 0 ? undefined : refusal(hostname, mayLoop);

  return (options, callback) => {
    if (refused !== undefined) return callback(refused, null);
    connect({ ...options, hostname: bare(options.hostname) }, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      // Gone already when the peer hung up at once; then there is nobody to talk to either.
      const reached = socket.remoteAddress === undefined ? undefined : refusal(socket.remoteAddress, mayLoop);
      if (reached === undefined) return callback(null, socket);
      socket.destroy();
      return callback(reached, null);
    });
  };
};
