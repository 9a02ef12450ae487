import { Failure, type Connection, type Handler, type Health } from '@bailey/contract';
import type { Policy } from '@bailey/call';
import type { StoredRevision } from '@bailey/inventory';
import { createAdapterHost } from './adapter-host.ts';
import { adapterOf, originsOf, requireConnection } from './connection.ts';
import type { ServeDeps } from './deps.ts';
import type { FileAccess } from './file-access.ts';
import { withinTime } from './time-limit.ts';

/** A line to a system with all that hangs on it; or, when it could not be opened, the reason in its place. */
export interface Line {
  invoke: Handler;
  health(signal: AbortSignal): Promise<Health>;
  failed?: string;
  close(): Promise<void>;
}

// `connect` must not wait for the system; one that does anyhow must not hold up the other bridges.
const CONNECT_MS = 10_000;

const tooSlow = (): Failure => Failure.of('BRIDGE_DOWN', `opening the line took longer than ${CONNECT_MS / 1000} s`);

const connect = async (
  { resource, described }: StoredRevision,
  policy: Policy,
  files: FileAccess,
  deps: ServeDeps,
): Promise<Line> => {
  const adapter = adapterOf(resource, deps.adapters);
  const config = await requireConnection(resource, adapter, files, deps.env);
  const closing = new AbortController();
  const { tracing, log, clock } = deps;
  const host = createAdapterHost({
    bridge: resource.metadata.name,
    allow: originsOf(resource, adapter, config, described),
    readFile: files.read,
    tracing,
    log,
    clock,
    signal: closing.signal,
    ...(policy.maxResponseBytes !== undefined && { maxResponseBytes: policy.maxResponseBytes }),
  });
  const opening = adapter.connect(config, described, host);
  const close = async (connection?: Connection): Promise<void> => {
    closing.abort();
    await connection?.[Symbol.asyncDispose]().catch(() => undefined);
    await host.close();
  };
  const connection = await withinTime(opening, CONNECT_MS, clock, tooSlow()).catch(async (error: unknown) => {
    // A connection that comes too late is closed as it comes.
    opening.then(close, () => undefined);
    await close();
    throw error;
  });
  return {
    invoke: (call) => connection.invoke!(call),
    health: (signal) => connection.health(signal),
    close: () => close(connection),
  };
};

const reasonOf = (error: unknown): string => {
  const failure = Failure.from(error);
  // What a bug of an adapter says may hold anything; it is in the log.
  return failure.code === 'INTERNAL' ? 'the adapter failed to open the line; the log says why' : failure.message;
};

const closedLine = (bridge: string, reason: string): Line => ({
  invoke: () =>
    Promise.reject(
      Failure.of('BRIDGE_DOWN', `Calling ${bridge}: its line is not open: ${reason}`, {
        phase: 'before',
        outcome: 'notDone',
      }),
    ),
  health: () => Promise.resolve({ up: false, reason }),
  failed: reason,
  close: () => Promise.resolve(),
});

/** Opens the line of a revision. Never rejects: a line that cannot be opened answers with the reason. */
export const openLine = (revision: StoredRevision, policy: Policy, files: FileAccess, deps: ServeDeps): Promise<Line> =>
  connect(revision, policy, files, deps).catch((error: unknown) => {
    const bridge = revision.resource.metadata.name;
    const reason = reasonOf(error);
    deps.log.error(
      { bridge, revision: revision.revision, err: error },
      `The bridge ${bridge} could not be opened: ${reason}`,
    );
    return closedLine(bridge, reason);
  });
