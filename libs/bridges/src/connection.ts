import type { Adapter, Described } from '@bailey/contract';
import type { BridgeDoc } from '@bailey/inventory';
import { compileSchema, nearestName, resolveReferences, withReferences, type SchemaProblem } from '@bailey/platform';
import type { FileAccess } from './file-access.ts';
import { invalidResources, placeOf, type LocatedError } from './resource-file.ts';

type Check = (value: unknown) => SchemaProblem[];

const checks = new WeakMap<Adapter, Check>();

/** Checks a `connection` as it is written, and fills the defaults in. Compiled once an adapter. */
export const connectionCheck = (adapter: Adapter): Check => {
  const known = checks.get(adapter) ?? compileSchema(withReferences(adapter.config), { useDefaults: true });
  checks.set(adapter, known);
  return known;
};

/** Throws `INVALID_RESOURCE` when there is no adapter of that kind. */
export const adapterOf = (resource: BridgeDoc, adapters: readonly Adapter[]): Adapter => {
  const { adapter: kind } = resource.spec;
  const adapter = adapters.find((each) => each.kind === kind);
  if (adapter) return adapter;
  const kinds = adapters.map((each) => each.kind);
  const near = nearestName(kind, kinds);
  const hint = near === undefined ? `there are ${kinds.join(', ')}` : `did you mean "${near}"?`;
  throw located(resource, [{ pointer: '/spec/adapter', message: `there is no adapter "${kind}"; ${hint}` }]);
};

const located = (resource: BridgeDoc, problems: SchemaProblem[]) =>
  invalidResources(
    problems.map((problem): LocatedError => ({
      ...problem,
      kind: 'Bridge',
      name: resource.metadata.name,
      ...placeOf(resource, problem.pointer),
    })),
  );

// What opens Bailey itself is no business of a bridge: whoever may register one could send it anywhere.
const OUR_OWN = new Set(['BAILEY_DATABASE_URL', 'BAILEY_TOKEN']);

const underConnection = (problems: SchemaProblem[]): SchemaProblem[] =>
  problems.map(({ pointer, message }) => ({ pointer: `/spec/connection${pointer}`, message }));

/** The addresses that a connection declares. Throws `INVALID_RESOURCE` for one that is none. */
export const originsOf = (resource: BridgeDoc, adapter: Adapter, config: unknown, stored?: Described): string[] => {
  try {
    return adapter.egress(config, stored);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_INVALID_URL') throw error;
    throw located(resource, [{ pointer: '/spec/connection', message: 'an address in it is not a URL' }]);
  }
};

export interface ResolvedConnection {
  config: unknown;
  /** References that lead nowhere, and what they would have been is missing in `config`. */
  problems: SchemaProblem[];
}

/** The connection with defaults and without references. Throws `INVALID_RESOURCE` when it does not fit its schema. */
export const resolveConnection = async (
  resource: BridgeDoc,
  adapter: Adapter,
  files: FileAccess,
  env: NodeJS.ProcessEnv,
): Promise<ResolvedConnection> => {
  const connection = structuredClone(resource.spec.connection);
  const misfits = connectionCheck(adapter)(connection);
  if (misfits.length > 0) throw located(resource, underConnection(misfits));
  const { value, problems } = await resolveReferences(connection, adapter.config, {
    env: (name) => (OUR_OWN.has(name) ? undefined : env[name]),
    file: async (path) => Buffer.from(await files.reference(path)).toString('utf8'),
  });
  return { config: value, problems: underConnection(problems) };
};

/** As {@link resolveConnection}, but a reference that leads nowhere is an `INVALID_RESOURCE` too. */
export const requireConnection = async (...given: Parameters<typeof resolveConnection>): Promise<unknown> => {
  const { config, problems } = await resolveConnection(...given);
  if (problems.length > 0) throw located(given[0], problems);
  return config;
};
