import { hash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ConsumerDoc, SourceFiles, StoredRevision } from '@bailey/inventory';
import type { KeyRecord } from '@bailey/platform';

/** The last good snapshot as it is kept on the disk: sources with their references unresolved, and hashes of keys. */
export interface CachedContent {
  generation: number;
  revisions: StoredRevision[];
  consumers: ConsumerDoc[];
  keys: KeyRecord[];
}

const FORMAT = 1;

/** Files and descriptions stand in a table of their own, once each: a hundred bridges may share a megabyte. */
type Table<T> = Map<string, T>;

interface CachedRevision extends Omit<StoredRevision, 'described' | 'files'> {
  described: string;
  files: Record<string, string>;
}

interface CacheFile {
  format: number;
  generation: number;
  consumers: ConsumerDoc[];
  keys: KeyRecord[];
  sources: [string, string][];
  descriptions: [string, StoredRevision['described']][];
  revisions: CachedRevision[];
}

const fileReferences = (files: SourceFiles, sources: Table<Uint8Array>): Record<string, string> => {
  const references: Record<string, string> = Object.create(null);
  for (const [path, bytes] of Object.entries(files)) {
    references[path] = hash('sha256', bytes);
    sources.set(references[path], bytes);
  }
  return references;
};

const descriptionKeys = (revisions: readonly StoredRevision[]): Map<unknown, string> => {
  const keys = new Map<unknown, string>();
  for (const { described } of revisions) if (!keys.has(described)) keys.set(described, String(keys.size));
  return keys;
};

/** The JSON text in pieces, none of them larger than one bridge, so that no turn of the loop is long. */
function* piecesOf({ revisions, ...head }: CachedContent): Generator<string> {
  const sources: Table<Uint8Array> = new Map();
  const descriptions = descriptionKeys(revisions);
  yield `${JSON.stringify({ format: FORMAT, ...head }).slice(0, -1)},"descriptions":[`;
  let separator = '';
  for (const [described, key] of descriptions) {
    yield `${separator}${JSON.stringify([key, described])}`;
    separator = ',\n';
  }
  yield '],"revisions":[';
  separator = '';
  for (const { described, files, ...revision } of revisions) {
    const cached: CachedRevision = {
      ...revision,
      described: descriptions.get(described)!,
      files: fileReferences(files, sources),
    };
    yield `${separator}${JSON.stringify(cached)}`;
    separator = ',\n';
  }
  yield '],"sources":[';
  separator = '';
  for (const [key, bytes] of sources) {
    yield `${separator}${JSON.stringify([key, Buffer.from(bytes).toString('base64')])}`;
    separator = ',\n';
  }
  yield ']}\n';
}

/** Atomic: a reader finds the old file or the new one, after a power cut too. */
export const writeCache = async (path: string, content: CachedContent): Promise<void> => {
  const temporary = `${path}.${process.pid}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    {
      await using file = await open(temporary, 'w', 0o600);
      for (const piece of piecesOf(content)) {
        await file.write(piece);
        await nextTurn();
      }
      await file.sync();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
};

const restore = (cached: CacheFile): CachedContent => {
  const sources = new Map(cached.sources.map(([key, text]) => [key, Buffer.from(text, 'base64')]));
  const descriptions = new Map(cached.descriptions);
  const filesOf = (references: Record<string, string>): SourceFiles => {
    const files: SourceFiles = Object.create(null);
    for (const [path, key] of Object.entries(references)) files[path] = sources.get(key)!;
    return files;
  };
  const { generation, consumers, keys } = cached;
  const revisions = cached.revisions.map((revision) => ({
    ...revision,
    described: descriptions.get(revision.described)!,
    files: filesOf(revision.files),
  }));
  return { generation, consumers, keys, revisions };
};

/** Undefined when there is none, or none that this version wrote whole. */
export const readCache = async (path: string): Promise<CachedContent | undefined> => {
  try {
    const cached = JSON.parse(await readFile(path, 'utf8')) as CacheFile;
    return cached.format === FORMAT ? restore(cached) : undefined;
  } catch {
    return undefined;
  }
};
