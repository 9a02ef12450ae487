import { In, type DataSource, type EntityManager, type EntitySchema } from 'typeorm';
import { Failure, camelName, type Described, type Operation, type PointerError } from '@bailey/contract';
import { nearestName } from '@bailey/platform';
import type { AnyDoc, BridgeDoc, Kind, PathwayDoc } from '../document.ts';
import { contentHash, documentHash } from './content-hash.ts';
import {
  Bridges,
  Consumers,
  Descriptions,
  EstateTable,
  Operations,
  Pathways,
  Revisions,
  SourceFileTable,
  Systems,
  type BridgeEntity,
  type DocumentEntity,
  type OperationEntity,
} from './entities.ts';
import type { AppliedChange, BridgeChange, Change, ChangeKind, SourceFiles } from './store.ts';

export const GENERATION_CHANNEL = 'bailey_generation';

type BridgeOutcome = AppliedChange['bridges'][number];

/** Where a document stood is no part of it. */
const withoutPlace = <Doc extends AnyDoc>({ where: _, ...document }: Doc): Omit<Doc, 'where'> => document;

/** Takes the row that all writers of the estate wait for; it is free again when the transaction ends. */
export const lockEstate = async (manager: EntityManager): Promise<number> => {
  const estate = await manager.findOneOrFail(EstateTable, { where: { id: 1 }, lock: { mode: 'pessimistic_write' } });
  return estate.generation;
};

/** Counts the change and tells every replica, when the transaction commits and not before. */
export const advanceEstate = async (manager: EntityManager, from: number): Promise<number> => {
  const generation = from + 1;
  await manager.update(EstateTable, { id: 1 }, { generation });
  await manager.query('select pg_notify($1, $2)', [GENERATION_CHANNEL, String(generation)]);
  return generation;
};

/** System, Consumer, Pathway: written where they differ. True when something was. */
const writeDocuments = async <Entity extends DocumentEntity<AnyDoc>>(
  manager: EntityManager,
  entity: EntitySchema<Entity>,
  documents: readonly AnyDoc[],
  columnsOf: (document: AnyDoc) => object = () => ({}),
): Promise<boolean> => {
  const names = documents.map(({ metadata }) => metadata.name);
  const stored = await manager.find(entity, { where: { name: In(names) } as never });
  const hashes = new Map(stored.map(({ name, contentHash: hash }) => [name, hash]));
  const rows = documents.map((document) => {
    const resource = withoutPlace(document);
    const base = { name: document.metadata.name, resource, contentHash: documentHash(resource) };
    return { ...base, updatedAt: () => 'clock_timestamp()', ...columnsOf(document) };
  });
  const changed = rows.filter((row) => hashes.get(row.name) !== row.contentHash);
  if (changed.length > 0) await manager.upsert(entity, changed as never, ['name']);
  return changed.length > 0;
};

const pathwayColumns = (document: AnyDoc) => {
  const { consumer, bridge } = (document as PathwayDoc).spec;
  return { consumer, bridge };
};

const hashesOf = (files: SourceFiles): Record<string, string> => {
  const hashes: Record<string, string> = Object.create(null);
  for (const [path, bytes] of Object.entries(files)) hashes[path] = contentHash(bytes);
  return hashes;
};

/** By content: what is there already is the same, and is not sent again. */
const storeFiles = async (
  manager: EntityManager,
  files: SourceFiles,
  hashes: Record<string, string>,
): Promise<void> => {
  const present = await manager.find(SourceFileTable, {
    select: { hash: true },
    where: { hash: In(Object.values(hashes)) },
  });
  const known = new Set(present.map(({ hash }) => hash));
  for (const [path, bytes] of Object.entries(files)) {
    const hash = hashes[path]!;
    if (known.has(hash)) continue;
    await manager.insert(SourceFileTable, { hash, bytes: Buffer.from(bytes) });
    known.add(hash);
  }
};

const operationRow = (bridge: string, system: string, operation: Operation): OperationEntity => ({
  bridge,
  system,
  name: operation.name,
  native: operation.native,
  title: operation.title ?? null,
  description: operation.description ?? null,
  deprecated: operation.deprecated ?? false,
  effect: operation.effect,
  exchange: operation.exchange,
  input: operation.input,
  output: operation.output ?? null,
  faults: operation.faults,
});

