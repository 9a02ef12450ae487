import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Failure, type Log } from '@bailey/contract';
import { toProblem } from '@bailey/surface';
import { spanOf } from './access/admission.ts';
import type { RouteTable } from './route-table.ts';

/** Every failure leaves as a problem document, those of Nest and Fastify too. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #routes: RouteTable;
  readonly #log: Log;

  constructor(routes: RouteTable, log: Log) {
    this.#routes = routes;
    this.#log = log;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    // A resolver's failure is an error of its field, made by the GraphQL handler.
    if (host.getType() !== 'http') throw error;
    const http = host.switchToHttp();
    const [request, reply] = [http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>()];
    const failure = this.#failureOf(error, request);
    const span = spanOf(request);
    if (failure.code === 'INTERNAL')
      this.#log.error({ err: failure.cause, trace_id: span?.traceId }, 'A control request failed');
    if (failure.status >= 500) span?.fail({ code: failure.code, message: failure.message });
    const { status, headers, body } = toProblem(failure, { traceId: span?.traceId });
    void reply.status(status).headers(headers).send(JSON.stringify(body));
  }

  #failureOf(error: unknown, request: FastifyRequest): Failure {
    if (!(error instanceof HttpException)) return Failure.from(error);
    const status = error.getStatus();
    if (status === 404) return this.#nothingThere(request);
    if (status === 413) return Failure.of('BODY_TOO_LARGE', 'Reading the body: it is larger than is accepted here.');
    if (status === 415) return Failure.of('UNSUPPORTED_MEDIA_TYPE', 'Reading the body: send application/json.');
    return Failure.of('INVALID_INPUT', 'Reading the request: it is not well formed.', { cause: error });
  }

  #nothingThere({ method, url }: FastifyRequest): Failure {
    const allow = this.#routes.methodsAt(url.split('?', 1)[0]!);
    if (allow.length === 0) return Failure.of('UNKNOWN_PATH', 'Nothing is served at this path.');
    return Failure.of('METHOD_NOT_ALLOWED', `${method} is not offered here.`, { more: { allow } });
  }
}
