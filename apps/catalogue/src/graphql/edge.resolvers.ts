import { Inject } from '@nestjs/common';
import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { Ledger } from '@bailey/contract';
import type { Page, Store, BridgeRow, ConsumerRow, OperationRow, PathwayRow, SystemRow } from '@bailey/inventory';
import { CONTROL_PLANE, type ControlPlane } from '../deps.ts';
import type { CatalogueContext } from './lookup.ts';
import { PageArguments, pageOf } from './page-type.ts';
import {
  Bridge,
  BridgeConnection,
  Consumer,
  Identity,
  LedgerLine,
  Operation,
  OperationConnection,
  Pathway,
  PathwayConnection,
  System,
} from './types.ts';

@Resolver(() => System)
export class SystemResolver {
  readonly #store: Store;

  constructor(@Inject(CONTROL_PLANE) { store }: ControlPlane) {
    this.#store = store;
  }

  @ResolveField(() => BridgeConnection)
  bridges(
    @Parent() { name }: SystemRow,
    @Args({ type: () => PageArguments }) page: PageArguments,
  ): Promise<Page<BridgeRow>> {
    return this.#store.bridges({ ...pageOf(page), system: name });
  }
}

const problemsOf = async ({ name }: BridgeRow, { lookup }: CatalogueContext): Promise<string[]> => {
  const problems = (await lookup.replicas()).flatMap((replica) => replica.problems);
  return [...new Set(problems.filter(({ bridge }) => bridge === name).map(({ message }) => message))];
};

@Resolver(() => Bridge)
export class BridgeResolver {
  readonly #store: Store;

  constructor(@Inject(CONTROL_PLANE) { store }: ControlPlane) {
    this.#store = store;
  }

  @ResolveField(() => System, { nullable: true })
  system(@Parent() { system }: BridgeRow, @Context() { lookup }: CatalogueContext): Promise<SystemRow | undefined> {
    return lookup.system(system);
  }

  @ResolveField(() => OperationConnection)
  operations(
    @Parent() { name }: BridgeRow,
    @Args({ type: () => PageArguments }) page: PageArguments,
  ): Promise<Page<OperationRow>> {
    return this.#store.operations({ ...pageOf(page), bridge: name });
  }

  @ResolveField(() => PathwayConnection)
  pathways(
    @Parent() { name }: BridgeRow,
    @Args({ type: () => PageArguments }) page: PageArguments,
  ): Promise<Page<PathwayRow>> {
    return this.#store.pathways({ ...pageOf(page), bridge: name });
  }

  @ResolveField(() => [LedgerLine])
  ledger(@Parent() bridge: BridgeRow, @Context() { lookup }: CatalogueContext): Promise<Ledger> {
    return lookup.ledger(bridge);
  }

  @ResolveField(() => String, { description: 'served; failed: a gateway cannot build it; unknown: no gateway runs.' })
  async status(@Parent() bridge: BridgeRow, @Context() context: CatalogueContext): Promise<string> {
    if ((await context.lookup.replicas()).length === 0) return 'unknown';
    return (await problemsOf(bridge, context)).length > 0 ? 'failed' : 'served';
  }

  @ResolveField(() => [String], { description: 'What the gateways say is wrong with it.' })
  problems(@Parent() bridge: BridgeRow, @Context() context: CatalogueContext): Promise<string[]> {
    return problemsOf(bridge, context);
  }
}

@Resolver(() => Operation)
export class OperationResolver {
  @ResolveField(() => Bridge, { nullable: true })
  bridge(@Parent() { bridge }: OperationRow, @Context() { lookup }: CatalogueContext): Promise<BridgeRow | undefined> {
    return lookup.bridge(bridge);
  }

  @ResolveField(() => System, { nullable: true })
  system(@Parent() { system }: OperationRow, @Context() { lookup }: CatalogueContext): Promise<SystemRow | undefined> {
    return lookup.system(system);
  }
}

@Resolver(() => Consumer)
export class ConsumerResolver {
  readonly #store: Store;

  constructor(@Inject(CONTROL_PLANE) { store }: ControlPlane) {
    this.#store = store;
  }

  @ResolveField(() => [Identity])
  identities(@Parent() { identities }: ConsumerRow): Identity[] {
    return identities.map((identity) => {
      const [[kind, value]] = Object.entries(identity) as [[string, unknown]];
      // A key's hash is of no use to a reader, but may be to a guesser.
      return kind === 'apiKey' ? { kind } : { kind, value: String(value) };
    });
  }

  @ResolveField(() => PathwayConnection)
  pathways(
    @Parent() { name }: ConsumerRow,
    @Args({ type: () => PageArguments }) page: PageArguments,
  ): Promise<Page<PathwayRow>> {
    return this.#store.pathways({ ...pageOf(page), consumer: name });
  }
}

/** What a pathway names may be gone since; its names stay. */
@Resolver(() => Pathway)
export class PathwayResolver {
  @ResolveField(() => String)
  consumerName(@Parent() { consumer }: PathwayRow): string {
    return consumer;
  }

  @ResolveField(() => String)
  bridgeName(@Parent() { bridge }: PathwayRow): string {
    return bridge;
  }

  @ResolveField(() => Consumer, { nullable: true })
  consumer(
    @Parent() { consumer }: PathwayRow,
    @Context() { lookup }: CatalogueContext,
  ): Promise<ConsumerRow | undefined> {
    return lookup.consumer(consumer);
  }

  @ResolveField(() => Bridge, { nullable: true })
  bridge(@Parent() { bridge }: PathwayRow, @Context() { lookup }: CatalogueContext): Promise<BridgeRow | undefined> {
    return lookup.bridge(bridge);
  }
}
