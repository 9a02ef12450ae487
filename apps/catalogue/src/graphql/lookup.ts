import type { Ledger } from '@bailey/contract';
import type { BridgeRow, ConsumerRow, Page, ReplicaStatus, Store, SystemRow } from '@bailey/inventory';

const first = async <Row>(page: Promise<Page<Row>>): Promise<Row | undefined> => (await page).nodes[0];

/** Reads of one GraphQL request: what a hundred rows point to is read once. */
export class Lookup {
  readonly #store: Store;
  readonly #reads = new Map<string, Promise<unknown>>();

  constructor(store: Store) {
    this.#store = store;
  }

  system(name: string): Promise<SystemRow | undefined> {
    return this.#once(`system ${name}`, () => first(this.#store.systems({ name })));
  }

  bridge(name: string): Promise<BridgeRow | undefined> {
    return this.#once(`bridge ${name}`, () => first(this.#store.bridges({ name })));
  }

  consumer(name: string): Promise<ConsumerRow | undefined> {
    return this.#once(`consumer ${name}`, () => first(this.#store.consumers({ name })));
  }

  replicas(): Promise<ReplicaStatus[]> {
    return this.#once('replicas', () => this.#store.replicas());
  }

  async ledger({ name, revision }: BridgeRow): Promise<Ledger> {
    const stored = await this.#once(`revision ${name} ${revision}`, () => this.#store.revision(name, revision));
    return stored.described.ledger;
  }

  #once<Result>(key: string, read: () => Promise<Result>): Promise<Result> {
    const known = this.#reads.get(key) as Promise<Result> | undefined;
    const result = known ?? read();
    if (!known) this.#reads.set(key, result);
    return result;
  }
}

export interface CatalogueContext {
  lookup: Lookup;
}
