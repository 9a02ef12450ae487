import type { Contract, Handler, Health, Operation } from '@bailey/contract';
import { POLICY_SCHEMA, compileCall, createGuard, type BridgeGuard, type Policy } from '@bailey/call';
import type { BridgeDoc, StoredRevision } from '@bailey/inventory';
import { compileSchema } from '@bailey/platform';
import {
  bridgeTypeMap,
  compileRest,
  compileValidators,
  openApi,
  type FaceOf,
  type FaceScopes,
  type Validator,
} from '@bailey/surface';
import type { ServeDeps } from './deps.ts';
import type { FileAccess } from './file-access.ts';
import { HealthWatch } from './health-watch.ts';
import { openLine, type Line } from './line.ts';
import type { BridgeStatus, LiveBridge, LiveOperation } from './live.ts';

/** What is served, and what ends it. */
export interface BuiltBridge {
  live: LiveBridge;
  /** Why the line could not be opened; its operations answer with it. Undefined: it is open. */
  failed?: string;
  /** Closes line, egress and guard. Once, when nobody is inside any more. */
  dispose(): Promise<void>;
}

const fillPolicy = compileSchema(POLICY_SCHEMA, { useDefaults: true });

const policyOf = ({ spec }: BridgeDoc): Policy => {
  const policy = structuredClone(spec.policy ?? {});
  fillPolicy(policy);
  return policy as unknown as Policy;
};

/** An operation's own scopes, else those that the bridge declares for what it does. */
const requiredScopes = ({ spec }: BridgeDoc, operation: Operation): readonly string[] => {
  const own = spec.operations?.[operation.native]?.access?.scopes;
  const declared = spec.access?.scopes?.[operation.effect === 'read' ? 'read' : 'write'] ?? [];
  return own ?? [declared].flat();
};

const scopesOf = (resource: BridgeDoc, { operations }: Contract): FaceScopes => {
  const scopes: Record<string, readonly string[]> = Object.create(null);
  for (const operation of operations) scopes[operation.name] = requiredScopes(resource, operation);
  return { operations: scopes };
};

const once = <Value>(make: () => Value): (() => Value) => {
  let made: { value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
};

// Most operations of a large contract are never called.
const onFirstUse = (compile: () => Validator): Validator => {
  const validator = once(compile);
  return (input) => validator()(input);
};

/** A breaker would hide the reason behind its own: it has nothing to protect where there is no line. */
const withoutBreaker = (policy: Policy): Policy => ({
  ...policy,
  breaker: { ...policy.breaker, minimumCalls: Number.MAX_SAFE_INTEGER },
});

const compileOperations = (
  { resource, described: { contract } }: StoredRevision,
  line: Line,
  policy: Policy,
  guard: BridgeGuard,
  deps: ServeDeps,
): Map<string, LiveOperation> => {
  const validatorOf = compileValidators(contract);
  const compile = (operation: Operation): Handler =>
    compileCall({
      bridge: resource.metadata.name,
      system: resource.spec.system,
      adapter: resource.spec.adapter,
      operation,
      policy,
      requiredScopes: requiredScopes(resource, operation),
      openAccess: deps.openAccess,
      validate: onFirstUse(() => validatorOf(operation.name)),
      invoke: line.invoke,
      guard,
      tracing: deps.tracing,
      metrics: deps.metrics,
      clock: deps.clock,
      log: deps.log,
    });
  return new Map(contract.operations.map((operation) => [operation.name, { operation, handle: compile(operation) }]));
};

const faceOf = ({ resource, described }: StoredRevision, scopes: FaceScopes): FaceOf => {
  const { name, title, description } = resource.metadata;
  return {
    name,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    system: resource.spec.system,
    contract: described.contract,
    scopes,
  };
};

const openBreakers = (operations: Iterable<string>, guard: BridgeGuard): BridgeStatus['breaker'] => {
  const open: BridgeStatus['breaker'] = Object.create(null);
  for (const name of operations) {
    const state = guard.breakerState(name);
    if (state !== 'closed') open[name] = state;
  }
  return open;
};

const conditionOf = (line: Line, last: Health | undefined): Pick<BridgeStatus, 'state' | 'reason'> => {
  if (line.failed !== undefined) return { state: 'failed', reason: line.failed };
  if (!last) return { state: 'unknown', reason: 'not asked yet' };
  return { state: last.up ? 'up' : 'down', reason: last.reason };
};

const assemble = (revision: StoredRevision, line: Line, policy: Policy, deps: ServeDeps): BuiltBridge => {
  const { resource, described } = revision;
  const { contract, ledger } = described;
  const guard = createGuard(resource.metadata.name, policy, deps.clock, deps.metrics);
  const operations = compileOperations(revision, line, policy, guard, deps);
  const scopes = scopesOf(resource, contract);
  const face = faceOf(revision, scopes);
  const health = new HealthWatch(line.health, deps.clock);
  const { name, title, description, system } = face;
  const live: LiveBridge = {
    name,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    system: system!,
    adapter: resource.spec.adapter,
    revision: revision.revision,
    contract,
    ledger,
    scopes,
    rest: compileRest(contract),
    operations,
    typeMap: once(() => bridgeTypeMap(face)),
    openApi: once(() => JSON.stringify(openApi(face))),
    face,
    status: () => ({
      ...conditionOf(line, health.last),
      inFlight: guard.inFlight,
      breaker: openBreakers(operations.keys(), guard),
    }),
    health: (signal) => health.ask(signal),
  };
  const dispose = async (): Promise<void> => {
    health.stop();
    guard.close();
    await line.close();
  };
  return { live, ...(line.failed !== undefined && { failed: line.failed }), dispose };
};

/**
 * Compiles a revision and opens its line. A line that cannot be opened is no error here: `failed` says why there is
 * none. Rejects when the contract itself cannot be compiled.
 */
export const buildBridge = async (
  revision: StoredRevision,
  files: FileAccess,
  deps: ServeDeps,
): Promise<BuiltBridge> => {
  const policy = policyOf(revision.resource);
  const line = await openLine(revision, policy, files, deps);
  try {
    return assemble(revision, line, line.failed === undefined ? policy : withoutBreaker(policy), deps);
  } catch (error) {
    await line.close();
    throw error;
  }
};
