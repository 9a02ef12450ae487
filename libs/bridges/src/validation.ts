import { camelName, type Adapter } from '@bailey/contract';
import { KINDS, type Kind } from '@bailey/inventory';
import { compileSchema, nearestName, type SchemaProblem } from '@bailey/platform';
import { connectionCheck } from './connection.ts';
import { documentSchemas } from './resource-schema.ts';
import { invalidResources, placeOf, type LocatedError, type Resource } from './resource-file.ts';

type Checks = Record<Kind, (document: unknown) => SchemaProblem[]>;

const compiled = new WeakMap<readonly Adapter[], Checks>();

const checksFor = (adapters: readonly Adapter[]): Checks => {
  const known = compiled.get(adapters);
  if (known) return known;
  const schemas = documentSchemas(adapters);
  const checks = Object.fromEntries(KINDS.map((kind) => [kind, compileSchema(schemas[kind])])) as unknown as Checks;
  compiled.set(adapters, checks);
  return checks;
};

const unknownKind = (kind: unknown): SchemaProblem[] => {
  const near = typeof kind === 'string' ? nearestName(kind, KINDS) : undefined;
  const hint = near === undefined ? '' : `; did you mean "${near}"?`;
  return [{ pointer: '/kind', message: `must be one of ${KINDS.join(', ')}${hint}` }];
};

/** A copy, since a check fills defaults in, and a resource is stored as it was written. */
const connectionProblems = (resource: Resource, adapters: readonly Adapter[]): SchemaProblem[] => {
  const adapter = resource.kind === 'Bridge' ? adapters.find(({ kind }) => kind === resource.spec.adapter) : undefined;
  if (!adapter || resource.kind !== 'Bridge') return [];
  const problems = connectionCheck(adapter)(structuredClone(resource.spec.connection));
  return problems.map(({ pointer, message }) => ({ pointer: `/spec/connection${pointer}`, message }));
};

// Paths under /api that are no bridge.
const RESERVED = ['outcomes', 'attachments'];

const reservedName = ({ kind, metadata }: Resource): SchemaProblem[] =>
  kind === 'Bridge' && RESERVED.includes(metadata.name)
    ? [{ pointer: '/metadata/name', message: `"${metadata.name}" is reserved; choose another name` }]
    : [];

const problemsOf = (resource: Resource, adapters: readonly Adapter[]): SchemaProblem[] => {
  const { where: _, ...document } = resource;
  if (!KINDS.includes(resource.kind)) return unknownKind(resource.kind);
  const problems = checksFor(adapters)[resource.kind](document);
  // What leans on the shape is looked at once the shape is right.
  return problems.length > 0 ? problems : [...reservedName(resource), ...connectionProblems(resource, adapters)];
};

const locate = (resource: Resource, { pointer, message }: SchemaProblem): LocatedError => {
  const name: unknown = (resource.metadata as { name?: unknown } | undefined)?.name;
  return {
    pointer,
    message,
    kind: resource.kind,
    ...(typeof name === 'string' && { name }),
    ...placeOf(resource, pointer),
  };
};

const placeText = (resource: Resource): string => {
  const { file, line } = placeOf(resource, '/metadata/name');
  return file === undefined ? '' : ` (${file}:${line})`;
};

/** Names are unique as GraphQL spells them, so among bridges `ab-1` and `ab1` are one. */
const twins = (resources: readonly Resource[]): LocatedError[] => {
  const seen = new Map<string, Resource>();
  return resources.flatMap((resource) => {
    const { name } = resource.metadata;
    const key = `${resource.kind} ${resource.kind === 'Bridge' ? camelName(name) : name}`;
    const first = seen.get(key);
    if (!first) {
      seen.set(key, resource);
      return [];
    }
    const message = `${resource.kind} "${first.metadata.name}"${placeText(first)} has this name already`;
    return [locate(resource, { pointer: '/metadata/name', message })];
  });
};

/** Throws `INVALID_RESOURCE` with every error of every resource, each with file and line where these are known. */
export const validateResources = (resources: readonly Resource[], adapters: readonly Adapter[]): void => {
  const errors = resources.flatMap((resource) =>
    problemsOf(resource, adapters).map((problem) => locate(resource, problem)),
  );
  const all = errors.length > 0 ? errors : twins(resources);
  if (all.length > 0) throw invalidResources(all);
};
