import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, posix, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BridgeDoc, SourceFiles } from '@bailey/inventory';

/** The files that a resource may see. Paths are as written in it. */
export interface FileAccess {
  /** For the adapter: never outside the closure. Throws with `code` ENOENT or EACCES. */
  read(path: string): Promise<Uint8Array>;
  /** For `{file: …}` in the resource itself, which an operator wrote: absolute paths too. */
  reference(path: string): Promise<Uint8Array>;
}

const refused = (code: 'ENOENT' | 'EACCES', path: string, why: string): Error =>
  Object.assign(new Error(`${path} ${why}`), { code });

/** One name for one file, however it was written. */
export const normalPath = (path: string): string =>
  posix.normalize((path.startsWith('file:///') ? fileURLToPath(path) : path).replaceAll('\\', '/'));

/** Files that were uploaded with the resource. There is no way from here to the disk, but for `{file: /absolute}`. */
export const closureFiles = (files: SourceFiles): FileAccess => {
  const byPath = new Map(Object.entries(files).map(([path, bytes]) => [normalPath(path), bytes]));
  const read = async (path: string): Promise<Uint8Array> => {
    const bytes = byPath.get(normalPath(path));
    if (bytes) return bytes;
    throw refused('ENOENT', path, 'was not uploaded with the resource');
  };
  const reference = (path: string): Promise<Uint8Array> =>
    isAbsolute(path) && !byPath.has(normalPath(path)) ? readFile(path) : read(path);
  return { read, reference };
};

const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
};

const MAX_PATH = 4_096;

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

const isUnder = (path: string, root: string): boolean =>
  path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);

/**
 * The folders that a resource opens: its own, and for a file that it names elsewhere, the one above that file's:
 * `wsdl/a.wsdl` imports `../xsd/b.xsd` everywhere.
 */
const openFolders = async (folder: string, resource: BridgeDoc): Promise<string[]> => {
  const home = await realpath(folder);
  const roots = [home];
  for (const text of textsIn(resource.spec.connection)) {
    if (text.length > MAX_PATH || text.includes('\0') || /^https?:/.test(text)) continue;
    const path = resolve(folder, normalPath(text));
    if (!(await isFile(path))) continue;
    const own = dirname(await realpath(path));
    if (!isUnder(own, home)) roots.push(dirname(own) === sep ? own : dirname(own));
  }
  return roots;
};

/** Files on the disk, of a resource file in `folder`: links are followed before it is asked where they lead. */
export const folderFiles = (folder: string, resource: BridgeDoc): FileAccess => {
  let roots: Promise<string[]> | undefined;
  return {
    read: async (path) => {
      const real = await realpath(resolve(folder, normalPath(path)));
      roots ??= openFolders(folder, resource);
      if ((await roots).some((root) => isUnder(real, root))) return readFile(real);
      throw refused('EACCES', path, 'lies outside the folders that the resource file opens');
    },
    reference: (path) => readFile(resolve(folder, path)),
  };
};

/** Notes what is read through it. */
export const recordingFiles = (files: FileAccess): { files: FileAccess; read: SourceFiles } => {
  const read: SourceFiles = Object.create(null);
  return {
    read,
    files: {
      reference: files.reference,
      read: async (path) => (read[normalPath(path)] = await files.read(path)),
    },
  };
};
