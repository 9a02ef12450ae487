import type { JsonSchema } from './json.ts';
import type { DeclaredFault } from './fault.ts';

/**
 * What may be repeated: `read` changes nothing, `write-idempotent` may be sent twice with the same outcome,
 * `write` may not. Retry, caching and GraphQL's Query or Mutation follow from it.
 */
export type Effect = 'read' | 'write-idempotent' | 'write';

/** How an operation answers: one reply, an accepted send without one (202), rows without end, or events. */
export type Exchange = 'unary' | 'one-way' | 'stream' | 'events';

/** One callable thing of a bridge. */
export interface Operation {
  /** API name, unique in the contract. */
  name: string;
  /** The name the legacy system knows: data for architects and traces. */
  native: string;
  title?: string;
  description?: string;
  deprecated?: boolean;
  effect: Effect;
  exchange: Exchange;
  /** Always an object schema; an operation without input has no properties. */
  input: JsonSchema;
  /** Absent where there is no answer to describe. */
  output?: JsonSchema;
  faults: DeclaredFault[];
}

/** Rows with a key: a table, a view, a file. List, look-up and write operations are derived from it. */
export interface Collection {
  name: string;
  native: string;
  description?: string;
  item: JsonSchema;
  /** Property names in key order; empty: list only. */
  key: string[];
  filterable: string[];
  sortable: string[];
  writable: ('create' | 'update' | 'delete')[];
  relations: Relation[];
}

export interface Relation {
  name: string;
  to: string;
  cardinality: 'one' | 'many';
  on: { from: string; to: string }[];
}

/** What a bridge offers: the reviewed, stored lock file from which every face is computed. */
export interface Contract {
  operations: Operation[];
  collections: Collection[];
  /** Named types, shared by operations and collections. Keys are Pascal case API names. */
  $defs: Record<string, JsonSchema>;
}
