import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LineCounter, isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Document, type Node } from 'yaml';
import { Failure, type PointerError, type SourcePlace } from '@bailey/contract';
import type { AnyDoc } from '@bailey/inventory';

/** A document of a resource file. Its shape is a promise only once {@link validateResources} has seen it. */
export type Resource = AnyDoc;

/** An error with its place in the file. */
export type LocatedError = PointerError & Partial<SourcePlace>;

type Locator = (pointer: string) => SourcePlace;

// Beside the resource and not in it: a document that came as JSON has no lines, and no store should keep them.
const locators = new WeakMap<object, Locator>();

/** Where in its file a resource says what `pointer` points to; the nearest place that there is. */
export const placeOf = (resource: Resource, pointer: string): Partial<SourcePlace> =>
  locators.get(resource)?.(pointer) ?? resource.where ?? {};

const segmentsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

/** The child's place (of a member: its key), and the child itself. */
const step = (node: Node | null, segment: string): { at: Node; child: Node | null } | undefined => {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === segment);
    return pair && { at: pair.key as Node, child: pair.value as Node | null };
  }
  const item = isSeq(node) ? (node.items[Number(segment)] as Node | undefined) : undefined;
  return item && { at: item, child: item };
};

const locatorOf = (document: Document.Parsed, file: string, lines: LineCounter): Locator => {
  const lineAt = (node: Node): number => lines.linePos(node.range?.[0] ?? 0).line;
  return (pointer) => {
    let node: Node | null = document.contents;
    let line = node ? lineAt(node) : 1;
    for (const segment of segmentsOf(pointer)) {
      const next = step(isAlias(node) ? (node.resolve(document) ?? null) : node, segment);
      if (!next) break;
      line = lineAt(next.at);
      node = next.child;
    }
    return { file, line };
  };
};

const syntaxErrors = (document: Document.Parsed, file: string): LocatedError[] =>
  document.errors.map(({ message, linePos }) => ({
    pointer: '',
    message: message.split('\n', 1)[0]!.replace(/ at line \d+, column \d+:?$/, ''),
    file,
    line: linePos?.[0].line ?? 1,
  }));

// Anchors are useful; a document of anchors of anchors is an attack.
const MAX_ALIASES = 100;

const toResource = (document: Document.Parsed, locate: Locator): Resource | LocatedError => {
  const place = locate('');
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { pointer: '', message: 'must be an object with apiVersion, kind, metadata and spec', ...place };
    if ('where' in value) return { pointer: '/where', message: 'unknown key "where"', ...locate('/where') };
    const resource = { ...value, where: place } as Resource;
    locators.set(resource, locate);
    return resource;
  } catch (error) {
    return { pointer: '', message: (error as Error).message, ...place };
  }
};

/** Nothing but comments between two separators. */
const isEmpty = ({ contents, errors }: Document.Parsed): boolean =>
  errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null));

const isResource = (parsed: Resource | LocatedError): parsed is Resource =>
  !('pointer' in parsed && 'message' in parsed);

/** `INVALID_RESOURCE` whose detail is the first error and how many more there are. */
export const invalidResources = (errors: LocatedError[]): Failure => {
  const [first] = errors;
  const place = first?.file === undefined ? '' : `${first.file}:${first.line}: `;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const pointer = first?.pointer ? `${first.pointer} ` : '';
  return Failure.of('INVALID_RESOURCE', `Checking resources: ${place}${pointer}${first?.message ?? ''}${more}`, {
    errors,
  });
};

/**
 * The documents of one YAML (or JSON) text. `file` is named in errors and is what relative paths start from.
 * Throws `INVALID_RESOURCE` with the line of every syntax error.
 */
export const parseResources = (text: string, file: string): Resource[] => {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines });
  const documents = Array.isArray(parsed) ? parsed.filter((document) => !isEmpty(document)) : [];
  const errors = documents.flatMap((document) => syntaxErrors(document, file));
  if (errors.length > 0) throw invalidResources(errors);
  const found = documents.map((document) => toResource(document, locatorOf(document, file, lines)));
  const malformed = found.filter((each): each is LocatedError => !isResource(each));
  if (malformed.length > 0) throw invalidResources(malformed);
  return found.filter(isResource);
};

const isResourceFile = (name: string): boolean => /\.ya?ml$/.test(name) && !name.startsWith('.');

/** Dot folders are left out: a mounted ConfigMap keeps its older versions in some. */
const filesUnder = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      const isFolder = entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules';
      return isFolder ? filesUnder(path) : isResourceFile(entry.name) ? [path] : [];
    }),
  );
  return found.flat().sort();
};

const unreadable = (path: string, error: NodeJS.ErrnoException): Failure =>
  invalidResources([{ pointer: '', message: `cannot be read (${error.code ?? error.message})`, file: path, line: 1 }]);

/** A file, or every `.yaml` and `.yml` under a folder. `texts` by path. */
export const readResourceFiles = async (
  path: string,
): Promise<{ resources: Resource[]; texts: Record<string, string> }> => {
  const texts: Record<string, string> = Object.create(null);
  try {
    const files = (await stat(path)).isDirectory() ? await filesUnder(path) : [path];
    for (const file of files) texts[file] = await readFile(file, 'utf8');
  } catch (error) {
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
  return { resources: Object.entries(texts).flatMap(([file, text]) => parseResources(text, file)), texts };
};
