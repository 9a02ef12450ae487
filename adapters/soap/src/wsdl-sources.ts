import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { parseXmlTree, sourceRefused, TREE_LIMITS, type XmlElement } from '@bailey/codec';
import { Failure, type AdapterHost, type OutboundResponse } from '@bailey/contract';
import type { SoapConfig } from './config.ts';
import { readZip } from './wsdl-zip.ts';

/** What one description may read in all. */
const MAX_FILES = 2000;
const MAX_REDIRECTS = 5;

/** Fetches the bytes of one canonical file name: a path in the closure, an entry of an archive, or a URL. */
interface Origin {
  readonly entry: string;
  resolve(location: string, from: string): string;
  read(file: string): Promise<Uint8Array>;
}

const isUrl = (location: string): boolean => /^https?:\/\//i.test(location);
const hasScheme = (location: string): boolean => /^[A-Za-z][A-Za-z0-9+.-]+:/.test(location);
const refusedFile = (file: string, message: string): Failure => sourceRefused({ file, line: 1 }, 'file', message);

const decoded = (location: string): string => {
  try {
    return decodeURIComponent(location);
  } catch {
    return location;
  }
};

/** A schemaLocation relative to the file that says it; never out of the folder tree that the entry began in. */
const relativePath = (location: string, from: string, entry: string): string => {
  if (isUrl(location))
    throw refusedFile(
      location,
      'it is on the network, which is read only for a WSDL given by URL. Put a copy beside the WSDL.',
    );
  const path = decoded(location.replaceAll('\\', '/').replace(/#.*$/, ''));
  if (hasScheme(path) || posix.isAbsolute(path))
    throw refusedFile(location, 'it is not a path relative to the file that names it.');
  const resolved = posix.join(posix.dirname(from), path);
  if (resolved.startsWith('..') && !entry.startsWith('..'))
    throw refusedFile(location, 'its path leads out of the folder of the source.');
  return resolved;
};

const fileOrigin = (wsdl: string, host: AdapterHost): Origin => {
  const entry = posix.normalize(wsdl.replaceAll('\\', '/'));
  return {
    entry,
    resolve: (location, from) => relativePath(location, from, entry),
    // The entry is asked for as the resource file wrote it; that is how the host knows it.
    read: (file) => host.readFile(file === entry ? wsdl : file),
  };
};

const imports = (bytes: Uint8Array, file: string): string[] => {
  const root = parseXmlTree(bytes, file);
  const locations = root.children
    .filter((child) => child.local === 'import')
    .map((child) => child.attributes.get('location'));
  return locations
    .filter((location) => location !== undefined)
    .map((location) => posix.join(posix.dirname(file), location));
};

/** The WSDL of an archive that no other imports. */
const archiveEntry = (files: ReadonlyMap<string, Uint8Array>, archive: string): string => {
  const candidates = [...files.keys()].filter((name) => /\.wsdl$/i.test(name) && !name.startsWith('__MACOSX/'));
  const imported = new Set(candidates.length < 2 ? [] : candidates.flatMap((name) => imports(files.get(name)!, name)));
  const [entry, ...others] = candidates.filter((name) => !imported.has(name));
  if (entry !== undefined && others.length === 0) return entry;
  const found = entry === undefined ? 'no .wsdl that stands on its own' : `several: ${[entry, ...others].join(', ')}`;
  throw sourceRefused({ file: archive, line: 1 }, 'zip', `it must hold one entry WSDL, but has ${found}.`);
};

const archiveOrigin = async (wsdl: string, host: AdapterHost): Promise<Origin> => {
  const files = readZip(await readBytes(wsdl, () => host.readFile(wsdl)), wsdl);
  const entry = archiveEntry(files, wsdl);
  return {
    entry,
    resolve: (location, from) => relativePath(location, from, entry),
    read: async (file) => {
      const bytes = files.get(file);
      if (bytes === undefined) throw refusedFile(file, `${wsdl} does not hold it.`);
      return bytes;
    },
  };
};

const authorization = ({ auth }: SoapConfig): Record<string, string> => {
  if (auth?.basic !== undefined) {
    const pair = `${auth.basic.username}:${auth.basic.password.reveal()}`;
    return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
  }
  return auth?.bearer === undefined ? {} : { authorization: `Bearer ${auth.bearer.reveal()}` };
};

/** A WSDL by URL. Hosts other than the WSDL's and the endpoint's are never asked, credentials go to the WSDL's alone. */
class WebOrigin implements Origin {
  readonly entry: string;
  readonly #config: SoapConfig;
  readonly #host: AdapterHost;
  readonly #declared: ReadonlySet<string>;

  constructor(config: SoapConfig, host: AdapterHost) {
    this.entry = new URL(config.wsdl).href;
    this.#config = config;
    this.#host = host;
    this.#declared = new Set(
      [config.wsdl, ...(config.endpoint === undefined ? [] : [config.endpoint])].map((url) => new URL(url).origin),
    );
  }

  resolve(location: string, from: string): string {
    if (!URL.canParse(location, from)) throw refusedFile(location, 'it is not a URL.');
    const url = new URL(location, from);
    url.hash = '';
    if (!this.#declared.has(url.origin))
      throw refusedFile(location, 'it is on a host that the connection does not declare.');
    return url.href;
  }

  async read(file: string): Promise<Uint8Array> {
    let url = file;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const response = await this.#get(url);
      if (response.status === 200) return response.body;
      url = this.#redirected(url, response);
    }
    throw refusedFile(file, `it is redirected more than ${MAX_REDIRECTS} times.`);
  }

  #get(url: string): Promise<OutboundResponse> {
    const isOwn = new URL(url).origin === new URL(this.entry).origin;
    return this.#host.fetch({
      url,
      method: 'GET',
      headers: { accept: 'text/xml, application/xml, */*', ...(isOwn && authorization(this.#config)) },
      signal: this.#host.signal,
      maxResponseBytes: TREE_LIMITS.bytes,
      ...(this.#config.tls && { tls: this.#config.tls }),
    });
  }

  #redirected(url: string, { status, headers }: OutboundResponse): string {
    const location = headers['location'];
    if (status < 300 || status > 399 || location === undefined || !URL.canParse(location, url)) {
      throw refusedFile(url, `it was answered with HTTP status ${status}.`);
    }
    const target = new URL(location, url);
    if (target.origin === new URL(url).origin) return target.href;
    throw refusedFile(url, 'it is redirected to another host, which is not followed.');
  }
}

const readBytes = async (file: string, read: () => Promise<Uint8Array>): Promise<Uint8Array> => {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Failure) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    throw refusedFile(file, code === 'ENOENT' ? 'it does not exist.' : 'it cannot be read.');
  }
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** All files of one description, each read and parsed once, under one canonical name. */
export class WsdlSources {
  readonly #origin: Origin;
  readonly #bytes = new Map<string, Uint8Array>();
  readonly #trees = new Map<string, XmlElement>();
  #isComplete = true;

