import type { Adapter, Clock, Log } from '@bailey/contract';
import type { Store } from '@bailey/inventory';
import type { Identity, KeyRecord, Settings, Telemetry } from '@bailey/platform';

export interface CatalogueDeps {
  settings: Settings;
  store: Store;
  adapters: readonly Adapter[];
  telemetry: Telemetry;
  log: Log;
  clock: Clock;
  /** Keys besides those of the store: the administrator's key of a standalone. */
  keys?: () => readonly KeyRecord[];
}

/** What every part of the control plane is handed. */
export interface ControlPlane extends CatalogueDeps {
  identity: Identity;
  keyring: { refresh(): Promise<void> };
}

export const CONTROL_PLANE = Symbol('the control plane');
