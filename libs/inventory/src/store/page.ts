import { Failure } from '@bailey/contract';
import type { Page, PageRequest } from './store.ts';

const DEFAULT_SIZE = 100;
const MAXIMUM_SIZE = 1_000;

/** Where a page begins and how many rows it may have; `after` holds the key of the row before it. */
export interface Window {
  size: number;
  after: string[] | undefined;
}

const refuse = (pointer: string, message: string): never => {
  throw Failure.of('INVALID_INPUT', `Reading a page: ${message}.`, { errors: [{ pointer, message }] });
};

const parseCursor = (cursor: string, parts: number): string[] => {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(key) && key.length === parts && key.every((part) => typeof part === 'string')) return key;
  } catch {
    // Not JSON: refused below like any other text that is no cursor of ours.
  }
  return refuse('/after', 'must be the endCursor of a page before');
};

/** @param parts how many columns the key of the rows has */
export const windowOf = ({ first = DEFAULT_SIZE, after }: PageRequest, parts: number): Window => {
  if (!Number.isInteger(first) || first < 1 || first > MAXIMUM_SIZE)
    refuse('/first', `must be an integer from 1 to ${MAXIMUM_SIZE}`);
  return { size: first, after: after === undefined ? undefined : parseCursor(after, parts) };
};

/** Makes a page of up to `size + 1` rows read from the window. */
export const pageOf = <Row>(rows: Row[], { size }: Window, keyOf: (row: Row) => string[]): Page<Row> => {
  const nodes = rows.slice(0, size);
  const last = nodes.at(-1);
  const endCursor =
    last === undefined ? {} : { endCursor: Buffer.from(JSON.stringify(keyOf(last))).toString('base64url') };
  return { nodes, pageInfo: { hasNextPage: rows.length > size, ...endCursor } };
};
