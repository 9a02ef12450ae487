import {
  createTraceState,
  ROOT_CONTEXT,
  SpanKind as SdkKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Span,
} from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import { AlwaysOnSampler, TracerProvider, type IdGenerator, type SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Sample } from './sampler.ts';
import type { TraceParent } from './trace-context.ts';
import type { Attributes, SpanContext, SpanKind, SpanRecord, SpanRecorder } from './tracing.ts';

const KINDS: Record<SpanKind, SdkKind> = { server: SdkKind.SERVER, internal: SdkKind.INTERNAL, client: SdkKind.CLIENT };

class RecordedSpan implements SpanRecord {
  readonly #span: Span;

  constructor(span: Span) {
    this.#span = span;
  }

  set(attributes: Attributes): void {
    this.#span.setAttributes(attributes);
  }

  fail({ code, message }: { code: string; message: string }): void {
    this.#span.setAttribute('error.type', code).setStatus({ code: SpanStatusCode.ERROR, message });
  }

  end(): void {
    this.#span.end();
  }
}

const contextOf = (own: SpanContext, parent: TraceParent | undefined): Context => {
  if (parent === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: own.traceId,
    spanId: parent.spanId,
    traceFlags: parent.sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
    ...(own.tracestate === undefined ? {} : { traceState: createTraceState(own.tracestate) }),
  });
};

/** Hands the SDK the ids that were drawn before it was asked: unsampled spans never reach it. */
class DrawnIds implements IdGenerator {
  traceId = '';
  spanId = '';

  generateTraceId(): string {
    return this.traceId;
  }

  generateSpanId(): string {
    return this.spanId;
  }
}

export interface ExportingRecorder extends SpanRecorder {
  shutdown(): Promise<void>;
}

export const createSpanRecorder = (resource: Resource, sample: Sample, processor: SpanProcessor): ExportingRecorder => {
  const ids = new DrawnIds();
  const sampler = new AlwaysOnSampler();
  const provider = new TracerProvider({ resource, sampler, idGenerator: ids, spanProcessors: [processor] });
  const tracer = provider.getTracer('bailey');
  return {
    sample,
    record(name, kind, own, parent, attributes) {
      ids.traceId = own.traceId;
      ids.spanId = own.spanId;
      return new RecordedSpan(tracer.startSpan(name, { kind: KINDS[kind], attributes }, contextOf(own, parent)));
    },
    shutdown: () => provider.shutdown(),
  };
};
