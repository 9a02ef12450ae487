import type { Effect, OperationSettings, SourcePlace } from '@bailey/contract';

export const API_VERSION = 'bailey.dev/v1';

export const KINDS = ['System', 'Bridge', 'Consumer', 'Pathway'] as const;
export type Kind = (typeof KINDS)[number];

export interface Metadata {
  name: string;
  title?: string;
  description?: string;
  owner?: string;
  labels?: Record<string, string>;
}

/** A resource as a person wrote it. `where` is its place in the file; it is never stored nor compared. */
export interface ResourceDocument<K extends Kind, Spec> {
  apiVersion: typeof API_VERSION;
  kind: K;
  metadata: Metadata;
  spec: Spec;
  where?: SourcePlace;
}

/** A value that stands elsewhere. The store keeps it as it is; only the data plane looks behind it. */
export type Reference = { env: string } | { file: string };

export interface SystemSpec {
  domain?: string;
  owner?: string;
  description?: string;
  lifecycle?: string;
  criticality?: string;
  dataClass?: string;
  environment?: string;
  endpoints?: { protocol: string; host: string; port: number }[];
}

/** `spec.operations` of a Bridge, by native name. */
export interface BridgeOperation extends OperationSettings {
  effect?: Effect;
  access?: { scopes: string[] };
}

/** `policy` and `access` are checked by the schemas of @bailey/call, `connection` by the adapter's own. */
export interface BridgeSpec {
  system: string;
  adapter: string;
  connection: Record<string, unknown>;
  operations?: Record<string, BridgeOperation>;
  policy?: Record<string, unknown>;
  access?: { scopes?: { read?: string | string[]; write?: string | string[] } };
}

/** One way to know a consumer. `apiKey` is `sha256:<64 hex>` of the key, or a reference; never the key itself. */
export type ConsumerIdentity =
  | { header: string }
  | { subject: string }
  | { apiKey: string | Reference }
  | { spiffe: string };

export interface ConsumerSpec {
  owner: string;
  description?: string;
  identities?: ConsumerIdentity[];
}

/** A declared edge: this consumer calls these operations (API names; none named: all) of this bridge. */
export interface PathwaySpec {
  consumer: string;
  bridge: string;
  operations?: string[];
  purpose?: string;
  dataClass?: string;
}

export type SystemDoc = ResourceDocument<'System', SystemSpec>;
export type BridgeDoc = ResourceDocument<'Bridge', BridgeSpec>;
export type ConsumerDoc = ResourceDocument<'Consumer', ConsumerSpec>;
export type PathwayDoc = ResourceDocument<'Pathway', PathwaySpec>;
export type AnyDoc = SystemDoc | BridgeDoc | ConsumerDoc | PathwayDoc;
