import type { FastifyReply, FastifyRequest } from 'fastify';
import { Failure, type Call, type Caller, type Operation, type Reply, type Value } from '@bailey/contract';
import type { ActiveSpan } from '@bailey/platform';
import { toProblem, type ProblemContext } from '@bailey/surface';
import { headerText } from './caller.ts';
import type { DataPlane } from './deps.ts';

/** One HTTP request from its first line to its answer: its span, and whether the caller is still there. */
export class Exchange {
  readonly span: ActiveSpan;
  readonly signal: AbortSignal;
  readonly #request: FastifyRequest;
  readonly #reply: FastifyReply;

  constructor(plane: DataPlane, request: FastifyRequest, reply: FastifyReply, route: string) {
    const { headers, method } = request;
    const incoming = { traceparent: headerText(headers, 'traceparent'), tracestate: headerText(headers, 'tracestate') };
    this.#request = request;
    this.#reply = reply;
    this.span = plane.telemetry.tracing.start(`${method} ${route}`, 'server', incoming, {
      'http.request.method': method,
      'http.route': route,
      'url.path': pathOf(request.url),
    });
    const gone = new AbortController();
    this.signal = gone.signal;
    reply.raw.once('close', () => reply.raw.writableFinished || gone.abort());
  }

  /** The call that this exchange makes; its operation span becomes a child of ours. */
  call(operation: Operation, caller: Caller, input: Value): Call {
    const { span, signal } = this;
    return {
      operation,
      caller,
      input,
      signal,
      deadline: Number.POSITIVE_INFINITY,
      traceHeaders: {},
      incoming: { traceparent: span.traceparent, tracestate: span.tracestate },
      traceId: span.traceId,
      idempotencyKey: headerText(this.#request.headers, 'idempotency-key'),
    };
  }

  /** 204 without content, 202 for what was only accepted, else 200 with the bytes as they came. */
  answer(operation: Operation, { meta, bytes }: Reply): FastifyReply {
    const body = bytes();
    const { etag, location, guarantee } = meta;
    if (etag !== undefined) this.#reply.header('etag', etag);
    if (location !== undefined) this.#reply.header('location', location);
    if (guarantee !== undefined) this.#reply.header('bailey-guarantee', guarantee);
    if (body === undefined) return this.end(204, undefined);
    return this.end(operation.exchange === 'one-way' ? 202 : 200, body, JSON_HEADERS);
  }

  refuse(error: unknown, context: ProblemContext = {}): FastifyReply {
    const failure = Failure.from(error);
    const { status, headers, body } = toProblem(failure, { ...context, traceId: this.span.traceId });
    this.span.fail(failure);
    return this.end(status, JSON.stringify(body), headers);
  }

  end(status: number, body: string | Uint8Array | undefined, headers: Record<string, string> = {}): FastifyReply {
    this.span.set({ 'http.response.status_code': status });
    this.span.end();
    this.#reply.headers(headers);
    return this.#reply.code(status).send(typeof body === 'object' ? asBuffer(body) : body);
  }
}

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };

// Fastify sends a Buffer as it is, and would stringify a bare Uint8Array's view again.
const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const pathOf = (url: string): string => {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
};
