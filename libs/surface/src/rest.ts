import type { Contract, Operation, Value } from '@bailey/contract';

/** A request below `/api/{bridge}`, as far as routing needs it. */
export interface RestRequest {
  method: string;
  /** The path after the bridge's name, percent-decoded. */
  segments: readonly string[];
  query: URLSearchParams;
  contentType?: string | undefined;
  body?: Uint8Array | undefined;
}

export interface RestMatch {
  operation: Operation;
  /** Parsed, not yet validated. */
  input: Value;
}

/** One row of the bridge's index. */
export interface RestRoute {
  operation: string;
  methods: readonly string[];
}

export interface RestTable {
  match(request: RestRequest): RestMatch;
  routes(): RestRoute[];
}

export declare const compileRest: (contract: Contract) => RestTable;
