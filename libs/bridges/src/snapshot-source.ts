import { Failure } from '@bailey/contract';
import type { ConsumerDoc, Estate, Store, StoredRevision } from '@bailey/inventory';
import type { KeyRecord } from '@bailey/platform';
import { closureFiles, type FileAccess } from './file-access.ts';
import type { BridgeProblem } from './live.ts';

/** What a snapshot is made of. */
export interface SnapshotContent {
  generation: number;
  revisions: Estate['revisions'];
  consumers: ConsumerDoc[];
  keys: KeyRecord[];
  /** Bridges that the source knows of and cannot give. */
  problems: BridgeProblem[];
}

export interface SnapshotSource {
  readonly kind: 'store' | 'files';
  /** `known` (bridge → revision): bodies that need not be given. */
  read(known: ReadonlyMap<string, number>): Promise<SnapshotContent>;
  /** The files that a revision of this source may see while it is served. */
  filesOf(revision: StoredRevision): FileAccess;
  /** Calls back when reading again is worth it. */
  onChange(callback: () => void): { close(): Promise<void> };
}

const noStore = (): Failure =>
  Failure.of('STORE_DOWN', 'Reading the registrations: the store has not been reached yet.', { retryAfterMs: 2_000 });

const POLL_MS = 500;

/** Waits for the store to be opened, then listens to it. */
const whenOpen = (store: () => Store | undefined, callback: () => void): { close(): Promise<void> } => {
  let subscription: { close(): Promise<void> } | undefined;
  const subscribe = (): void => {
    const open = store();
    if (!open) return;
    clearInterval(timer);
    subscription = open.onGeneration(callback);
  };
  const timer = setInterval(subscribe, POLL_MS).unref();
  subscribe();
  return {
    close: async () => {
      clearInterval(timer);
      await subscription?.close();
    },
  };
};

/** The registrations of the store. `store` gives undefined for as long as none could be opened. */
export const storeSource = (store: () => Store | undefined): SnapshotSource => ({
  kind: 'store',
  read: async (known) => {
    const open = store();
    if (!open) throw noStore();
    return { ...(await open.current(known)), problems: [] };
  },
  filesOf: ({ files }) => closureFiles(files),
  onChange: (callback) => whenOpen(store, callback),
});
