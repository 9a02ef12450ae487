export type { BreakerState } from './breaker.ts';
export { createCallMetrics, type BridgeMetrics, type CallMetrics, type OperationMetrics } from './call-metrics.ts';
export { compileCall, type CallContext } from './compile.ts';
export { createGuard, type BridgeGuard } from './guard.ts';
export { pipeline, type Stage } from './pipeline.ts';
export { ACCESS_SCHEMA, POLICY_SCHEMA, type BreakerPolicy, type Policy, type RetryPolicy } from './policy.ts';
