import { Failure, type Call, type Clock, type FaultKind, type Log, type Operation, type Reply } from '@bailey/contract';
import type { ActiveSpan, Attributes, Tracing } from '@bailey/platform';
import { isCallerGone } from './abandonment.ts';
import type { OperationMetrics } from './call-metrics.ts';
import { withOutcome } from './outcome.ts';
import type { Stage } from './pipeline.ts';

export interface TraceOptions {
  bridge: string;
  system: string;
  adapter: string;
  operation: Operation;
  tracing: Tracing;
  metrics: OperationMetrics;
  clock: Clock;
  log: Log;
}

type Level = 'info' | 'warn' | 'error';

const SYSTEM_FAULTS = new Set<FaultKind>(['unavailable', 'timeout', 'protocol']);

const levelOf = (kind: FaultKind): Level => (kind === 'internal' ? 'error' : SYSTEM_FAULTS.has(kind) ? 'warn' : 'info');

const propagation = (span: ActiveSpan): Readonly<Record<string, string>> =>
  span.tracestate === undefined
    ? { traceparent: span.traceparent }
    : { traceparent: span.traceparent, tracestate: span.tracestate };

/**
 * Outermost: one span, one observation and, if it failed, one log line a call; whatever was thrown leaves as a
 * Failure. Names and labels are fixed here, at registration.
 */
export const trace = ({ bridge, system, adapter, operation, tracing, metrics, clock, log }: TraceOptions): Stage => {
  const name = `${bridge}.${operation.name}`;
  const names = { bridge, operation: operation.name, system };
  const attributes: Attributes = {
    'bailey.bridge': bridge,
    'bailey.operation': operation.name,
    'bailey.system': system,
    'rpc.system.name': adapter,
    'rpc.method': operation.native,
  };
  const succeeded = metrics.calls('ok');

  const logFailure = (call: Call, span: ActiveSpan, failure: Failure, ms: number): void => {
    const ids = { trace_id: span.traceId, span_id: span.spanId, ...names, code: failure.code };
    const { consumer, subject } = call.caller;
    const fields = {
      ...ids,
      outcome: failure.options.outcome,
      consumer,
      subject,
      duration_ms: Math.round(ms),
      err: failure.cause,
    };
    log[levelOf(failure.kind)](fields, failure.message);
  };

  const fail = (call: Call, span: ActiveSpan, error: unknown, startedAt: number): Failure => {
    const failure = withOutcome(Failure.from(error), operation.effect);
    const ms = clock.monotonic() - startedAt;
    span.fail(failure);
    metrics.calls(isCallerGone(call) ? 'cancelled' : failure.kind).inc();
    metrics.duration.observe(ms / 1000, span.sampled ? span.traceId : undefined);
    logFailure(call, span, failure, ms);
    return failure;
  };

  return (next) =>
    async (call): Promise<Reply> => {
      const startedAt = clock.monotonic();
      const span = tracing.start(name, 'internal', call.incoming, attributes);
      call.traceHeaders = propagation(span);
      try {
        const reply = await next(call);
        succeeded.inc();
        metrics.duration.observe((clock.monotonic() - startedAt) / 1000, span.sampled ? span.traceId : undefined);
        return reply;
      } catch (error) {
        throw fail(call, span, error, startedAt);
      } finally {
        span.end();
      }
    };
};
