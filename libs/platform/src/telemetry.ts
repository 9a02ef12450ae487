import { hostname } from 'node:os';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { diagLogLevelFromString, parseKeyPairsIntoRecord } from '@opentelemetry/core';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace';
import type { Log } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { samplerFrom } from './sampler.ts';
import { createSpanRecorder, type ExportingRecorder } from './span-recorder.ts';
import { createTracing, type Tracing } from './tracing.ts';

export interface Telemetry {
  tracing: Tracing;
  metrics: Metrics;
  /** Sends the spans that still wait; resolves also when the collector cannot be reached. */
  shutdown(): Promise<void>;
}

export interface TelemetryOptions {
  /** `service.name`, unless OTEL_SERVICE_NAME gives another. */
  service: string;
  /** The standard OTEL_* variables. */
  env: NodeJS.ProcessEnv;
  log: Log;
}

/** The OTLP address, if the environment names one: without it nothing is exported and nothing is tried. */
const endpointOf = (env: NodeJS.ProcessEnv): string | undefined => {
  const own = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?.trim();
  if (own) return own;
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim();
  if (base) return `${base.replace(/\/+$/, '')}/v1/traces`;
  return env.OTEL_TRACES_EXPORTER?.trim() === 'otlp' ? 'http://localhost:4318/v1/traces' : undefined;
};

const headersOf = (env: NodeJS.ProcessEnv): Record<string, string> => ({
  ...parseKeyPairsIntoRecord(env.OTEL_EXPORTER_OTLP_HEADERS),
  ...parseKeyPairsIntoRecord(env.OTEL_EXPORTER_OTLP_TRACES_HEADERS),
});

const protocolOf = (env: NodeJS.ProcessEnv): string =>
  env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL?.trim() || env.OTEL_EXPORTER_OTLP_PROTOCOL?.trim() || 'http/protobuf';

/** Timeout, compression and certificates of the exporter are read by it from the process's own variables. */
const exporterFrom = (env: NodeJS.ProcessEnv, warn: (message: string) => void): SpanExporter | undefined => {
  const exporter = env.OTEL_TRACES_EXPORTER?.trim() || 'otlp';
  const url = endpointOf(env);
  if (env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true' || exporter === 'none') return undefined;
  if (exporter !== 'otlp')
    warn(`OTEL_TRACES_EXPORTER "${exporter}" is not known; use otlp or none. No trace is exported.`);
  if (exporter !== 'otlp' || url === undefined) return undefined;
  const protocol = protocolOf(env);
  if (protocol === 'http/json') return new JsonExporter({ url, headers: headersOf(env) });
  if (protocol !== 'http/protobuf') warn(`OTLP protocol "${protocol}" is not offered; http/protobuf is used.`);
  return new ProtobufExporter({ url, headers: headersOf(env) });
};

const resourceFrom = (service: string, env: NodeJS.ProcessEnv): Resource =>
  defaultResource().merge(
    resourceFromAttributes({
      'service.name': service,
      'host.name': hostname(),
      'process.pid': process.pid,
      ...parseKeyPairsIntoRecord(env.OTEL_RESOURCE_ATTRIBUTES),
      ...(env.OTEL_SERVICE_NAME ? { 'service.name': env.OTEL_SERVICE_NAME } : {}),
    }),
  );

const count = (text: string | undefined): number | undefined =>
  text !== undefined && /^[0-9]+$/.test(text.trim()) ? Number(text) : undefined;

const batching = (env: NodeJS.ProcessEnv): Record<string, number> => {
  const limits = {
    maxQueueSize: count(env.OTEL_BSP_MAX_QUEUE_SIZE),
    scheduledDelayMillis: count(env.OTEL_BSP_SCHEDULE_DELAY),
    exportTimeoutMillis: count(env.OTEL_BSP_EXPORT_TIMEOUT),
    maxExportBatchSize: count(env.OTEL_BSP_MAX_EXPORT_BATCH_SIZE),
  };
  return Object.fromEntries(
    Object.entries(limits).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
};

const logDiagnostics = (env: NodeJS.ProcessEnv, log: Log): void => {
  const to = (level: keyof Log) => (message: string) => log[level]({ component: 'opentelemetry' }, message);
  const logger = { error: to('warn'), warn: to('warn'), info: to('info'), debug: to('debug'), verbose: to('debug') };
  const logLevel = diagLogLevelFromString(env.OTEL_LOG_LEVEL) ?? DiagLogLevel.WARN;
  diag.setLogger(logger, { logLevel, suppressOverrideMessage: true });
};

const recorderFrom = ({ service, env, log }: TelemetryOptions): ExportingRecorder | undefined => {
  const warn = (message: string) => log.warn({}, message);
  const exporter = exporterFrom(env, warn);
  if (exporter === undefined) return undefined;
  logDiagnostics(env, log);
  return createSpanRecorder(
    resourceFrom(service, env),
    samplerFrom(env, warn),
    new BatchSpanProcessor({ exporter, ...batching(env) }),
  );
};

/** One for a process. Own spans only: nothing is patched, and no context follows calls by itself. */
export const startTelemetry = (options: TelemetryOptions): Telemetry => {
  const recorder = recorderFrom(options);
  return {
    tracing: createTracing(recorder),
    metrics: createMetrics(),
    async shutdown() {
      await recorder
        ?.shutdown()
        .catch((error: unknown) => options.log.warn({ err: error }, 'The last spans could not be exported.'));
    },
  };
};
