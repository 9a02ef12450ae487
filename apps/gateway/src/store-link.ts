import { answerDescribe, type SnapshotKeeper } from '@bailey/bridges';
import { openStore, type Store, type Subscription } from '@bailey/inventory';
import type { Clock, Log } from '@bailey/contract';
import type { Secret } from '@bailey/platform';
import type { GatewayDeps } from './deps.ts';

const REOPEN_MS = 2_000;
// A third of the lease: one report may be lost without the replica being taken for dead.
const REPORT_MS = 5_000;

/** A store that may be away at the start: opened as soon as it can be, and never waited for. */
export const openWhenThere = (options: { url: Secret; log: Log; clock: Clock }) => {
  let store: Store | undefined;
  let isClosed = false;
  let timer: { cancel(): void } | undefined;
  const attempt = async (): Promise<void> => {
    try {
      const opened = await openStore(options);
      if (isClosed) await opened.close();
      else store = opened;
    } catch (error) {
      options.log.warn({ err: error }, 'The store cannot be opened yet; trying again');
      if (!isClosed) timer = options.clock.setTimeout(() => void attempt(), REOPEN_MS);
    }
  };
  return {
    first: attempt(),
    current: (): Store | undefined => store,
    close: async (): Promise<void> => {
      isClosed = true;
      timer?.cancel();
      await store?.close();
    },
  };
};

/** What a replica owes the store: it describes live systems on request, and says what it serves. */
export const joinStore = (store: () => Store | undefined, keeper: SnapshotKeeper, deps: GatewayDeps) => {
  const { settings, adapters, telemetry, log, clock, env } = deps;
  let describing: Subscription | undefined;
  const describeDeps = { adapters, env, tracing: telemetry.tracing, log, clock };

  const report = async (): Promise<void> => {
    const open = store();
    if (!open) return;
    describing ??= open.serveDescribe(settings.replica, (request) => answerDescribe(request, describeDeps));
    const { generation } = keeper.current();
    await open
      .reportReplica({ replica: settings.replica, generation, problems: keeper.problems() })
      .catch((error: unknown) => log.warn({ err: error }, 'The state of this replica could not be reported'));
  };
  const timer = setInterval(() => void report(), REPORT_MS).unref();
  const stopWatching = keeper.onChange(() => void report());
  return {
    joined: report(),
    async close(): Promise<void> {
      clearInterval(timer);
      stopWatching();
      await describing?.close();
    },
  };
};
