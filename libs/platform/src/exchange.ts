import type { Dispatcher } from 'undici';
import { createDecoder, type Decoder } from './content-coding.ts';
import { EgressError } from './egress-error.ts';

/** Header names in lower case; repeated headers joined by `, `. */
export interface OutboundResponse {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

export interface ExchangeRequest {
  method: string;
  signal: AbortSignal;
  maxResponseBytes: number;
  sink?: (status: number, headers: Record<string, string>) => ((chunk: Uint8Array) => void) | undefined;
}

type IncomingHeaders = Record<string, string | string[] | undefined>;

const EMPTY = new Uint8Array();
const NO_BODY_STATUS = new Set([204, 205, 304]);

const joinHeaders = (incoming: IncomingHeaders): Record<string, string> => {
  const headers: Record<string, string> = Object.create(null);
  for (const name of Object.keys(incoming)) {
    const value = incoming[name];
    headers[name] = typeof value === 'string' ? value : (value ?? []).join(', ');
  }
  return headers;
};

/**
 * One request on undici's dispatch interface: collects or hands on the body, keeps it within its bound, and tells
 * how far it had come when it broke. Ends exactly once.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: ExchangeRequest;
  readonly #resolve: (response: OutboundResponse) => void;
  readonly #reject: (error: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: Record<string, string> = Object.create(null);
  #sink: ((chunk: Uint8Array) => void) | undefined;
  #decoder: Decoder | undefined;
  #chunks: Uint8Array[] = [];
  #received = 0;
  #isOver = false;

  constructor(
    request: ExchangeRequest,
    resolve: (response: OutboundResponse) => void,
    reject: (error: unknown) => void,
  ) {
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    if (request.signal.aborted) this.#onAbort();
    else request.signal.addEventListener('abort', this.#onAbort);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The request is about to be written to a connected socket. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isOver) return controller.abort(new EgressError('aborted', 'before', 'The call was given up.'));
    this.#controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, incoming: IncomingHeaders): void {
    // 1xx are announcements; the answer is still to come.
    if (status < 200) return;
    this.#status = status;
    this.#headers = joinHeaders(incoming);
    this.#prepareDecoder();
    if (this.#announcedBytes() > this.#request.maxResponseBytes) return this.#tooLarge();
    this.#guard(() => (this.#sink = this.#request.sink?.(status, this.#headers)));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#isOver) return;
    if (this.#decoder === undefined) this.#take(chunk);
    else this.#decoder.write(chunk);
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    if (this.#decoder === undefined) this.#finish();
    else this.#decoder.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (error instanceof EgressError) return this.#fail(error);
    const isRefused =
      'code' in error && (error.code === 'UND_ERR_INVALID_ARG' || error.code === 'UND_ERR_NOT_SUPPORTED');
    // undici's own check of methods, paths, header names and control characters in header values.
    if (isRefused)
      return this.#fail(
        new EgressError('refused', 'before', 'The request is not a valid HTTP message.', { cause: error }),
      );
    const [code, phase, what] =
      this.#controller === undefined
        ? (['unreachable', 'before', 'No connection could be made.'] as const)
        : (['lost', 'after', 'The connection broke before the answer was whole.'] as const);
    this.#fail(new EgressError(code, phase, what, { cause: error }));
  }

  readonly #onAbort = (): void => {
    const phase = this.#controller === undefined ? 'before' : 'after';
    this.#fail(new EgressError('aborted', phase, 'The call was given up.'));
  };

  #prepareDecoder(): void {
    if (NO_BODY_STATUS.has(this.#status) || this.#request.method === 'HEAD') return;
    const coding = this.#headers['content-encoding'];
    this.#decoder =
      coding === undefined
        ? undefined
        : createDecoder(coding, {
            chunk: (decoded) => this.#take(decoded),
            end: () => this.#finish(),
            error: (error) =>
              this.#fail(new EgressError('lost', 'after', 'The compressed answer is broken.', { cause: error })),
          });
    if (this.#decoder === undefined) return;
    // Both describe bytes that nobody will see.
    delete this.#headers['content-encoding'];
    delete this.#headers['content-length'];
  }

  #announcedBytes(): number {
    // The answer to HEAD tells the length of a body that will not come.
    return this.#request.method === 'HEAD' ? 0 : Number(this.#headers['content-length'] ?? 0);
  }

  #take(chunk: Uint8Array): void {
    if (this.#isOver) return;
    this.#received += chunk.length;
    if (this.#received > this.#request.maxResponseBytes) return this.#tooLarge();
    const sink = this.#sink;
    if (sink === undefined) this.#chunks.push(chunk);
    else this.#guard(() => sink(chunk));
  }

  #guard(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#fail(error);
    }
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#end();
    const [first = EMPTY, ...more] = this.#chunks;
    const body = more.length === 0 ? first : Buffer.concat(this.#chunks, this.#received);
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  #tooLarge(): void {
    this.#fail(
      new EgressError('tooLarge', 'after', `The answer is larger than ${this.#request.maxResponseBytes} bytes.`),
    );
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#end();
    this.#chunks = [];
    this.#decoder?.destroy();
    // Closes the socket: whoever is at the other end learns that nobody waits.
    this.#controller?.abort(error instanceof Error ? error : new Error('The answer was not accepted.'));
    this.#reject(error);
  }

  #end(): void {
    this.#isOver = true;
    this.#request.signal.removeEventListener('abort', this.#onAbort);
  }
}
