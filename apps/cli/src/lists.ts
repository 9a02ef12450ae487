/** Columns by list, in the order that a reader asks for them. */
export const COLUMNS = {
  bridges: ['name', 'system', 'adapter', 'revision', 'title'],
  systems: ['name', 'domain', 'owner', 'lifecycle', 'criticality'],
  pathways: ['name', 'consumer', 'bridge', 'operations', 'kind'],
} as const;

export type Listed = keyof typeof COLUMNS;
export const LISTS = Object.keys(COLUMNS) as Listed[];
