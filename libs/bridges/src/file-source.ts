import { hash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Failure, type Described } from '@bailey/contract';
import type { BridgeDoc, ConsumerDoc, SourceFiles, StoredRevision } from '@bailey/inventory';
import type { DescribeDeps } from './deps.ts';
import { describeBridge, folderOf } from './describe.ts';
import { folderFiles } from './file-access.ts';
import type { BridgeProblem } from './live.ts';
import { readResourceFiles, type Resource } from './resource-file.ts';
import type { SnapshotContent, SnapshotSource } from './snapshot-source.ts';
import { validateResources } from './validation.ts';

const POLL_MS = 2_000;

/** Changes when one of the files does; a file that is gone counts as a state too. */
const stateOf = async (paths: readonly string[]): Promise<string> => {
  const states = paths.map((path) =>
    stat(path).then(
      ({ mtimeMs, size, ino }) => `${path} ${mtimeMs} ${size} ${ino}`,
      () => `${path} gone`,
    ),
  );
  return (await Promise.all(states)).join('\n');
};

interface Description {
  documentHash: string;
  /** The files it was read from, and how they were then. */
  paths: string[];
  state: string;
  revision: StoredRevision;
}

/** The line does not count: a bridge may move in its file. The file does: paths start from it. */
const documentKey = ({ where, ...document }: BridgeDoc): string => JSON.stringify([document, where?.file]);

const isUrl = (path: string): boolean => /^https?:/.test(path);

const revisionOf = (resource: BridgeDoc, described: Described, files: SourceFiles, number: number): StoredRevision => ({
  bridge: resource.metadata.name,
  revision: number,
  resource,
  described,
  files,
  createdAt: new Date().toISOString(),
  createdBy: 'files',
  contentHash: hash('sha256', JSON.stringify([documentKey(resource), described])),
});

/** Resource files as the source of a gateway without a store: described here, and again when a file changes. */
class FileSource implements SnapshotSource {
  readonly kind = 'files';
  readonly #path: string;
  readonly #deps: DescribeDeps;
  readonly #described = new Map<string, Description>();
  #texts: string[] = [];
  #generation = 0;
  #seen = '';

  constructor(path: string, deps: DescribeDeps) {
    this.#path = path;
    this.#deps = deps;
  }

  async read(): Promise<SnapshotContent> {
    const { resources, texts } = await readResourceFiles(this.#path);
    this.#texts = Object.keys(texts);
    validateResources(resources, this.#deps.adapters);
    const bridges = resources.filter((resource) => resource.kind === 'Bridge');
    const problems: BridgeProblem[] = [];
    const revisions: StoredRevision[] = [];
    for (const bridge of bridges) {
      const { revision, problem } = await this.#revise(bridge);
      if (problem !== undefined) problems.push({ bridge: bridge.metadata.name, message: problem });
      if (revision) revisions.push(revision);
    }
    this.#forget(bridges);
    this.#seen = await this.#state();
    return { generation: ++this.#generation, revisions, consumers: consumersIn(resources), keys: [], problems };
  }

  filesOf({ resource }: StoredRevision) {
    return folderFiles(folderOf(resource), resource);
  }

  // Polled, not watched: a mounted volume changes by a link far above the file, and tells no watcher.
  onChange(callback: () => void): { close(): Promise<void> } {
    const timer = setInterval(() => void this.#look(callback), POLL_MS).unref();
    return { close: async () => clearInterval(timer) };
  }

  async #look(callback: () => void): Promise<void> {
    const state = await this.#state().catch(() => this.#seen);
    if (state !== this.#seen) callback();
  }

  async #state(): Promise<string> {
    const listed = await readResourceFiles(this.#path).then(
      ({ texts }) => Object.keys(texts),
      () => this.#texts,
    );
    return stateOf([...listed, ...[...this.#described.values()].flatMap(({ paths }) => paths)]);
  }

  /** The bridge as described before, when neither its document nor a file it was read from has changed. */
  async #revise(resource: BridgeDoc): Promise<{ revision?: StoredRevision; problem?: string }> {
    const { name } = resource.metadata;
    const documentHash = hash('sha256', documentKey(resource));
    const before = this.#described.get(name);
    if (before?.documentHash === documentHash && (await stateOf(before.paths)) === before.state) return before;
    try {
      return { revision: await this.#describe(resource, documentHash) };
    } catch (error) {
      const { message } = Failure.from(error);
      this.#deps.log.error({ bridge: name, err: error }, `The bridge ${name} could not be described: ${message}`);
      return { ...(before && { revision: before.revision }), problem: message };
    }
  }

  async #describe(resource: BridgeDoc, documentHash: string): Promise<StoredRevision> {
    const { name } = resource.metadata;
    const before = this.#described.get(name)?.revision;
    const { described, files } = await describeBridge(
      resource,
      this.filesOf({ resource } as StoredRevision),
      this.#deps,
    );
    const folder = folderOf(resource);
    const paths = Object.keys(files)
      .filter((path) => !isUrl(path))
      .map((path) => resolve(folder, path));
    const next = revisionOf(resource, described, files, (before?.revision ?? 0) + 1);
    const revision = before?.contentHash === next.contentHash ? before : next;
    this.#described.set(name, { documentHash, paths, state: await stateOf(paths), revision });
    return revision;
  }

  #forget(bridges: readonly BridgeDoc[]): void {
    const names = new Set(bridges.map(({ metadata }) => metadata.name));
    for (const name of this.#described.keys()) if (!names.has(name)) this.#described.delete(name);
  }
}

const consumersIn = (resources: readonly Resource[]): ConsumerDoc[] =>
  resources.filter((resource) => resource.kind === 'Consumer');

/** Resource files (one, or a folder of them). They are looked at every two seconds, with the files they lead to. */
export const fileSource = (path: string, deps: DescribeDeps): SnapshotSource => new FileSource(path, deps);
