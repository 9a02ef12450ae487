import { Failure } from '@bailey/contract';
import type { Page, PageRequest } from '@bailey/inventory';

export type Query = Readonly<Record<string, string | string[]>>;

/** A page as REST answers it; `next` is the cursor of the following page, absent on the last. */
export interface ListAnswer<Row> {
  items: Row[];
  next?: string;
}

// The second names are those of GraphQL.
const SIZE = ['limit', 'first'];
const CURSOR = ['cursor', 'after'];

const single = (query: Query, names: readonly string[]): string | undefined => {
  const values = names.flatMap((name) => query[name] ?? []);
  if (values.length <= 1) return values[0];
  const errors = [{ pointer: `/${names[0]}`, message: 'must be given once' }];
  throw Failure.of('INVALID_INPUT', `Reading the query: ${names[0]} must be given once.`, { errors });
};

const refuseUnknown = (query: Query, known: readonly string[]): void => {
  const unknown = Object.keys(query).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const errors = unknown.map((name) => ({ pointer: `/${name}`, message: `is not one of ${known.join(', ')}` }));
  throw Failure.of('UNKNOWN_PARAMETER', `Reading the query: "${unknown[0]}" is not known here.`, { errors });
};

/** @param filters query parameters that are filters of the same name */
export const pageRequest = <Filter extends PageRequest>(query: Query, filters: readonly string[]): Filter => {
  refuseUnknown(query, [...SIZE, ...CURSOR, ...filters]);
  const request: Record<string, unknown> = Object.create(null);
  const [size, after] = [single(query, SIZE), single(query, CURSOR)];
  // What is no number becomes NaN, which the store refuses with the rest of the bad sizes.
  if (size !== undefined) request['first'] = /^[0-9]+$/.test(size) ? Number(size) : NaN;
  if (after !== undefined) request['after'] = after;
  for (const name of filters) {
    const value = single(query, [name]);
    if (value !== undefined) request[name] = value;
  }
  return request as Filter;
};

export const listAnswer = <Row>({ nodes, pageInfo }: Page<Row>): ListAnswer<Row> => ({
  items: nodes,
  ...(pageInfo.hasNextPage && pageInfo.endCursor !== undefined ? { next: pageInfo.endCursor } : {}),
});