// PostgreSQL takes at most 65,535 parameters a statement.
const ROWS_A_STATEMENT = 1_000;

const deriveOperations = async (manager: EntityManager, { resource, described }: BridgeChange): Promise<void> => {
  const { name } = resource.metadata;
  await manager.delete(Operations, { bridge: name });
  const rows = described.contract.operations.map((operation) => operationRow(name, resource.spec.system, operation));
  for (let start = 0; start < rows.length; start += ROWS_A_STATEMENT)
    await manager.insert(Operations, rows.slice(start, start + ROWS_A_STATEMENT) as never);
};

const refuseStale = ({ resource, expectedRevision }: BridgeChange, current: number): void => {
  if (expectedRevision === undefined || expectedRevision === current) return;
  const bridge = resource.metadata.name;
  const stands = current === 0 ? 'is not registered' : `is at revision ${current}`;
  throw Failure.of(
    'CONFLICT',
    `Applying ${bridge}: it ${stands}, not at ${expectedRevision}. Read it again, then repeat.`,
    {
      more: { current: { bridge, revision: current } },
    },
  );
};

const refuseTwin = async (manager: EntityManager, name: string): Promise<void> => {
  const twin = await manager.findOneBy(Bridges, { camelName: camelName(name) });
  if (!twin || twin.name === name) return;
  const message = `"${name}" and the registered bridge "${twin.name}" are both "${twin.camelName}" in GraphQL; choose another name`;
  throw Failure.of('INVALID_RESOURCE', `Applying ${name}: its name is taken.`, {
    errors: [{ pointer: '/metadata/name', message, kind: 'Bridge', name }],
  });
};

const lastRevision = async (manager: EntityManager, bridge: string): Promise<number> =>
  (await manager.maximum(Revisions, 'revision', { bridge })) ?? 0;

/** Everything of a bridge that its content hash covers; the files by their own hashes. */
const contentOf = (change: BridgeChange) => {
  const resource = withoutPlace(change.resource) as BridgeDoc;
  const files = hashesOf(change.files);
  const descriptionHash = contentHash(JSON.stringify(change.described));
  return { resource, files, descriptionHash, contentHash: documentHash([resource, descriptionHash, files]) };
};

const storeDescription = async (manager: EntityManager, described: Described, hash: string): Promise<void> => {
  if (await manager.existsBy(Descriptions, { hash })) return;
  await manager.insert(Descriptions, { hash, sourceHash: described.sourceHash, body: described as never });
};

const writeRevision = async (
  manager: EntityManager,
  change: BridgeChange,
  content: ReturnType<typeof contentOf>,
  actor: string,
): Promise<number> => {
  const { name } = change.resource.metadata;
  const revision = (await lastRevision(manager, name)) + 1;
  await storeFiles(manager, change.files, content.files);
  await storeDescription(manager, change.described, content.descriptionHash);
  await manager.insert(Revisions, { ...content, bridge: name, revision, createdBy: actor } as never);
  return revision;
};

const serve = async (manager: EntityManager, { resource }: BridgeChange, revision: number): Promise<void> => {
  const { name } = resource.metadata;
  const { system, adapter } = resource.spec;
  const row = { name, camelName: camelName(name), system, adapter, revision, updatedAt: () => 'clock_timestamp()' };
  await manager.upsert(Bridges, row, ['name']);
};

const isServed = async (manager: EntityManager, bridge: BridgeEntity, hash: string): Promise<boolean> =>
  manager.existsBy(Revisions, { bridge: bridge.name, revision: bridge.revision, contentHash: hash });

const applyBridge = async (manager: EntityManager, change: BridgeChange, actor: string): Promise<BridgeOutcome> => {
  const { name } = change.resource.metadata;
  const present = await manager.findOneBy(Bridges, { name });
  refuseStale(change, present?.revision ?? 0);
  const content = contentOf(change);
  if (present && (await isServed(manager, present, content.contentHash)))
    return { name, revision: present.revision, change: 'unchanged' };
  await refuseTwin(manager, name);
  const revision = await writeRevision(manager, change, content, actor);
  await serve(manager, change, revision);
  await deriveOperations(manager, change);
  return { name, revision, change: present ? 'updated' : 'created' };
};

