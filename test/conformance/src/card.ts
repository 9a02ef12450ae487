import type { Adapter, AdapterHost, DescribeOptions, Log, Value } from '@bailey/contract';
import type { BehaviourName } from './behaviours.ts';
import type { FaultMode } from './fault-proxy.ts';

/**
 * Stands in for the legacy system: the real protocol, spoken by something that is not the adapter's own code, with a
 * line before it that can fall ill. {@link startFaultProxy} before any TCP server gives all modes.
 */
export interface Emulator {
  setMode(mode: FaultMode): void;
  /** Connections from the adapter that are open now. */
  connections(): number;
  /** Bytes that the adapter has sent since the start. */
  received(): number;
  close(): Promise<void>;
}

/** An input that the legacy answers with a failure of its own, and the code of the table or contract that it becomes. */
export interface NativeFailure {
  operation: string;
  input: Value;
  code: string;
}

export interface Sample {
  input: Value;
  /** What must come back, exactly. */
  output?: Value;
}

/** A behaviour that an adapter cannot offer: said aloud, with the reason, until somebody looks again. */
export interface Waiver {
  reason: string;
  /** `YYYY-MM-DD`: the day it was granted. */
  date: string;
}

export interface HostOptions {
  /** Aborted when the bridge is closed. */
  signal: AbortSignal;
  /** What `adapter.egress` declared: the host reaches nothing else. */
  egress: string[];
  /** Take this one: it listens. */
  log: Log;
}

/** A host as the gateway would give one, for one bridge. */
export interface OpenHost {
  host: AdapterHost;
  /** Closes what the host keeps open for the bridge. */
  close(): Promise<void>;
}

/** Everything that the kit must know of an adapter. */
export interface Card<Config, Plan> {
  name: string;
  adapter: Adapter<Config, Plan>;
  /** Starts the emulator and says how the adapter reaches it. Called once. */
  start(seed: number): Promise<{ emulator: Emulator; config: Config }>;
  describeOptions: DescribeOptions;
  /** One for each operation of the contract, by API name; the emulator answers them when healthy. */
  samples: Record<string, Sample>;
  nativeFailures: NativeFailure[];
  /** Configs that the schema must refuse, and the JSON Pointer that it must name. */
  badConfigs: { config: unknown; pointer: string }[];
  host(options: HostOptions): Promise<OpenHost>;
  /** Texts that stand in `config` and may never be seen again. */
  secrets: string[];
  waivers?: Partial<Record<BehaviourName, Waiver>>;
}
