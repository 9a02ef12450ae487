import { createHash } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import { Pool } from 'undici';
import { BoundedMap } from './bounded-map.ts';
import { createConnector, type TlsProfile } from './connector.ts';
import { EgressError } from './egress-error.ts';
import { Exchange, type OutboundResponse } from './exchange.ts';
import { parseTraceparent } from './trace-context.ts';
import type { ActiveSpan, Tracing } from './tracing.ts';

export { EgressError } from './egress-error.ts';
export type { TlsProfile } from './connector.ts';
export type { OutboundResponse } from './exchange.ts';

export interface OutboundRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
  /** Aborting closes the socket. */
  signal: AbortSignal;
  /** Of the body as it is handed over: after decompression. */
  maxResponseBytes: number;
  /** A profile of this connection alone. */
  tls?: TlsProfile;
  /** Gets the head; what it returns gets the decoded chunks, and the response's `body` is then empty. */
  sink?: (status: number, headers: Record<string, string>) => ((chunk: Uint8Array) => void) | undefined;
}

/** The only way out over HTTP. */
export interface Egress {
  /**
   * One exchange with a declared origin. Redirects are answers like others. gzip, deflate and br are decoded; the
   * request's own `accept-encoding` decides whether they come.
   * @throws EgressError, or what `sink` threw
   */
  fetch(request: OutboundRequest): Promise<OutboundResponse>;
  /** Cuts what is still under way. */
  close(): Promise<void>;
}

export interface EgressOptions {
  /** `scheme://host:port`; what follows the origin is ignored. */
  allow: readonly string[];
  tracing: Tracing;
  lookup?: LookupFunction;
  /** Sockets per origin at most. */
  connections?: number;
}

interface Target {
  origin: string;
  hostname: string;
  port: number;
  path: string;
}

// An adapter speaks to a handful of addresses over and over; parsing each time would cost more than the rest.
const MAX_TARGETS = 256;
const MAX_POOLS = 64;
// Shorter than the five seconds after which common servers close an idle connection under our hands.
const KEEP_ALIVE_MS = 4_000;
const CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_PORTS: Record<string, number> = { 'http:': 80, 'https:': 443 };

const parseTarget = (text: string): Target => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && url.protocol in DEFAULT_PORTS && url.username === '' && url.password === '';
  if (!isPlain)
    throw new EgressError(
      'refused',
      'before',
      'Only http and https addresses without credentials in them can be reached.',
    );
  return {
    origin: url.origin,
    hostname: url.hostname,
    port: url.port === '' ? DEFAULT_PORTS[url.protocol]! : Number(url.port),
    path: url.pathname + url.search,
  };
};

/** One name for all profiles of the same content; it holds no key in the clear. */
const profileKey = (() => {
  const keys = new WeakMap<TlsProfile, string>();
  const digest = (profile: TlsProfile): string =>
    createHash('sha256')
      .update(JSON.stringify({ ...profile, key: profile.key?.reveal() }))
      .digest('base64');
  return (profile: TlsProfile | undefined): string => {
    if (profile === undefined) return '';
    const known = keys.get(profile) ?? digest(profile);
    keys.set(profile, known);
    return known;
  };
})();

// A bridge may declare addresses of other protocols too; they are not for here.
const isHttp = (address: string): boolean => /^https?:/i.test(address);

class PooledEgress implements Egress {
  readonly #allowed: ReadonlySet<string>;
  readonly #options: EgressOptions;
  readonly #targets = new BoundedMap<Target>(MAX_TARGETS);
  readonly #pools = new BoundedMap<Pool>(MAX_POOLS, (pool) => void pool.close());
  #isClosed = false;

  constructor(options: EgressOptions) {
    this.#options = options;
    this.#allowed = new Set(options.allow.filter(isHttp).map((address) => parseTarget(address).origin));
  }

  async fetch(request: OutboundRequest): Promise<OutboundResponse> {
    const target = this.#targets.get(request.url, () => parseTarget(request.url));
    if (!this.#allowed.has(target.origin))
      throw new EgressError('refused', 'before', 'The address is not one that is declared.');
    if (this.#isClosed) throw new EgressError('aborted', 'before', 'The line is closed.');
    const isTraced =
      request.headers.traceparent !== undefined && parseTraceparent(request.headers.traceparent)?.sampled === true;
    return isTraced ? this.#tracedExchange(request, target) : this.#exchange(request, request.headers, target);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const closed = new EgressError('aborted', 'after', 'The line was closed.');
    await Promise.all(this.#pools.drain().map((pool) => pool.destroy(closed)));
  }

  #exchange(request: OutboundRequest, headers: Record<string, string>, target: Target): Promise<OutboundResponse> {
    const { body, method } = request;
    const pool = this.#pools.get(`${target.origin} ${profileKey(request.tls)}`, () =>
      this.#openPool(target, request.tls),
    );
    return new Promise((resolve, reject) => {
      const exchange = new Exchange(request, resolve, reject);
      if (!exchange.isOver) pool.dispatch({ path: target.path, method, headers, body: body ?? null }, exchange);
    });
  }

  async #tracedExchange(request: OutboundRequest, target: Target): Promise<OutboundResponse> {
    const span = this.#startSpan(request, target);
    const headers = { ...request.headers, traceparent: span.traceparent };
    try {
      const response = await this.#exchange(request, headers, target);
      span.set({ 'http.response.status_code': response.status });
      if (response.status >= 400) span.fail({ code: String(response.status), message: `HTTP ${response.status}` });
      return response;
    } catch (error) {
      span.fail(
        error instanceof EgressError ? error : { code: 'refused_by_reader', message: 'The answer was not accepted.' },
      );
      throw error;
    } finally {
      span.end();
    }
  }

  // Names and attributes by the HTTP semantic conventions; the query is left out, it may hold what nobody should read.
  #startSpan({ method, headers }: OutboundRequest, target: Target): ActiveSpan {
    return this.#options.tracing.start(method, 'client', headers, {
      'http.request.method': method,
      'server.address': target.hostname,
      'server.port': target.port,
      'url.full': target.origin + target.path.split('?', 1)[0],
    });
  }

  #openPool({ origin, hostname }: Target, tls: TlsProfile | undefined): Pool {
    const { lookup, connections } = this.#options;
    return new Pool(origin, {
      connect: createConnector(hostname, { tls, lookup, timeoutMs: CONNECT_TIMEOUT_MS }),
      connections: connections ?? null,
      allowH2: false,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Deadlines belong to the caller's signal.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }
}

export const createEgress = (options: EgressOptions): Egress => new PooledEgress(options);