const ENTITY_OF = { System: Systems, Consumer: Consumers, Pathway: Pathways, Bridge: Bridges } as const;

const unknown = (kind: Kind, name: string): Failure =>
  Failure.of('NOT_FOUND', `Removing the ${kind} "${name}": there is none of that name.`);

const remove = async (manager: EntityManager, { kind, name }: Change['removed'][number]): Promise<BridgeOutcome[]> => {
  const bridge = kind === 'Bridge' ? await manager.findOneBy(Bridges, { name }) : null;
  const { affected } = await manager.delete(ENTITY_OF[kind] as EntitySchema<{ name: string }>, { name });
  if (affected === 0) throw unknown(kind, name);
  if (!bridge) return [];
  await manager.delete(Operations, { bridge: name });
  return [{ name, revision: bridge.revision, change: 'removed' }];
};

const namesOf = async (manager: EntityManager, entity: EntitySchema<{ name: string }>): Promise<string[]> =>
  (await manager.find(entity, { select: { name: true } })).map(({ name }) => name);

const missing = (pointer: string, kind: string, name: string, known: readonly string[]): PointerError[] => {
  if (known.includes(name)) return [];
  const near = nearestName(name, known);
  return [
    { pointer, message: `there is no ${kind} "${name}"${near === undefined ? '' : `; did you mean "${near}"?`}` },
  ];
};

const missingOperations = async (manager: EntityManager, { spec }: PathwayDoc): Promise<PointerError[]> => {
  if (!spec.operations?.length) return [];
  const rows = await manager.find(Operations, { select: { name: true }, where: { bridge: spec.bridge } });
  const known = rows.map(({ name }) => name);
  return spec.operations.flatMap((name, index) => missing(`/spec/operations/${index}`, 'operation', name, known));
};

/** A pathway may only name what is there once the change is made. */
const refuseLooseEnds = async (manager: EntityManager, pathways: readonly PathwayDoc[]): Promise<void> => {
  if (pathways.length === 0) return;
  const [consumers, bridges] = [await namesOf(manager, Consumers as never), await namesOf(manager, Bridges as never)];
  const errors: PointerError[] = [];
  for (const pathway of pathways) {
    const { consumer, bridge } = pathway.spec;
    const ends = [
      ...missing('/spec/consumer', 'Consumer', consumer, consumers),
      ...missing('/spec/bridge', 'Bridge', bridge, bridges),
    ];
    const found = bridges.includes(bridge) ? [...ends, ...(await missingOperations(manager, pathway))] : ends;
    errors.push(
      ...found.map((error) => ({ ...error, kind: 'Pathway', name: pathway.metadata.name, ...pathway.where })),
    );
  }
  if (errors.length > 0)
    throw Failure.of('INVALID_RESOURCE', 'Applying pathways: they name what is not there.', { errors });
};

const isChange = (change: ChangeKind): boolean => change !== 'unchanged';

const applyIn = async (manager: EntityManager, change: Change): Promise<AppliedChange> => {
  const before = await lockEstate(manager);
  const wroteSystems = await writeDocuments(manager, Systems, change.systems);
  const wroteConsumers = await writeDocuments(manager, Consumers, change.consumers);
  const bridges: BridgeOutcome[] = [];
  // Removals first: a bridge may give its name to another in the same change.
  for (const removed of change.removed) bridges.push(...(await remove(manager, removed)));
  for (const bridge of change.bridges) bridges.push(await applyBridge(manager, bridge, change.actor));
  const wrotePathways = await writeDocuments(manager, Pathways, change.pathways, pathwayColumns);
  await refuseLooseEnds(manager, change.pathways);
  const wroteDocuments = wroteSystems || wroteConsumers || wrotePathways || change.removed.length > 0;
  const isNew = wroteDocuments || bridges.some((bridge) => isChange(bridge.change));
  return { generation: isNew ? await advanceEstate(manager, before) : before, bridges };
};

/** All of it or nothing. A change that changes nothing makes no generation. */
export const applyChange = (source: DataSource, change: Change): Promise<AppliedChange> =>
  source.transaction((manager) => applyIn(manager, change));
