import { dirname } from 'node:path';
import {
  Failure,
  type Adapter,
  type AdapterHost,
  type Described,
  type LedgerEntry,
  type Operation,
} from '@bailey/contract';
import type { BridgeDoc, DescribeAnswer, DescribeRequest, SourceFiles } from '@bailey/inventory';
import { nearestName } from '@bailey/platform';
import { createAdapterHost } from './adapter-host.ts';
import { adapterOf, originsOf, requireConnection, resolveConnection } from './connection.ts';
import type { DescribeDeps } from './deps.ts';
import { closureFiles, folderFiles, normalPath, recordingFiles, type FileAccess } from './file-access.ts';
import { invalidResources, placeOf, type LocatedError } from './resource-file.ts';
import { withinTime } from './time-limit.ts';

// A source on the network may never answer, and the next description waits for this one.
const DESCRIBE_MS = 60_000;

const tooSlow = (): Failure =>
  Failure.of(
    'TIMEOUT',
    `Reading the source: it was not whole within ${DESCRIBE_MS / 1000} s. Try again, or use a copy.`,
  );

/** A host that lives for one description. */
const withHost = async <Result>(
  resource: BridgeDoc,
  allow: readonly string[],
  files: FileAccess,
  deps: DescribeDeps,
  work: (host: AdapterHost) => Promise<Result>,
): Promise<Result> => {
  const closing = new AbortController();
  const { tracing, log, clock } = deps;
  const bridge = resource.metadata.name;
  const host = createAdapterHost({ bridge, allow, readFile: files.read, tracing, log, clock, signal: closing.signal });
  try {
    return await withinTime(work(host), DESCRIBE_MS, clock, tooSlow());
  } finally {
    closing.abort();
    await host.close();
  }
};

type Place = { pointer: string; message: string };

const hint = (native: string, known: string[]): string => {
  const near = nearestName(native, known);
  return near === undefined ? '' : `; did you mean "${near}"?`;
};

const refusalOf = (native: string, ledger: readonly LedgerEntry[]): string | undefined =>
  ledger.find(({ name, status }) => name === native && status === 'refused')?.note;

const missingOperation = (native: string, { contract, ledger }: Described): string => {
  const note = refusalOf(native, ledger);
  if (note !== undefined) return `the operation "${native}" is in the source, but refused: ${note}`;
  const known = contract.operations.map((operation) => operation.native);
  return `the source has no operation "${native}"${hint(native, known)}`;
};

const escape = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

const missingFaults = (operation: Operation, faults: readonly string[], at: string): Place[] => {
  const known = operation.faults.map(({ native }) => native);
  return faults
    .filter((native) => !known.includes(native))
    .map((native) => ({
      pointer: `${at}/faults/${escape(native)}`,
      message: `the operation "${operation.native}" declares no fault "${native}"${hint(native, known)}`,
    }));
};

/** What `spec.operations` says of operations and faults that the source does not have. */
const looseSettings = (resource: BridgeDoc, described: Described): Place[] =>
  Object.entries(resource.spec.operations ?? {}).flatMap(([native, settings]) => {
    const pointer = `/spec/operations/${escape(native)}`;
    const operation = described.contract.operations.find((each) => each.native === native);
    if (!operation) return [{ pointer, message: missingOperation(native, described) }];
    return missingFaults(operation, Object.keys(settings.faults ?? {}), pointer);
  });

const refuseLooseSettings = (resource: BridgeDoc, described: Described): void => {
  const { name } = resource.metadata;
  const errors = looseSettings(resource, described).map((place): LocatedError => ({
    ...place,
    kind: 'Bridge',
    name,
    ...placeOf(resource, place.pointer),
  }));
  if (errors.length > 0) throw invalidResources(errors);
};

/** Notes the bodies that a description fetches: they are its sources like files, and are stored with it. */
const recordingFetch = (host: AdapterHost, read: SourceFiles): AdapterHost => ({
  ...host,
  fetch: async (request) => {
    const response = await host.fetch(request);
    if (response.status === 200 && response.body.length > 0) read[request.url] = response.body;
    return response;
  },
});

/**
 * Reads the source of a bridge: a contract to review, and the sources it was read from. Throws `INVALID_RESOURCE`
 * (with places), the adapter's located `SOURCE_REFUSED`, or what went wrong on the way to a source by URL.
 */
export const describeBridge = async (
  resource: BridgeDoc,
  files: FileAccess,
  deps: DescribeDeps,
): Promise<{ described: Described; files: SourceFiles }> => {
  const adapter = adapterOf(resource, deps.adapters);
  const config = await requireConnection(resource, adapter, files, deps.env);
  const recorded = recordingFiles(files);
  const { operations = {} } = resource.spec;
  const allow = originsOf(resource, adapter, config);
  const described = await withHost(resource, allow, recorded.files, deps, (host) =>
    adapter.describe(config, recordingFetch(host, recorded.read), { operations }),
  );
  refuseLooseSettings(resource, described);
  return { described, files: recorded.read };
};

/** The answer of a data plane to a control plane that asked it to describe. Never rejects. */
export const answerDescribe = async (request: DescribeRequest, deps: DescribeDeps): Promise<DescribeAnswer> => {
  try {
    return { ok: true, ...(await describeBridge(request.resource, closureFiles(request.files), deps)) };
  } catch (error) {
    const { code, message, options, cause } = Failure.from(error);
    if (code === 'INTERNAL')
      deps.log.error({ err: cause, bridge: request.resource.metadata.name }, 'Describing failed');
    const { more, errors } = options;
    return { ok: false, problem: { code, detail: message, ...(more && { more }), ...(errors && { errors }) } };
  }
};

const isReference = (value: unknown): value is { file: string } =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as { file?: unknown }).file === 'string' &&
  Object.keys(value).length === 1;

/** Paths of `{file}` whose value is no secret: a certificate goes with the resource, a password never. */
const plainReferences = (written: unknown, resolved: unknown): string[] => {
  if (isReference(written)) return ['string', 'number', 'boolean'].includes(typeof resolved) ? [written.file] : [];
  if (typeof written !== 'object' || written === null) return [];
  const members = (resolved ?? {}) as Record<string, unknown>;
  return Object.entries(written).flatMap(([name, value]) => plainReferences(value, members[name]));
};

const readThrough = async (
  resource: BridgeDoc,
  adapter: Adapter,
  config: unknown,
  files: FileAccess,
  deps: DescribeDeps,
) =>
  // No address is open: the data plane fetches, since it has the credentials.
  withHost(resource, [], files, deps, (host) =>
    adapter.describe(config, host, { operations: resource.spec.operations ?? {} }),
  );

/**
 * The files that the description of a bridge reads, for uploading. A source that is wrong or on the network is no
 * error here: the data plane reads it again, and says what it thinks of it.
 */
export const fileClosure = async (
  resource: BridgeDoc,
  baseFolder: string,
  deps: DescribeDeps,
): Promise<SourceFiles> => {
  const adapter = adapterOf(resource, deps.adapters);
  const { files, read } = recordingFiles(folderFiles(baseFolder, resource));
  const { config } = await resolveConnection(resource, adapter, files, deps.env);
  for (const path of plainReferences(resource.spec.connection, config))
    read[normalPath(path)] = await files.reference(path);
  await readThrough(resource, adapter, config, files, deps).catch(() => undefined);
  return read;
};

/** The folder that relative paths of a resource start from. */
export const folderOf = (resource: BridgeDoc): string => dirname(resource.where?.file ?? '.');
