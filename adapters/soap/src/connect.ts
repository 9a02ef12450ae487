import { charsetOf } from '@bailey/codec';
import {
  ACCEPTED,
  bytesReply,
  Failure,
  type AdapterHost,
  type Call,
  type Connection,
  type DeclaredFault,
  type Described,
  type Health,
  type OutboundResponse,
  type Reply,
} from '@bailey/contract';
import { DEFAULT_MAX_RESPONSE_BYTES, type SoapConfig } from './config.ts';
import type { SoapOperation, SoapPlan } from './plan.ts';
import { ReplyReader, type ReplyStream } from './reply.ts';
import { RequestWriters, type RequestWriter } from './request.ts';
import { authHeaders, isSecured, securityHeader } from './security.ts';

/** One operation, compiled when it is first called. */
interface Line {
  operation: SoapOperation;
  write: RequestWriter;
  reader: ReplyReader;
  headers: Record<string, string>;
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

const isXml = (contentType: string | undefined): boolean =>
  /^\s*(?:text|application)\/(?:[\w.+-]+\+)?xml\b/i.test(contentType ?? '');

/** A quoted string of RFC 9110; SOAP 1.1 section 6.1.1 wants the action in quotes, even an empty one. */
const quoted = (action: string): string => `"${action.replaceAll(/["\\]/g, '\\$&')}"`;

const contentHeaders = (plan: SoapPlan, { soapAction }: SoapOperation): Record<string, string> => {
  if (plan.soapVersion === '1.1')
    return { 'content-type': 'text/xml; charset=utf-8', accept: 'text/xml', soapaction: quoted(soapAction) };
  const action = soapAction === '' ? '' : `; action=${quoted(soapAction)}`;
  return { 'content-type': `application/soap+xml; charset=utf-8${action}`, accept: 'application/soap+xml, text/xml' };
};

const lowerCased = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** `Retry-After` in seconds or as a date (RFC 9110 section 10.2.3), as milliseconds from now. */
const retryAfterMs = (header: string | undefined, now: number): number | undefined => {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
};

class SoapConnection implements Connection {
  readonly #config: SoapConfig;
  readonly #plan: SoapPlan;
  readonly #faults: ReadonlyMap<string, readonly DeclaredFault[]>;
  readonly #host: AdapterHost;
  readonly #endpoint: string;
  readonly #writers: RequestWriters;
  readonly #operations: ReadonlyMap<string, SoapOperation>;
  readonly #lines = new Map<string, Line>();
  readonly #security: () => string;
  readonly #headers: Record<string, string>;
  #isClosed = false;

  constructor(config: SoapConfig, { plan, contract }: Described<SoapPlan>, host: AdapterHost, endpoint: string) {
    this.#config = config;
    this.#plan = plan;
    this.#host = host;
    this.#endpoint = endpoint;
    this.#faults = new Map(contract.operations.map(({ name, faults }) => [name, faults]));
    this.#operations = new Map(plan.operations.map((operation) => [operation.name, operation]));
    this.#writers = new RequestWriters(plan);
    this.#security = securityHeader(config.auth);
    this.#headers = { 'accept-encoding': 'gzip', ...lowerCased(config.headers ?? {}), ...authHeaders(config.auth) };
  }

  #line(name: string): Line {
    const known = this.#lines.get(name);
    if (known !== undefined) return known;
    const operation = this.#operations.get(name);
    if (operation === undefined)
      throw Failure.of('UNKNOWN_OPERATION', `The plan of the bridge has no operation ${name}.`);
    const line: Line = {
      operation,
      write: this.#writers.of(operation),
      reader: new ReplyReader(this.#plan, operation, this.#faults.get(name) ?? [], isSecured(this.#config.auth)),
      headers: { ...this.#headers, ...contentHeaders(this.#plan, operation) },
    };
    this.#lines.set(name, line);
    return line;
  }

  async invoke(call: Call): Promise<Reply> {
    const line = this.#line(call.operation.name);
    let stream: ReplyStream | undefined;
    const response = await this.#host.fetch({
      ...this.#request(call.signal),
      method: 'POST',
      headers: { ...line.headers, ...call.traceHeaders },
      body: line.write(call.input, this.#security()),
      sink: (status, headers) => {
        stream = isDecodable(status, headers['content-type'])
          ? line.reader.open(charsetOf(headers['content-type']))
          : undefined;
        return stream === undefined ? undefined : (chunk) => stream!.write(chunk);
      },
    });
    return this.#judge(line, response, stream);
  }

