import { Inject } from '@nestjs/common';
import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type {
  OperationFilter,
  Page,
  Store,
  BridgeRow,
  ConsumerRow,
  OperationRow,
  PathwayRow,
  SystemRow,
} from '@bailey/inventory';
import { CONTROL_PLANE, type ControlPlane } from '../deps.ts';
import type { CatalogueContext } from './lookup.ts';
import { PageArguments, pageOf } from './page-type.ts';
import {
  Bridge,
  BridgeConnection,
  Consumer,
  ConsumerConnection,
  OperationConnection,
  PathwayConnection,
  PathwayKindType,
  System,
  SystemConnection,
  type PathwayKind,
} from './types.ts';

const NOTHING: Page<never> = { nodes: [], pageInfo: { hasNextPage: false } };

const name = { name: 'name', type: () => String } as const;
const filter = (of: string) => ({ name: of, type: () => String, nullable: true }) as const;

/** A filter that is not given is no filter. */
const given = (filters: Record<string, string | null | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(filters).filter((entry): entry is [string, string] => entry[1] != null));

/** Where questions to the catalogue begin. */
@Resolver()
export class RootResolver {
  readonly #store: Store;

  constructor(@Inject(CONTROL_PLANE) { store }: ControlPlane) {
    this.#store = store;
  }

  @Query(() => SystemConnection)
  systems(@Args({ type: () => PageArguments }) page: PageArguments): Promise<Page<SystemRow>> {
    return this.#store.systems(pageOf(page));
  }

  @Query(() => System, { nullable: true })
  system(@Args(name) of: string, @Context() { lookup }: CatalogueContext): Promise<SystemRow | undefined> {
    return lookup.system(of);
  }

  @Query(() => BridgeConnection)
  bridges(
    @Args({ type: () => PageArguments }) page: PageArguments,
    @Args(filter('system')) system?: string,
    @Args(filter('adapter')) adapter?: string,
  ): Promise<Page<BridgeRow>> {
    return this.#store.bridges({ ...pageOf(page), ...given({ system, adapter }) });
  }

  @Query(() => Bridge, { nullable: true })
  bridge(@Args(name) of: string, @Context() { lookup }: CatalogueContext): Promise<BridgeRow | undefined> {
    return lookup.bridge(of);
  }

  @Query(() => OperationConnection)
  operations(
    @Args({ type: () => PageArguments }) page: PageArguments,
    @Args(filter('bridge')) bridge?: string,
    @Args(filter('system')) system?: string,
    @Args(filter('effect')) effect?: string,
  ): Promise<Page<OperationRow>> {
    return this.#store.operations({ ...pageOf(page), ...given({ bridge, system, effect }) } as OperationFilter);
  }

  @Query(() => ConsumerConnection)
  consumers(@Args({ type: () => PageArguments }) page: PageArguments): Promise<Page<ConsumerRow>> {
    return this.#store.consumers(pageOf(page));
  }

  @Query(() => Consumer, { nullable: true })
  consumer(@Args(name) of: string, @Context() { lookup }: CatalogueContext): Promise<ConsumerRow | undefined> {
    return lookup.consumer(of);
  }

  @Query(() => PathwayConnection)
  async pathways(
    @Args({ type: () => PageArguments }) page: PageArguments,
    @Args({ name: 'kind', type: () => PathwayKindType, nullable: true }) kind?: PathwayKind,
    @Args(filter('consumer')) consumer?: string,
    @Args(filter('bridge')) bridge?: string,
  ): Promise<Page<PathwayRow>> {
    // Nothing observes calls yet, so nothing was observed.
    if (kind === 'observed') return NOTHING;
    return this.#store.pathways({ ...pageOf(page), ...given({ consumer, bridge }) });
  }
}
