import { Failure } from '@bailey/contract';
import type { Estate } from '@bailey/inventory';
import type { KeyRecord } from '@bailey/platform';
import { indexConsumers, type ConsumerIndex } from './consumers.ts';
import type { ServeDeps } from './deps.ts';
import type { BridgeProblem, LiveBridge, Snapshot, SnapshotKeeper } from './live.ts';
import { Retirement } from './retirement.ts';
import { nextRoster, problemsOf, type Post, type Roster } from './roster.ts';
import { readCache, writeCache } from './snapshot-cache.ts';
import type { SnapshotContent, SnapshotSource } from './snapshot-source.ts';
import { createSnapshot } from './snapshot.ts';

export interface KeepOptions extends ServeDeps {
  source: SnapshotSource;
  /** Where the last good snapshot is kept for a restart without the source. */
  cacheFile?: string;
}

// A read that failed is tried again soon; a line that could not be opened, as often as a healthy one is asked: a
// secret may have been mounted since.
const REREAD_MS = 1_000;
const REBUILD_MS = 30_000;

const NOTHING: SnapshotContent = { generation: 0, revisions: [], consumers: [], keys: [], problems: [] };

const NOBODY: ConsumerIndex = { consumerOf: () => undefined, keys: [] };

/** Does work one after the other; what is asked for while some waits already is that same work. */
class Queue {
  readonly #work: () => Promise<void>;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  ask(): Promise<void> {
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      const work = this.#work();
      this.#running = work.catch(() => undefined);
      return work;
    });
    return this.#next;
  }

  async idle(): Promise<void> {
    await this.#next?.catch(() => undefined);
    await this.#running;
  }
}

/**
 * The states: none -(cache)-> cache -(source answers)-> store or files. From there on each change of the source makes
 * a new snapshot beside the present one, and one assignment puts it in its place.
 */
class Keeper implements SnapshotKeeper {
  source: SnapshotKeeper['source'] = 'none';
  readonly #options: KeepOptions;
  readonly #retirement: Retirement;
  readonly #posts = new WeakMap<LiveBridge, Post>();
  readonly #callbacks = new Set<(snapshot: Snapshot) => void>();
  readonly #reads = new Queue(() => this.#read());
  readonly #writes = new Queue(() => this.#writeCache());
  #roster: Roster = new Map();
  #content = NOTHING;
  #snapshot: Snapshot;
  #absent: BridgeProblem[] = [];
  #subscription: { close(): Promise<void> } | undefined;
  #timer: { cancel(): void } | undefined;
  #isClosed = false;
  #closing: Promise<void> | undefined;

