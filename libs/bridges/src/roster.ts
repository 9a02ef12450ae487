import { setImmediate as nextTurn } from 'node:timers/promises';
import { Failure } from '@bailey/contract';
import type { Estate, StoredRevision } from '@bailey/inventory';
import type { ServeDeps } from './deps.ts';
import type { FileAccess } from './file-access.ts';
import { Lease } from './lease.ts';
import { buildBridge, type BuiltBridge } from './live-bridge.ts';
import type { BridgeProblem } from './live.ts';

/** A bridge in its place: what the source wants, and what is served, which may be older. */
export interface Post {
  wanted: StoredRevision;
  served: StoredRevision;
  built: BuiltBridge;
  lease: Lease;
  /** Why `wanted` is not what is served as it should be. */
  problem?: string;
}

export type Roster = ReadonlyMap<string, Post>;

export interface RosterChange {
  roster: Roster;
  /** Bridges that are not in the roster, and why. */
  absent: BridgeProblem[];
}

// Enough that one line which is slow to open holds up no others; compiling is bound to one core anyway.
const WORKERS = 4;

/** Runs `work` over all items, a few at a time, and lets calls be served between any two. */
const inIdleSlices = async <Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> => {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) {
      await nextTurn();
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
};

const isSame = (post: Post, wanted: StoredRevision): boolean =>
  post.wanted.revision === wanted.revision && post.wanted.contentHash === wanted.contentHash;

const postOf = (revision: StoredRevision, built: BuiltBridge): Post => ({
  wanted: revision,
  served: revision,
  built,
  lease: new Lease(),
  ...(built.failed !== undefined && { problem: built.failed }),
});

const messageOf = (error: unknown): string => {
  const { code, message } = Failure.from(error);
  return code === 'INTERNAL' ? 'its contract could not be compiled; the log says why' : message;
};

/** Keeps what is served, and says that it is not what is wanted. */
const keep = (post: Post, wanted: StoredRevision, problem: string): Post => ({ ...post, wanted, problem });

const install = async (
  before: Post | undefined,
  wanted: StoredRevision,
  files: FileAccess,
  deps: ServeDeps,
): Promise<Post> => {
  const built = await buildBridge(wanted, files, deps);
  const isWorse =
    built.failed !== undefined && before !== undefined && (before.built.failed === undefined || isSame(before, wanted));
  if (!isWorse) return postOf(wanted, built);
  await built.dispose();
  return keep(before, wanted, built.failed!);
};

/**
 * The next roster: posts that need no change are the same objects. A revision that cannot be built leaves the one
 * before in its place. Nothing is closed here: who swaps the rosters retires what the new one has not.
 */
export const nextRoster = async (
  roster: Roster,
  revisions: Estate['revisions'],
  filesOf: (revision: StoredRevision) => FileAccess,
  deps: ServeDeps,
): Promise<RosterChange> => {
  const posts = new Map<string, Post>();
  const absent: BridgeProblem[] = [];
  await inIdleSlices(revisions, async (given) => {
    const before = roster.get(given.bridge);
    const wanted = 'unchanged' in given ? before?.wanted : given;
    if (!wanted) return;
    if (before && isSame(before, wanted) && before.problem === undefined) return void posts.set(given.bridge, before);
    try {
      posts.set(given.bridge, await install(before, wanted, filesOf(wanted), deps));
    } catch (error) {
      deps.log.error({ bridge: given.bridge, err: error }, `The bridge ${given.bridge} could not be built`);
      if (before) posts.set(given.bridge, keep(before, wanted, messageOf(error)));
      else absent.push({ bridge: given.bridge, message: messageOf(error) });
    }
  });
  // In the order of names, not of completion: faces over all bridges come out the same each time.
  return { roster: new Map([...posts].sort(([a], [b]) => (a < b ? -1 : 1))), absent };
};

export const problemsOf = (roster: Roster): BridgeProblem[] =>
  [...roster].flatMap(([bridge, { problem }]) => (problem === undefined ? [] : [{ bridge, message: problem }]));
