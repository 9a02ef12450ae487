import { hash } from 'node:crypto';

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
};

/** SHA-256 of a document, whatever the order of its keys. */
export const documentHash = (document: unknown): string => hash('sha256', JSON.stringify(sorted(document)));

/** SHA-256 of a JSON text or of bytes, as they stand. */
export const contentHash = (content: string | Uint8Array): string => hash('sha256', content);
