import type { Contract } from '@bailey/contract';

/** Scopes that a caller needs: `*` for every operation, or by API name. Documentation only; libs/call enforces them. */
export interface FaceScopes {
  read?: string;
  write?: string;
  /** Overrides by operation, by API name. */
  operations?: Readonly<Record<string, readonly string[]>>;
}

/** One bridge as the faces see it: what REST, OpenAPI and GraphQL are computed from. */
export interface FaceOf {
  /** `metadata.name`: `[a-z][a-z0-9-]{0,62}`. */
  name: string;
  title?: string;
  description?: string;
  /** The system behind the bridge, named in problem documents. */
  system?: string;
  contract: Contract;
  scopes?: FaceScopes;
}
