import type { Clock, Log } from '@bailey/contract';
import type { Store } from '@bailey/inventory';
import type { KeyRecord } from '@bailey/platform';

/** The keys that are good now. */
export interface Keyring {
  /** The same list while nothing changes: whoever indexes it does so once. */
  keys(): readonly KeyRecord[];
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface KeyringOptions {
  store: Store;
  log: Log;
  clock: Clock;
  /** Keys that the store does not know. */
  keys?: () => readonly KeyRecord[];
}

const RETRY_MS = 2_000;
const NONE: readonly KeyRecord[] = [];

/** Two lists as one, made anew only when one of them is another. */
const joined = (): ((own: readonly KeyRecord[], stored: readonly KeyRecord[]) => readonly KeyRecord[]) => {
  let seen = { own: NONE, stored: NONE };
  let all = NONE;
  return (own, stored) => {
    if (seen.own === own && seen.stored === stored) return all;
    seen = { own, stored };
    return (all = [...own, ...stored]);
  };
};

/** Follows the store: issuing and revoking make a generation there. */
export const createKeyring = ({ store, log, clock, keys: own = () => NONE }: KeyringOptions): Keyring => {
  const join = joined();
  let stored = NONE;
  let asked = 0;
  let answered = 0;
  let retry: { cancel(): void } | undefined;
  let isOpen = true;

  const refresh = async (): Promise<void> => {
    const turn = ++asked;
    const listed = await store.keys.list();
    // An older reading may arrive last, and must not bring a revoked key back.
    if (turn < answered) return;
    answered = turn;
    stored = listed;
  };
  const follow = (): void => {
    refresh().catch((error: unknown) => {
      log.warn({ err: error }, 'Reading the API keys failed; the known ones stay until it succeeds');
      retry?.cancel();
      if (isOpen) retry = clock.setTimeout(follow, RETRY_MS);
    });
  };
  const watch = store.onGeneration(follow);

  return {
    keys: () => join(own(), stored),
    refresh,
    async close() {
      isOpen = false;
      retry?.cancel();
      await watch.close();
    },
  };
};
