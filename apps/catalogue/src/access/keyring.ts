import type { Log } from '@bailey/contract';
import type { Store, Subscription } from '@bailey/inventory';
import type { KeyRecord } from '@bailey/platform';

/** The keys that are good now. */
export interface Keyring {
  /** The same list while nothing changes: whoever indexes it does so once. */
  keys(): readonly KeyRecord[];
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** Follows the store: issuing and revoking make a generation there. `own` are keys that the store does not know. */
export const createKeyring = (store: Store, log: Log, own: () => readonly KeyRecord[] = () => []): Keyring => {
  let stored: readonly KeyRecord[] = [];
  let seen: readonly (readonly KeyRecord[])[] = [];
  let all: readonly KeyRecord[] = [];
  const refresh = async (): Promise<void> => {
    stored = await store.keys.list();
  };
  const follow = (): void => {
    refresh().catch((error: unknown) => log.warn({ err: error }, 'Reading the API keys failed; the known ones stay'));
  };
  const watch: Subscription = store.onGeneration(follow);
  return {
    keys() {
      const extra = own();
      if (seen[0] !== extra || seen[1] !== stored) {
        seen = [extra, stored];
        all = [...extra, ...stored];
      }
      return all;
    },
    refresh,
    close: () => watch.close(),
  };
};
