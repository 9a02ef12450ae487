import type { DataSource, EntitySchema, ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { AnyDoc, SystemDoc } from '../document.ts';
import {
  Bridges,
  Consumers,
  Operations,
  Pathways,
  Revisions,
  type BridgeEntity,
  type DocumentEntity,
  type OperationEntity,
  type PathwayEntity,
  type RevisionEntity,
} from './entities.ts';
import { pageOf, windowOf } from './page.ts';
import type {
  BridgeFilter,
  BridgeRow,
  ConsumerRow,
  NameFilter,
  OperationFilter,
  OperationRow,
  Page,
  PageRequest,
  PathwayFilter,
  PathwayRow,
  SystemRow,
} from './store.ts';
import type { ConsumerDoc } from '../document.ts';

/** Only the members that say something: neither `undefined` (an absent filter) nor `null` (an empty column). */
const present = <T extends object>(members: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null)) as never;

const mapPage = <From, To>({ nodes, pageInfo }: Page<From>, map: (row: From) => To): Page<To> => ({
  nodes: nodes.map(map),
  pageInfo,
});

/** Rows in the order of their key. What of the filter is no page request is compared with the columns of its name. */
const readPage = async <Entity extends ObjectLiteral>(
  source: DataSource,
  entity: EntitySchema<Entity>,
  key: (keyof Entity & string)[],
  { first, after, ...equal }: PageRequest,
  narrow: (query: SelectQueryBuilder<Entity>) => void = () => undefined,
): Promise<Page<Entity>> => {
  const window = windowOf(present({ first, after }), key.length);
  const query = source
    .createQueryBuilder(entity, 'entry')
    .where(present(equal))
    .take(window.size + 1);
  for (const column of key) query.addOrderBy(`entry.${column}`);
  const columns = key.map((column) => `entry.${column}`).join();
  if (window.after) query.andWhere(`(${columns}) > (:...after)`, { after: window.after });
  narrow(query);
  return pageOf(await query.getMany(), window, (row) => key.map((column) => String(row[column])));
};

const labelled = ({ metadata }: AnyDoc, updatedAt: Date) => ({
  ...metadata,
  labels: metadata.labels ?? {},
  updatedAt: updatedAt.toISOString(),
});

// A system is known when a resource describes it or a bridge names it.
const KNOWN_SYSTEMS = `
  select coalesce(s.name, b.system) as name, s.resource, coalesce(s.updated_at, b.updated_at) as "updatedAt"
  from control.system s
  full join (select system, max(updated_at) as updated_at from control.bridge group by system) b on b.system = s.name
  where ($1::text is null or coalesce(s.name, b.system) = $1) and ($2::text is null or coalesce(s.name, b.system) > $2)
  order by 1 limit $3`;

const systemRow = (row: { name: string; resource: SystemDoc | null; updatedAt: Date }): SystemRow =>
  row.resource === null
    ? { name: row.name, labels: {}, updatedAt: row.updatedAt.toISOString(), declared: false }
    : { ...row.resource.spec, ...labelled(row.resource, row.updatedAt), declared: true };

export const listSystems = async (source: DataSource, filter: NameFilter = {}): Promise<Page<SystemRow>> => {
  const window = windowOf(filter, 1);
  const parameters = [filter.name ?? null, window.after?.[0] ?? null, window.size + 1];
  const rows = await source.query<Parameters<typeof systemRow>[0][]>(KNOWN_SYSTEMS, parameters);
  return pageOf(rows.map(systemRow), window, ({ name }) => [name]);
};

const bridgeRow = ({ updatedAt, system, adapter, revision }: BridgeEntity, served: RevisionEntity): BridgeRow => ({
  ...labelled(served.resource, updatedAt),
  system,
  adapter,
  revision,
  createdBy: served.createdBy,
  resource: served.resource,
});

export const listBridges = async (source: DataSource, filter: BridgeFilter = {}): Promise<Page<BridgeRow>> => {
  const page = await readPage(source, Bridges, ['name'], filter);
  const where = page.nodes.map(({ name, revision }) => ({ bridge: name, revision }));
  const revisions = where.length === 0 ? [] : await source.manager.find(Revisions, { where });
  const served = new Map(revisions.map((revision) => [revision.bridge, revision]));
  return mapPage(page, (bridge) => bridgeRow(bridge, served.get(bridge.name)!));
};

const operationRow = ({ title, description, output, ...row }: OperationEntity): OperationRow => ({
  ...row,
  ...present({ title, description, output }),
});

export const listOperations = async (source: DataSource, filter: OperationFilter = {}): Promise<Page<OperationRow>> =>
  mapPage(await readPage(source, Operations, ['bridge', 'name'], filter), operationRow);

const consumerRow = ({ resource, updatedAt }: DocumentEntity<ConsumerDoc>): ConsumerRow => ({
  ...present({ description: resource.spec.description }),
  ...labelled(resource, updatedAt),
  owner: resource.spec.owner,
  identities: resource.spec.identities ?? [],
});

export const listConsumers = async (source: DataSource, filter: NameFilter = {}): Promise<Page<ConsumerRow>> =>
  mapPage(await readPage(source, Consumers, ['name'], filter), consumerRow);

const pathwayRow = ({ resource, updatedAt }: PathwayEntity, system: string | undefined): PathwayRow => {
  const { owner: _, ...row } = labelled(resource, updatedAt);
  const { operations = [], ...spec } = resource.spec;
  return { ...row, ...spec, operations, kind: 'declared', ...present({ system }) };
};

export const listPathways = async (source: DataSource, filter: PathwayFilter = {}): Promise<Page<PathwayRow>> => {
  const { system, ...rest } = filter;
  const page = await readPage(source, Pathways, ['name'], rest, (query) => {
    const ofSystem = 'entry.bridge in (select name from control.bridge where system = :system)';
    if (system !== undefined) query.andWhere(ofSystem, { system });
  });
  const bridges = await source.manager.find(Bridges, { select: { name: true, system: true } });
  const systems = new Map(bridges.map((bridge) => [bridge.name, bridge.system]));
  return mapPage(page, (pathway) => pathwayRow(pathway, systems.get(pathway.bridge)));
};
