import { acceptTracestate, formatTraceparent, parseTraceparent, type TraceParent } from './trace-context.ts';
import { newSpanId, newTraceId } from './random-id.ts';

export type Attributes = Record<string, string | number | boolean>;
export type SpanKind = 'server' | 'internal' | 'client';

export interface SpanContext {
  traceId: string;
  spanId: string;
  sampled: boolean;
  tracestate?: string;
}

export interface ActiveSpan extends SpanContext {
  /** What to send on: this span as the parent. */
  readonly traceparent: string;
  set(attributes: Attributes): void;
  /** Marks the span as failed; `code` becomes `error.type`. */
  fail(error: { code: string; message: string }): void;
  /** Once; nothing may be set after it. */
  end(): void;
}

export interface Tracing {
  /** `parent` as received; text that is not a valid trace context starts a new trace. */
  start(
    name: string,
    kind: SpanKind,
    parent: { traceparent?: string | undefined; tracestate?: string | undefined } | undefined,
    attributes: Attributes,
  ): ActiveSpan;
}

/** Where sampled spans are recorded; absent when nothing is exported. */
export interface SpanRecorder {
  /** Whether a trace that begins here is recorded; a parent's flag decides otherwise as the sampler says. */
  sample(traceId: string, parent: TraceParent | undefined): boolean;
  record(
    name: string,
    kind: SpanKind,
    own: SpanContext,
    parent: TraceParent | undefined,
    attributes: Attributes,
  ): SpanRecord;
}

export interface SpanRecord {
  set(attributes: Attributes): void;
  fail(error: { code: string; message: string }): void;
  end(): void;
}

/** A span as most calls have it: ids for logs and the wire, nothing to record. */
class CarriedSpan implements ActiveSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
  declare readonly tracestate?: string;
  readonly #record: SpanRecord | undefined;

  constructor(context: SpanContext, record?: SpanRecord) {
    this.traceId = context.traceId;
    this.spanId = context.spanId;
    this.sampled = context.sampled;
    if (context.tracestate !== undefined) this.tracestate = context.tracestate;
    this.#record = record;
  }

  get traceparent(): string {
    return formatTraceparent(this.traceId, this.spanId, this.sampled);
  }

  set(attributes: Attributes): void {
    this.#record?.set(attributes);
  }

  fail(error: { code: string; message: string }): void {
    this.#record?.fail(error);
  }

  end(): void {
    this.#record?.end();
  }
}

/** Without a recorder a parent's sampled flag is handed on, and a new trace is not sampled. */
export const createTracing = (recorder?: SpanRecorder): Tracing => ({
  start(name, kind, parent, attributes) {
    const incoming = parseTraceparent(parent?.traceparent);
    const traceId = incoming?.traceId ?? newTraceId();
    const sampled = recorder === undefined ? (incoming?.sampled ?? false) : recorder.sample(traceId, incoming);
    const context: SpanContext = { traceId, spanId: newSpanId(), sampled };
    const tracestate = incoming === undefined ? undefined : acceptTracestate(parent?.tracestate);
    if (tracestate !== undefined) context.tracestate = tracestate;
    return new CarriedSpan(context, sampled ? recorder?.record(name, kind, context, incoming, attributes) : undefined);
  },
});