  constructor(options: KeepOptions) {
    this.#options = options;
    this.#retirement = new Retirement(options.clock, options.shutdownMs);
    this.#snapshot = createSnapshot(
      { generation: 0, bridges: new Map(), consumers: NOBODY, keys: [] },
      options.graphqlCall,
    );
  }

  async start(): Promise<void> {
    await this.refresh().catch((error: unknown) => this.#startWithout(error));
    this.#subscription = this.#options.source.onChange(() => void this.refresh().catch(() => undefined));
  }

  current(): Snapshot {
    return this.#snapshot;
  }

  enter(bridge: LiveBridge): () => void {
    return this.#posts.get(bridge)!.lease.enter();
  }

  problems(): BridgeProblem[] {
    return [...problemsOf(this.#roster), ...this.#absent];
  }

  onChange(callback: (snapshot: Snapshot) => void): () => void {
    this.#callbacks.add(callback);
    return () => void this.#callbacks.delete(callback);
  }

  refresh(): Promise<void> {
    return this.#reads.ask();
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#subscription?.close();
    await this.#reads.idle();
    for (const post of this.#roster.values()) this.#retirement.retire(post);
    await Promise.all([this.#retirement.finished(), this.#writes.idle()]);
  }

  /** Nothing to read: the cache, if there is one; a source that is only away may come back. */
  async #startWithout(error: unknown): Promise<void> {
    const { cacheFile, log } = this.#options;
    const cached = cacheFile === undefined ? undefined : await readCache(cacheFile);
    if (cached) {
      log.warn(
        { err: error, generation: cached.generation },
        'The registrations cannot be read; serving the cached snapshot',
      );
      // Or the next reading would build beside this one.
      this.#timer?.cancel();
      await this.#take({ ...cached, problems: [] });
      this.source = 'cache';
      this.#refreshIn(REREAD_MS);
    } else if (Failure.from(error).kind !== 'unavailable') throw error;
    else
      log.warn(
        { err: error },
        'The registrations cannot be read, and there is no cached snapshot; serving nothing yet',
      );
  }

  async #read(): Promise<void> {
    if (this.#isClosed) return;
    const { source, log } = this.#options;
    try {
      await this.#take(await this.#withCached(await source.read(this.#known())));
      this.source = source.kind;
      if (this.#options.cacheFile !== undefined) void this.#writes.ask().catch(() => undefined);
    } catch (error) {
      log.warn({ err: error }, `The registrations could not be read: ${Failure.from(error).message}`);
      this.#refreshIn(REREAD_MS);
      throw error;
    }
  }

  /** Bodies that need not come again. Those from a cache do: another store may count the same numbers. */
  #known(): ReadonlyMap<string, number> {
    const isFromSource = this.source === this.#options.source.kind;
    return new Map(isFromSource ? [...this.#roster].map(([name, { wanted }]) => [name, wanted.revision]) : []);
  }

  /** What the source knows of but cannot give (its description failed) is served as it was, or as it was cached. */
  async #withCached(content: SnapshotContent): Promise<SnapshotContent> {
    const given = new Set(content.revisions.map(({ bridge }) => bridge));
    const missing = content.problems.filter(({ bridge }) => !given.has(bridge)).map(({ bridge }) => bridge);
    const { cacheFile } = this.#options;
    if (missing.length === 0 || cacheFile === undefined) return content;
    const cached = (await readCache(cacheFile))?.revisions ?? [];
    return {
      ...content,
      revisions: [...content.revisions, ...cached.filter(({ bridge }) => missing.includes(bridge))],
    };
  }

  async #take(content: SnapshotContent): Promise<void> {
    const { env, log } = this.#options;
    const consumers = await indexConsumers(content.consumers, env, log);
    const { roster, absent } = await this.#build(content.revisions);
    this.#content = content;
    this.#absent = [...absent, ...content.problems];
    this.#swap(roster, { ...content, consumers });
  }

  #build(revisions: Estate['revisions']) {
    const { source } = this.#options;
    return nextRoster(this.#roster, revisions, (revision) => source.filesOf(revision), this.#options);
  }

  #swap(roster: Roster, parts: { generation: number; keys: readonly KeyRecord[]; consumers: ConsumerIndex }): void {
    const before = this.#roster;
    const bridges = new Map([...roster].map(([name, { built }]) => [name, built.live]));
    for (const post of roster.values()) this.#posts.set(post.built.live, post);
    this.#roster = roster;
    this.#snapshot = createSnapshot({ ...parts, bridges }, this.#options.graphqlCall);
    for (const [name, post] of before) if (roster.get(name)?.built !== post.built) this.#retirement.retire(post);
    for (const callback of this.#callbacks) callback(this.#snapshot);
    if (problemsOf(roster).length > 0) this.#refreshIn(REBUILD_MS);
  }

  #refreshIn(ms: number): void {
    this.#timer?.cancel();
    if (this.#isClosed) return;
    const refresh = (): void => void this.refresh().catch(() => undefined);
    this.#timer = this.#options.clock.setTimeout(refresh, ms * (0.8 + Math.random() * 0.4));
  }

  async #writeCache(): Promise<void> {
    const { cacheFile, log } = this.#options;
    const revisions = [...this.#roster.values()].map(({ served }) => served);
    const { generation, consumers, keys } = this.#content;
    await writeCache(cacheFile!, { generation, consumers, keys, revisions }).catch((error: unknown) =>
      log.warn({ err: error }, 'The snapshot could not be cached; a restart without the source would serve nothing'),
    );
  }
}

/**
 * Serves what the source registers, from now on. Resolves with the first snapshot: from the source, else the cache,
 * else (a store that is away) an empty one. Rejects when resource files are wrong and nothing is cached.
 */
export const keepSnapshots = async (options: KeepOptions): Promise<SnapshotKeeper> => {
  const keeper = new Keeper(options);
  try {
    await keeper.start();
    return keeper;
  } catch (error) {
    await keeper.close();
    throw error;
  }
};
