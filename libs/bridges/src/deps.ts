import type { Adapter, Clock, Log } from '@bailey/contract';
import type { GraphqlCall } from '@bailey/surface';
import type { Tracing } from '@bailey/platform';
import type { CallMetrics } from '@bailey/call';

/** What describing needs. */
export interface DescribeDeps {
  adapters: readonly Adapter[];
  env: NodeJS.ProcessEnv;
  tracing: Tracing;
  log: Log;
  clock: Clock;
}

/** What serving needs besides. */
export interface ServeDeps extends DescribeDeps {
  metrics: CallMetrics;
  /** Operations without declared scopes are open; else denied. */
  openAccess: boolean;
  /** What a GraphQL field calls. */
  graphqlCall: GraphqlCall;
  /** How long a retired bridge may drain before it is closed all the same. */
  shutdownMs: number;
}