  #request(signal: AbortSignal) {
    const { maxResponseBytes = DEFAULT_MAX_RESPONSE_BYTES, tls } = this.#config;
    return { url: this.#endpoint, signal, maxResponseBytes, ...(tls !== undefined && { tls }) };
  }

  #judge({ operation }: Line, response: OutboundResponse, stream: ReplyStream | undefined): Reply {
    const { status } = response;
    if (stream === undefined) throw this.#refusal(operation, response);
    const json = stream.end();
    if (!isSuccess(status)) throw unexpected(operation, response);
    if (operation.oneWay) return ACCEPTED;
    if (json === undefined)
      throw Failure.of('PROTOCOL_ERROR', `Calling ${operation.native}: the answer is empty (HTTP ${status}).`, {
        phase: 'after',
        outcome: 'unknown',
      });
    return bytesReply(json);
  }

  #refusal({ native }: SoapOperation, response: OutboundResponse): Failure {
    const { status, headers } = response;
    if (status === 401 || status === 403)
      return Failure.of(
        'CREDENTIALS_REFUSED',
        `Calling ${native}: the system refused our credentials (HTTP ${status}). Renew them.`,
        { phase: 'after', outcome: 'notDone' },
      );
    if (status !== 503) return unexpected({ native }, response);
    const after = retryAfterMs(headers['retry-after'], this.#host.clock.now());
    return Failure.of('LEGACY_UNAVAILABLE', `Calling ${native}: the system says that it cannot serve now (HTTP 503).`, {
      phase: 'after',
      ...(after !== undefined && { retryAfterMs: after }),
    });
  }

  /** Any answer at all is one: a service that knows no HEAD is as alive as one that does. */
  async health(signal: AbortSignal): Promise<Health> {
    if (this.#isClosed) return { up: false, reason: 'The line is closed.' };
    try {
      const { status } = await this.#host.fetch({ ...this.#request(signal), method: 'HEAD', headers: this.#headers });
      return { up: true, reason: `The endpoint answered HTTP ${status}.` };
    } catch (error) {
      const failure = Failure.from(error);
      return failure.code === 'ANSWER_TOO_LARGE'
        ? { up: true, reason: 'The endpoint answered.' }
        : { up: false, reason: failure.message };
    }
  }

  /** Sockets belong to the host, which closes them; there is nothing of ours to close. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
  }
}

/** Statuses that say it all are not read; of the others an envelope may tell more, unless it calls itself no XML. */
const isDecodable = (status: number, contentType: string | undefined): boolean => {
  if (status === 401 || status === 403 || status === 503) return false;
  return isSuccess(status) || (contentType ?? '') === '' || isXml(contentType);
};

const unexpected = ({ native }: { native: string }, { status, headers }: OutboundResponse): Failure =>
  Failure.of(
    'PROTOCOL_ERROR',
    `Calling ${native}: the system answered HTTP ${status} (${mediaType(headers['content-type'])}) without a SOAP fault.`,
    { phase: 'after', outcome: 'unknown' },
  );

const mediaType = (contentType: string | undefined): string =>
  /^[\w.+/-]{1,60}/.exec(contentType ?? '')?.[0] ?? 'no content type';

/** Opens a line from the stored plan. Nothing is sent until the first call. Throws `INVALID_RESOURCE` without an endpoint. */
export const connectSoap = async (
  config: SoapConfig,
  stored: Described<SoapPlan>,
  host: AdapterHost,
): Promise<Connection> => {
  const endpoint = config.endpoint ?? stored.plan.endpoint;
  if (endpoint !== '') return new SoapConnection(config, stored, host, endpoint);
  throw Failure.of('INVALID_RESOURCE', 'Connecting: the WSDL names no address. Set `connection.endpoint`.', {
    errors: [{ pointer: '/spec/connection/endpoint', message: 'is needed: the WSDL names no address' }],
  });
};

/** Where the WSDL is read from, and where calls go. */
export const soapEgress = (config: SoapConfig, stored: Described<SoapPlan> | undefined): string[] =>
  [config.wsdl, config.endpoint ?? stored?.plan.endpoint ?? ''].filter((address) => /^https?:\/\//i.test(address));