  private constructor(origin: Origin) {
    this.#origin = origin;
  }

  static async open(config: SoapConfig, host: AdapterHost): Promise<WsdlSources> {
    if (isUrl(config.wsdl)) return new WsdlSources(new WebOrigin(config, host));
    if (/\.zip$/i.test(config.wsdl)) return new WsdlSources(await archiveOrigin(config.wsdl, host));
    return new WsdlSources(fileOrigin(config.wsdl, host));
  }

  get entry(): string {
    return this.#origin.entry;
  }

  /** False when a file could not be read: it may be there the next time, though none of the others changed. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Digest of one file, read when it was not yet. */
  async digest(file: string): Promise<string> {
    return sha256(await this.#read(file));
  }

  /** Digests of all files read so far, by canonical name. */
  digests(): ReadonlyMap<string, string> {
    return new Map([...this.#bytes].map(([file, bytes]) => [file, sha256(bytes)]));
  }

  /** One digest over all files read so far. */
  hash(): string {
    const lines = [...this.digests()]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([file, digest]) => `${digest} ${file}`);
    return sha256(Buffer.from(lines.join('\n')));
  }

  async tree(file: string): Promise<XmlElement> {
    let root = this.#trees.get(file);
    if (root === undefined) this.#trees.set(file, (root = parseXmlTree(await this.#read(file), file)));
    return root;
  }

  /** The document that `location` means in the file `from`. */
  follow(location: string, from: string): Promise<XmlElement> {
    return this.tree(this.#origin.resolve(location, from));
  }

  async #read(file: string): Promise<Uint8Array> {
    let bytes = this.#bytes.get(file);
    if (bytes !== undefined) return bytes;
    if (this.#bytes.size >= MAX_FILES) throw refusedFile(file, `more than ${MAX_FILES} files are imported.`);
    bytes = await readBytes(file, () => this.#origin.read(file)).catch((error: unknown) => {
      this.#isComplete = false;
      throw error;
    });
    this.#bytes.set(file, bytes);
    return bytes;
  }
}
