import { Field, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { DeclaredFault, JsonSchema, LedgerEntry, SourcePlace } from '@bailey/contract';
import type { ConsumerRow, OperationRow, PathwayRow, SystemRow, SystemSpec } from '@bailey/inventory';
import { Json } from './json-scalar.ts';
import { connectionOf } from './page-type.ts';

const optional = { nullable: true } as const;

@ObjectType({ isAbstract: true })
abstract class Labelled {
  @Field(() => String)
  declare name: string;
  @Field(() => String, optional)
  declare title?: string;
  @Field(() => String, optional)
  declare description?: string;
  @Field(() => Json)
  declare labels: Record<string, string>;
  @Field(() => String, { description: 'RFC 3339.' })
  declare updatedAt: string;
}

type EndpointRow = NonNullable<SystemSpec['endpoints']>[number];

@ObjectType()
export class Endpoint implements EndpointRow {
  @Field(() => String)
  declare protocol: string;
  @Field(() => String)
  declare host: string;
  @Field(() => Int)
  declare port: number;
}

@ObjectType({ description: 'A legacy installation.' })
export class System extends Labelled implements SystemRow {
  @Field(() => String, optional)
  declare owner?: string;
  @Field(() => String, optional)
  declare domain?: string;
  @Field(() => String, optional)
  declare lifecycle?: string;
  @Field(() => String, optional)
  declare criticality?: string;
  @Field(() => String, optional)
  declare dataClass?: string;
  @Field(() => String, optional)
  declare environment?: string;
  @Field(() => [Endpoint], optional)
  declare endpoints?: Endpoint[];
  @Field(() => Boolean, { description: 'False when only a bridge names it.' })
  declare declared: boolean;
}

@ObjectType({ description: 'A declared way to a system: adapter, connection, policy.' })
export class Bridge extends Labelled {
  @Field(() => String, optional)
  declare owner?: string;
  @Field(() => String)
  declare adapter: string;
  @Field(() => Int)
  declare revision: number;
  @Field(() => String)
  declare createdBy: string;
}

@ObjectType()
export class Place implements SourcePlace {
  @Field(() => String)
  declare file: string;
  @Field(() => Int)
  declare line: number;
}

@ObjectType({ description: 'What became of one construct of the source.' })
export class LedgerLine implements LedgerEntry {
  @Field(() => String)
  declare construct: string;
  @Field(() => String)
  declare name: string;
  @Field(() => String, { description: 'supported, approximated or refused.' })
  declare status: LedgerEntry['status'];
  @Field(() => Place)
  declare where: Place;
  @Field(() => String, optional)
  declare note?: string;
}

@ObjectType({ description: 'A way to fail that the contract declares.' })
export class Fault implements DeclaredFault {
  @Field(() => String)
  declare code: string;
  @Field(() => String)
  declare native: string;
  @Field(() => Int)
  declare status: number;
  @Field(() => String, optional)
  declare description?: string;
  @Field(() => Json, optional)
  declare detail?: JsonSchema;
}

@ObjectType({ description: 'One callable thing of a bridge.' })
export class Operation {
  @Field(() => String)
  declare name: string;
  @Field(() => String)
  declare native: string;
  @Field(() => String, optional)
  declare title?: string;
  @Field(() => String, optional)
  declare description?: string;
  @Field(() => Boolean)
  declare deprecated: boolean;
  @Field(() => String, { description: 'read, write-idempotent or write.' })
  declare effect: OperationRow['effect'];
  @Field(() => String, { description: 'unary, one-way, stream or events.' })
  declare exchange: OperationRow['exchange'];
  @Field(() => Json)
  declare input: JsonSchema;
  @Field(() => Json, optional)
  declare output?: JsonSchema;
  @Field(() => [Fault])
  declare faults: Fault[];
}

@ObjectType({ description: 'One way to know a consumer.' })
export class Identity {
  @Field(() => String, { description: 'header, subject, apiKey or spiffe.' })
  declare kind: string;
  @Field(() => String, { nullable: true, description: 'Absent for API keys.' })
  declare value?: string;
}

@ObjectType({ description: 'Who calls.' })
export class Consumer extends Labelled implements Pick<ConsumerRow, 'name' | 'labels'> {
  @Field(() => String, optional)
  declare owner?: string;
}

const PATHWAY_KINDS = { DECLARED: 'declared', OBSERVED: 'observed' } as const;
export type PathwayKind = (typeof PATHWAY_KINDS)[keyof typeof PATHWAY_KINDS];
export const PathwayKindType = PATHWAY_KINDS;
registerEnumType(PATHWAY_KINDS, { name: 'PathwayKind' });

@ObjectType({ description: 'An edge: this consumer calls these operations.' })
export class Pathway extends Labelled {
  @Field(() => PATHWAY_KINDS)
  declare kind: PathwayRow['kind'];
  @Field(() => String)
  declare consumerName: string;
  @Field(() => String)
  declare bridgeName: string;
  @Field(() => [String], { description: 'API names; empty: all operations of the bridge.' })
  declare operations: string[];
  @Field(() => String, optional)
  declare purpose?: string;
  @Field(() => String, optional)
  declare dataClass?: string;
}

export const SystemConnection = connectionOf('System', () => System);
export const BridgeConnection = connectionOf('Bridge', () => Bridge);
export const OperationConnection = connectionOf('Operation', () => Operation);
export const ConsumerConnection = connectionOf('Consumer', () => Consumer);
export const PathwayConnection = connectionOf('Pathway', () => Pathway);
