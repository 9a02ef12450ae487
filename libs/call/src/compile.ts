import type { Clock, Handler, Log, Operation, PointerError, Value } from '@bailey/contract';
import type { Tracing } from '@bailey/platform';
import { access } from './access.ts';
import { breaking } from './breaking.ts';
import type { CallMetrics } from './call-metrics.ts';
import { deadline } from './deadline.ts';
import type { BridgeGuard } from './guard.ts';
import { pipeline } from './pipeline.ts';
import type { Policy } from './policy.ts';
import { retry } from './retry.ts';
import { trace } from './trace.ts';
import { validate } from './validate.ts';

/** Everything one operation of one revision is compiled from. */
export interface CallContext {
  bridge: string;
  system: string;
  /** The adapter's kind. */
  adapter: string;
  operation: Operation;
  policy: Policy;
  requiredScopes: readonly string[];
  openAccess: boolean;
  /** Undefined or empty: valid. */
  validate(input: Value): PointerError[] | undefined;
  /** The adapter. It may end late after an abort; its slot stays taken so long. */
  invoke: Handler;
  guard: BridgeGuard;
  tracing: Tracing;
  metrics: CallMetrics;
  clock: Clock;
  log: Log;
}

/** At registration, never per call. The handler rejects with a Failure and nothing else. */
export const compileCall = (context: CallContext): Handler => {
  const { bridge, system, operation, policy, guard, clock } = context;
  const metrics = context.metrics.operation(bridge, operation.name, system);
  return pipeline(
    [
      trace({ ...context, metrics }),
      access(context),
      validate((input) => context.validate(input)),
      deadline({ timeoutMs: policy.timeoutMs, clock }),
      retry({ policy: policy.retry, budget: guard.retryBudget, clock, retries: metrics.retries }),
      breaking(guard.breaker(operation.name)),
      guard.limit.stage,
    ],
    context.invoke,
  );
};
