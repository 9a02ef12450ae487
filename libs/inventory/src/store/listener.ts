import { Client } from 'pg';
import type { Log } from '@bailey/contract';

type Look = () => void;

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;

/**
 * Runs `work` when asked, never twice at a time, and once more when it was asked for meanwhile. Its failures are the
 * store's being away: the next knock tries again.
 */
export const coalesced = (work: () => Promise<void>): Look => {
  let state: 'idle' | 'running' | 'again' = 'idle';
  const run = async (): Promise<void> => {
    state = 'running';
    await work().catch(() => undefined);
    const again = (state as string) === 'again';
    state = 'idle';
    if (again) void run();
  };
  return () => {
    if (state === 'idle') void run();
    else state = 'again';
  };
};

/**
 * LISTEN on a connection of its own, for a pooled one would be given away. A notification is only a knock: whoever
 * listens looks for himself. So a reconnect knocks at every door, since nobody knows what was missed.
 */
export class Listener {
  readonly #url: string;
  readonly #log: Log;
  readonly #doors = new Map<string, Set<Look>>();
  #client: Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #state: 'idle' | 'open' | 'closed' = 'idle';

  constructor(url: string, log: Log) {
    this.#url = url;
    this.#log = log;
  }

  /** Knocks at `look` for each notification on `channel`. Connects with the first listener. */
  on(channel: string, look: Look): () => void {
    const looks = this.#doors.get(channel) ?? new Set();
    this.#doors.set(channel, looks.add(look));
    if (this.#state === 'idle') this.#start();
    else void this.#client?.query(`listen ${channel}`).catch(() => undefined);
    return () => void looks.delete(look);
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    clearTimeout(this.#retry);
    await this.#client?.end().catch(() => undefined);
  }

  #start(): void {
    this.#state = 'open';
    void this.#connect(FIRST_RETRY_MS);
  }

  async #connect(retryMs: number): Promise<void> {
    const client = new Client({
      connectionString: this.#url,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      application_name: 'bailey-listen',
    });
    client.on('notification', ({ channel }) => this.#knock(channel));
    client.on('error', (error) =>
      this.#log.warn({ reason: error.message }, 'The listening connection to the store broke'),
    );
    try {
      await client.connect();
      for (const channel of this.#doors.keys()) await client.query(`listen ${channel}`);
    } catch {
      await client.end().catch(() => undefined);
      return this.#reconnect(Math.min(retryMs * 2, LAST_RETRY_MS));
    }
    if (this.#state === 'closed') return client.end();
    client.once('end', () => this.#reconnect(FIRST_RETRY_MS));
    this.#client = client;
    for (const channel of this.#doors.keys()) this.#knock(channel);
  }

  #reconnect(afterMs: number): void {
    this.#client = undefined;
    if (this.#state === 'closed') return;
    this.#retry = setTimeout(() => void this.#connect(afterMs), afterMs).unref();
  }

  #knock(channel: string): void {
    for (const look of this.#doors.get(channel) ?? []) look();
  }
}
