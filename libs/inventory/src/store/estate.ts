import { In, type DataSource, type EntityManager } from 'typeorm';
import { Failure, type Described } from '@bailey/contract';
import {
  ApiKeys,
  Bridges,
  Consumers,
  Descriptions,
  EstateTable,
  Revisions,
  SourceFileTable,
  Systems,
  type RevisionEntity,
} from './entities.ts';
import { keyRecord } from './keys.ts';
import type { Estate, KnownRevision, RevisionSummary, SourceFiles, StoredRevision } from './store.ts';

const distinct = (values: readonly string[]): string[] => [...new Set(values)];

/** Each distinct description is parsed once; revisions that share it share the object. */
const readDescriptions = async (
  manager: EntityManager,
  revisions: readonly RevisionEntity[],
): Promise<Map<string, Described>> => {
  const hashes = distinct(revisions.map(({ descriptionHash }) => descriptionHash));
  const rows = hashes.length === 0 ? [] : await manager.findBy(Descriptions, { hash: In(hashes) });
  return new Map(rows.map(({ hash, body }) => [hash, body]));
};

const readFiles = async (
  manager: EntityManager,
  revisions: readonly RevisionEntity[],
): Promise<Map<string, Uint8Array>> => {
  const hashes = distinct(revisions.flatMap(({ files }) => Object.values(files)));
  const rows = hashes.length === 0 ? [] : await manager.findBy(SourceFileTable, { hash: In(hashes) });
  return new Map(rows.map(({ hash, bytes }) => [hash, bytes]));
};

const filesOf = ({ files }: RevisionEntity, bytes: Map<string, Uint8Array>): SourceFiles => {
  const found: SourceFiles = Object.create(null);
  for (const [path, hash] of Object.entries(files)) found[path] = bytes.get(hash)!;
  return found;
};

const readBodies = async (manager: EntityManager, revisions: readonly RevisionEntity[]): Promise<StoredRevision[]> => {
  const descriptions = await readDescriptions(manager, revisions);
  const bytes = await readFiles(manager, revisions);
  return revisions.map((revision) => ({
    bridge: revision.bridge,
    revision: revision.revision,
    resource: revision.resource,
    described: descriptions.get(revision.descriptionHash)!,
    files: filesOf(revision, bytes),
    createdAt: revision.createdAt.toISOString(),
    createdBy: revision.createdBy,
    contentHash: revision.contentHash,
  }));
};

const readRevisions = async (
  manager: EntityManager,
  known: ReadonlyMap<string, number>,
): Promise<Estate['revisions']> => {
  const bridges = await manager.find(Bridges, { order: { name: 'asc' } });
  const isKnown = ({ name, revision }: { name: string; revision: number }): boolean => known.get(name) === revision;
  const unchanged = bridges
    .filter(isKnown)
    .map(({ name, revision }): KnownRevision => ({ bridge: name, revision, unchanged: true }));
  const wanted = bridges.filter((bridge) => !isKnown(bridge)).map(({ name, revision }) => ({ bridge: name, revision }));
  const found = wanted.length === 0 ? [] : await manager.find(Revisions, { where: wanted });
  return [...unchanged, ...(await readBodies(manager, found))].sort((a, b) => (a.bridge < b.bridge ? -1 : 1));
};

const readEstate = async (manager: EntityManager, known: ReadonlyMap<string, number>): Promise<Estate> => {
  const { generation } = await manager.findOneByOrFail(EstateTable, { id: 1 });
  const revisions = await readRevisions(manager, known);
  const systems = (await manager.find(Systems, { order: { name: 'asc' } })).map(({ resource }) => resource);
  const consumers = (await manager.find(Consumers, { order: { name: 'asc' } })).map(({ resource }) => resource);
  const keys = (await manager.find(ApiKeys, { order: { id: 'asc' } })).map(keyRecord);
  return { generation, revisions, systems, consumers, keys };
};

/** One moment of the estate: generation and content belong together. */
export const currentEstate = (source: DataSource, known: ReadonlyMap<string, number>): Promise<Estate> =>
  source.transaction('REPEATABLE READ', (manager) => readEstate(manager, known));

export const readGeneration = async (source: DataSource): Promise<number> =>
  (await source.manager.findOneByOrFail(EstateTable, { id: 1 })).generation;

export const readRevision = async (source: DataSource, bridge: string, revision: number): Promise<StoredRevision> => {
  const found = await source.manager.findBy(Revisions, { bridge, revision });
  const [body] = await readBodies(source.manager, found);
  if (body) return body;
  throw Failure.of('NOT_FOUND', `Reading revision ${revision} of "${bridge}": there is none.`);
};

const REVISIONS = `
  select r.bridge, r.revision, r.created_at as "createdAt", r.created_by as "createdBy",
    r.content_hash as "contentHash", d.source_hash as "sourceHash", b.revision is not null as current
  from control.revision r
  join control.description d on d.hash = r.description_hash
  left join control.bridge b on b.name = r.bridge and b.revision = r.revision
  where r.bridge = $1 order by r.revision desc`;

export const listRevisions = async (source: DataSource, bridge: string): Promise<RevisionSummary[]> => {
  const rows = await source.query<(Omit<RevisionSummary, 'createdAt'> & { createdAt: Date })[]>(REVISIONS, [bridge]);
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
};
