import { Inject, Injectable } from '@nestjs/common';
import { FAULTS, Failure, type FaultCode, type Ledger } from '@bailey/contract';
import type {
  AppliedChange,
  BridgeChange,
  BridgeDoc,
  Change,
  ConsumerDoc,
  DescribeProblem,
  Kind,
  PathwayDoc,
  ReplicaStatus,
  SystemDoc,
} from '@bailey/inventory';
import type { Resource } from '@bailey/bridges';
import { CONTROL_PLANE, type ControlPlane } from '../deps.ts';
import { isBridge, type ApplyRequest } from './apply-request.ts';

type BridgeOutcome = AppliedChange['bridges'][number] & {
  system: string;
  adapter: string;
  operations: number;
  sourceHash: string;
  ledger: Ledger;
};

export interface ApplyAnswer {
  generation: number;
  bridges: BridgeOutcome[];
  /** How many of each were written. */
  systems: number;
  consumers: number;
  pathways: number;
  /** The live data planes, and how far they have come. */
  replicas: ReplicaStatus[];
}

export interface RemoveAnswer {
  generation: number;
  removed: { kind: Kind; name: string };
  replicas: ReplicaStatus[];
}

const DESCRIBE_MS = 60_000;
// A replica that hangs must not hold up the answer: what is stored is stored, and the answer says who lags.
const SETTLE_MS = 10_000;
const POLL_MS = 50;

const isFaultCode = (code: string): code is FaultCode => Object.hasOwn(FAULTS, code);

const refusalOf = (bridge: string, { code, detail, more, errors }: DescribeProblem): Failure =>
  Failure.of(isFaultCode(code) ? code : 'INTERNAL', detail, { more: { ...more, bridge }, ...(errors && { errors }) });

const ofKind = <Doc extends Resource>(resources: readonly Resource[], kind: Kind): Doc[] =>
  resources.filter((resource): resource is Doc => resource.kind === kind);

const emptyChange = (actor: string): Change => ({
  systems: [],
  consumers: [],
  pathways: [],
  bridges: [],
  removed: [],
  actor,
});

/** Makes registrations: described by a data plane, stored in one transaction, and seen by the replicas before it answers. */
@Injectable()
export class Registrar {
  readonly #plane: ControlPlane;

  constructor(@Inject(CONTROL_PLANE) plane: ControlPlane) {
    this.#plane = plane;
  }

  async apply(request: ApplyRequest, actor: string): Promise<ApplyAnswer> {
    const bridges = await this.#describeAll(request);
    const { resources } = request;
    const change: Change = {
      ...emptyChange(actor),
      systems: ofKind<SystemDoc>(resources, 'System'),
      consumers: ofKind<ConsumerDoc>(resources, 'Consumer'),
      pathways: ofKind<PathwayDoc>(resources, 'Pathway'),
      bridges,
    };
    const applied = await this.#plane.store.apply(change);
    return {
      generation: applied.generation,
      bridges: applied.bridges.map((outcome, index) => describedOutcome(outcome, bridges[index]!)),
      systems: change.systems.length,
      consumers: change.consumers.length,
      pathways: change.pathways.length,
      replicas: await this.#settled(applied.generation),
    };
  }

  /** `NOT_FOUND` when there is none of that name. */
  async remove(kind: Kind, name: string, actor: string): Promise<RemoveAnswer> {
    const removed = { kind, name };
    const { generation } = await this.#plane.store.apply({ ...emptyChange(actor), removed: [removed] });
    return { generation, removed, replicas: await this.#settled(generation) };
  }

  async #describeAll({ resources, files, expectedRevisions }: ApplyRequest): Promise<BridgeChange[]> {
    const bridges = resources.filter(isBridge);
    if (bridges.length > 0) await this.#requireGateway();
    const described: BridgeChange[] = [];
    // One after the other: a replica describes one at a time, and each has its whole time.
    for (const resource of bridges) {
      const expectedRevision = expectedRevisions.get(resource.metadata.name);
      const change = await this.#describe(resource, files);
      described.push({ ...change, ...(expectedRevision === undefined ? {} : { expectedRevision }) });
    }
    return described;
  }

  async #describe(resource: BridgeDoc, files: ApplyRequest['files']): Promise<BridgeChange> {
    const answer = await this.#plane.store.askDescribe({ resource, files }, DESCRIBE_MS);
    if (!answer.ok) throw refusalOf(resource.metadata.name, answer.problem);
    return { resource, described: answer.described, files: answer.files };
  }

  async #requireGateway(): Promise<void> {
    if ((await this.#plane.store.replicas()).length > 0) return;
    throw Failure.of(
      'BRIDGE_DOWN',
      'Describing the source: no gateway is running on this store. Start one; it holds the credentials and the way out.',
    );
  }

  /** Once stored, nothing here may fail any more: the change is made, whoever has seen it. */
  async #settled(generation: number): Promise<ReplicaStatus[]> {
    const { store, clock } = this.#plane;
    const deadline = clock.monotonic() + SETTLE_MS;
    let replicas: ReplicaStatus[] = [];
    do {
      replicas = await store.replicas().catch(() => replicas);
      if (replicas.every((replica) => replica.generation >= generation)) break;
      await new Promise<void>((resolve) => void clock.setTimeout(resolve, POLL_MS));
    } while (clock.monotonic() < deadline);
    return replicas;
  }
}

const describedOutcome = (
  outcome: AppliedChange['bridges'][number],
  { resource, described }: BridgeChange,
): BridgeOutcome => ({
  ...outcome,
  system: resource.spec.system,
  adapter: resource.spec.adapter,
  operations: described.contract.operations.length,
  sourceHash: described.sourceHash,
  ledger: described.ledger,
});
