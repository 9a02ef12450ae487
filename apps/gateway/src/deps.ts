import type { Adapter, Clock, Log } from '@bailey/contract';
import type { SnapshotKeeper } from '@bailey/bridges';
import type { Store } from '@bailey/inventory';
import type { Identity, KeyRecord, Settings, Telemetry } from '@bailey/platform';

/** What a data plane is made of. */
export interface GatewayDeps {
  settings: Settings;
  adapters: readonly Adapter[];
  telemetry: Telemetry;
  log: Log;
  clock: Clock;
  env: NodeJS.ProcessEnv;
  /** Undefined for as long as the store could not be opened; absent for a gateway that serves files. */
  store?: () => Store | undefined;
  /** Keys that no store holds, such as the administrator's of a standalone. */
  keys?: readonly KeyRecord[];
}

/** What the routes of the data plane share. */
export interface DataPlane {
  settings: Settings;
  telemetry: Telemetry;
  keeper: SnapshotKeeper;
  identity: Identity;
  log: Log;
  /** True from the moment a stop was asked for: /readyz says so before the listener closes. */
  isDraining(): boolean;
}
