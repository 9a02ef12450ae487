import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import type { DeclaredFault, Described, Effect, Exchange, JsonSchema } from '@bailey/contract';
import type { BridgeDoc, ConsumerDoc, PathwayDoc, SystemDoc } from '../document.ts';

/**
 * The tables. `json`, never `jsonb`: the latter forgets the order of members, and the order of a schema's properties
 * is the order on the wire. Names are compared by bytes (collation C), so that pages have one order everywhere.
 */
const name: EntitySchemaColumnOptions = { type: 'text', collation: 'C' };
const key: EntitySchemaColumnOptions = { ...name, primary: true };
const text: EntitySchemaColumnOptions = { type: 'text' };
const json: EntitySchemaColumnOptions = { type: 'json' };
const optional = (column: EntitySchemaColumnOptions): EntitySchemaColumnOptions => ({ ...column, nullable: true });
const instant: EntitySchemaColumnOptions = { type: 'timestamptz', default: () => 'clock_timestamp()' };
const textArray: EntitySchemaColumnOptions = { type: 'text', array: true };
const camel = {
  createdAt: 'created_at',
  createdBy: 'created_by',
  updatedAt: 'updated_at',
  contentHash: 'content_hash',
};

export interface DocumentEntity<Doc> {
  name: string;
  resource: Doc;
  contentHash: string;
  updatedAt: Date;
}

const documentColumns = {
  name: key,
  resource: json,
  contentHash: { ...text, name: camel.contentHash },
  updatedAt: { ...instant, name: camel.updatedAt },
};

export const Systems = new EntitySchema<DocumentEntity<SystemDoc>>({
  name: 'system',
  schema: 'control',
  columns: documentColumns,
});

export const Consumers = new EntitySchema<DocumentEntity<ConsumerDoc>>({
  name: 'consumer',
  schema: 'control',
  columns: documentColumns,
});

export interface PathwayEntity extends DocumentEntity<PathwayDoc> {
  consumer: string;
  bridge: string;
}

export const Pathways = new EntitySchema<PathwayEntity>({
  name: 'pathway',
  schema: 'control',
  columns: { ...documentColumns, consumer: name, bridge: name },
  indices: [
    { name: 'pathway_consumer', columns: ['consumer'] },
    { name: 'pathway_bridge', columns: ['bridge'] },
  ],
});

/** The revision that is served. The document itself stands in the revision. */
export interface BridgeEntity {
  name: string;
  /** `metadata.name` as GraphQL spells it: two bridges must not meet there. */
  camelName: string;
  system: string;
  adapter: string;
  revision: number;
  updatedAt: Date;
}

export const Bridges = new EntitySchema<BridgeEntity>({
  name: 'bridge',
  schema: 'control',
  columns: {
    name: key,
    camelName: { ...name, name: 'camel_name' },
    system: name,
    adapter: text,
    revision: { type: 'int' },
    updatedAt: { ...instant, name: camel.updatedAt },
  },
  uniques: [{ name: 'bridge_camel_name', columns: ['camelName'] }],
  indices: [{ name: 'bridge_system', columns: ['system'] }],
});

/** Outlives its bridge: history, and the way back. */
export interface RevisionEntity {
  bridge: string;
  revision: number;
  resource: BridgeDoc;
  descriptionHash: string;
  /** Path → hash of a source file. */
  files: Record<string, string>;
  contentHash: string;
  createdAt: Date;
  createdBy: string;
}

export const Revisions = new EntitySchema<RevisionEntity>({
  name: 'revision',
  schema: 'control',
  columns: {
    bridge: key,
    revision: { type: 'int', primary: true },
    resource: json,
    descriptionHash: { ...text, name: 'description_hash' },
    files: json,
    contentHash: { ...text, name: camel.contentHash },
    createdAt: { ...instant, name: camel.createdAt },
    createdBy: { ...text, name: camel.createdBy },
  },
});

/** One row for each distinct text: a hundred bridges over one WSDL share it, stored and in memory. */
export interface DescriptionEntity {
  hash: string;
  sourceHash: string;
  body: Described;
}

export const Descriptions = new EntitySchema<DescriptionEntity>({
  name: 'description',
  schema: 'control',
  columns: { hash: { ...text, primary: true }, sourceHash: { ...text, name: 'source_hash' }, body: json },
});

export interface SourceFileEntity {
  hash: string;
  bytes: Uint8Array;
}

export const SourceFileTable = new EntitySchema<SourceFileEntity>({
  name: 'source_file',
  schema: 'control',
  columns: { hash: { ...text, primary: true }, bytes: { type: 'bytea' } },
});

/** Derived from the contract of the served revision. */
export interface OperationEntity {
  bridge: string;
  name: string;
  system: string;
  native: string;
  title: string | null;
  description: string | null;
  deprecated: boolean;
  effect: Effect;
  exchange: Exchange;
  input: JsonSchema;
  output: JsonSchema | null;
  faults: DeclaredFault[];
}

export const Operations = new EntitySchema<OperationEntity>({
  name: 'operation',
  schema: 'control',
  columns: {
    bridge: key,
    name: key,
    system: name,
    native: text,
    title: optional(text),
    description: optional(text),
    deprecated: { type: 'boolean' },
    effect: text,
    exchange: text,
    input: json,
    output: optional(json),
    faults: json,
  },
  indices: [{ name: 'operation_system', columns: ['system'] }],
});

export interface KeyEntity {
  id: string;
  hash: string;
  roles: string[];
  scopes: string[];
  consumer: string | null;
  disabled: boolean;
  createdAt: Date;
  createdBy: string;
}

export const ApiKeys = new EntitySchema<KeyEntity>({
  name: 'api_key',
  schema: 'control',
  columns: {
    id: key,
    hash: text,
    roles: textArray,
    scopes: textArray,
    consumer: optional(name),
    disabled: { type: 'boolean', default: false },
    createdAt: { ...instant, name: camel.createdAt },
    createdBy: { ...text, name: camel.createdBy },
  },
  uniques: [{ name: 'api_key_hash', columns: ['hash'] }],
});

/** One row: the number of the whole estate, and the lock that puts its writers in a line. */
export interface EstateEntity {
  id: number;
  generation: number;
}

export const EstateTable = new EntitySchema<EstateEntity>({
  name: 'estate',
  schema: 'control',
  columns: { id: { type: 'int', primary: true }, generation: { type: 'int' } },
});

export interface ReplicaEntity {
  replica: string;
  generation: number;
  problems: { bridge: string; message: string }[];
  seenAt: Date;
}

export const Replicas = new EntitySchema<ReplicaEntity>({
  name: 'replica',
  schema: 'runtime',
  columns: {
    replica: key,
    generation: { type: 'int' },
    problems: json,
    seenAt: { ...instant, name: 'seen_at' },
  },
});

export interface DescribeRequestEntity {
  id: string;
  request: unknown;
  answer: unknown;
  askedAt: Date;
  expiresAt: Date;
}

export const DescribeRequests = new EntitySchema<DescribeRequestEntity>({
  name: 'describe_request',
  schema: 'runtime',
  columns: {
    id: { type: 'uuid', primary: true },
    request: json,
    answer: optional(json),
    askedAt: { ...instant, name: 'asked_at' },
    expiresAt: { type: 'timestamptz', name: 'expires_at' },
  },
});

export const ENTITIES = [
  Systems,
  Consumers,
  Pathways,
  Bridges,
  Revisions,
  Descriptions,
  SourceFileTable,
  Operations,
  ApiKeys,
  EstateTable,
  Replicas,
  DescribeRequests,
];
