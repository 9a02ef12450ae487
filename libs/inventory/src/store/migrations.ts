import type { MigrationInterface, QueryRunner } from 'typeorm';

const DOCUMENT = `
  name text collate "C" primary key,
  resource json not null,
  content_hash text not null,
  updated_at timestamptz not null default clock_timestamp()`;

const UP = [
  'create schema if not exists control',
  'create schema if not exists runtime',
  `create table control.system (${DOCUMENT})`,
  `create table control.consumer (${DOCUMENT})`,
  `create table control.pathway (${DOCUMENT}, consumer text collate "C" not null, bridge text collate "C" not null)`,
  'create index pathway_consumer on control.pathway (consumer)',
  'create index pathway_bridge on control.pathway (bridge)',
  `create table control.bridge (
    name text collate "C" primary key,
    camel_name text collate "C" not null constraint bridge_camel_name unique,
    system text collate "C" not null,
    adapter text not null,
    revision int not null,
    updated_at timestamptz not null default clock_timestamp())`,
  'create index bridge_system on control.bridge (system)',
  `create table control.description (
    hash text primary key,
    source_hash text not null,
    body json not null)`,
  `create table control.source_file (
    hash text primary key,
    bytes bytea not null)`,
  `create table control.revision (
    bridge text collate "C" not null,
    revision int not null,
    resource json not null,
    description_hash text not null,
    files json not null,
    content_hash text not null,
    created_at timestamptz not null default clock_timestamp(),
    created_by text not null,
    primary key (bridge, revision))`,
  `create table control.operation (
    bridge text collate "C" not null,
    name text collate "C" not null,
    system text collate "C" not null,
    native text not null,
    title text,
    description text,
    deprecated boolean not null,
    effect text not null,
    exchange text not null,
    input json not null,
    output json,
    faults json not null,
    primary key (bridge, name))`,
  'create index operation_system on control.operation (system)',
  `create table control.api_key (
    id text collate "C" primary key,
    hash text not null constraint api_key_hash unique,
    roles text[] not null,
    scopes text[] not null,
    consumer text collate "C",
    disabled boolean not null default false,
    created_at timestamptz not null default clock_timestamp(),
    created_by text not null)`,
  'create table control.estate (id int primary key, generation int not null)',
  'insert into control.estate values (1, 0)',
  `create table runtime.replica (
    replica text collate "C" primary key,
    generation int not null,
    problems json not null,
    seen_at timestamptz not null default clock_timestamp())`,
  `create table runtime.describe_request (
    id uuid primary key,
    request json not null,
    answer json,
    asked_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null)`,
];

class Foundations1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  // The schema "control" also holds TypeORM's own record of migrations, so it is emptied and not dropped.
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop schema runtime cascade');
    const tables = UP.flatMap((statement) => /^create table (control\.\w+)/.exec(statement)?.[1] ?? []);
    await runner.query(`drop table ${tables.join(', ')}`);
  }
}

/** In the order of their time stamps; never changed once released. */
export const MIGRATIONS = [Foundations1764000000000];
