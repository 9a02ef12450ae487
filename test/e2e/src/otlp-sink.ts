import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** As OTLP writes it in JSON. Kinds: 1 internal, 2 server, 3 client. */
export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
}

interface Export {
  resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
}

export interface OtlpSink {
  /** What makes a process send its spans here, soon. */
  env: NodeJS.ProcessEnv;
  spansOf(traceId: string): Span[];
  close(): Promise<void>;
}

/** A collector of traces over OTLP/HTTP with JSON. */
export const startOtlpSink = async (): Promise<OtlpSink> => {
  const spans: Span[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      for (const { scopeSpans } of (body as Export).resourceSpans)
        spans.push(...scopeSpans.flatMap((scope) => scope.spans));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    },
    spansOf: (traceId) => spans.filter((span) => span.traceId === traceId),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};
