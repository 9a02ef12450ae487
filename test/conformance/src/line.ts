import { Failure } from '@bailey/contract';
import type { Call, Connection, Described, Operation, Reply, Value } from '@bailey/contract';
import type { Card, Emulator } from './card.ts';
import type { LogLine } from './recording-log.ts';
import { recordingLog } from './recording-log.ts';

/** Longer than any healthy answer takes, also on a busy machine. */
const PATIENCE_MS = 10_000;

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

interface Limits {
  signal?: AbortSignal;
  timeoutMs?: number;
}

/** A bridge opened by hand: what the gateway does around an adapter, as small as it can be. */
export class Line implements AsyncDisposable {
  readonly described: Described;
  readonly connection: Connection;
  readonly logLines: LogLine[];
  readonly #close: () => Promise<void>;

  private constructor(described: Described, connection: Connection, logLines: LogLine[], close: () => Promise<void>) {
    this.described = described;
    this.connection = connection;
    this.logLines = logLines;
    this.#close = close;
  }

  static async open<Config, Plan>(card: Card<Config, Plan>, config: Config): Promise<Line> {
    const { log, lines } = recordingLog();
    const closing = new AbortController();
    const open = (egress: string[]) => card.host({ signal: closing.signal, egress, log });
    const { adapter, describeOptions } = card;

    const describing = await open(adapter.egress(config, undefined));
    const described = await adapter.describe(config, describing.host, describeOptions);
    await describing.close();

    // As the store gives it back: what does not survive JSON is lost here and not in production.
    const stored = JSON.parse(JSON.stringify(described)) as Described<Plan>;
    const serving = await open(adapter.egress(config, stored));
    const connection = await adapter.connect(config, stored, serving.host);
    return new Line(stored, connection, lines, async () => {
      closing.abort();
      await serving.close();
    });
  }

  operation(name: string): Operation {
    const found = this.described.contract.operations.find((operation) => operation.name === name);
    if (found === undefined) throw new Error(`The card names an operation ${name} that the contract does not have.`);
    return found;
  }

  /** One call, with a deadline as the deadline stage sets one. */
  async invoke(name: string, input: Value, { signal, timeoutMs = PATIENCE_MS }: Limits = {}): Promise<Reply> {
    const deadline = new AbortController();
    const expire = () => deadline.abort(Failure.of('TIMEOUT', 'Calling the legacy system took longer than allowed.'));
    const timer = setTimeout(expire, timeoutMs);
    const call: Call = {
      operation: this.operation(name),
      caller: { authenticated: false, scopes: new Set() },
      input,
      signal: signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]),
      deadline: performance.now() + timeoutMs,
      traceHeaders: { traceparent: `00-${TRACE_ID}-b7ad6b7169203331-00` },
      incoming: {},
      traceId: TRACE_ID,
    };
    try {
      return await this.connection.invoke!(call);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The failure of a call that must not succeed. */
  async failure(name: string, input: Value, limits: Limits = {}): Promise<unknown> {
    const outcome = await this.invoke(name, input, limits).then(
      (reply) => ({ reply }),
      (error: unknown) => ({ error }),
    );
    if ('error' in outcome) return outcome.error;
    throw new Error(`${name} succeeded where it must fail: ${JSON.stringify(outcome.reply.value())}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection[Symbol.asyncDispose]();
    await this.#close();
  }
}

/** A started emulator, and lines to it on demand. */
export interface Stand<Config, Plan> {
  card: Card<Config, Plan>;
  config: Config;
  emulator: Emulator;
}
