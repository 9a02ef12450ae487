import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormatsModule, { type FormatsPlugin } from 'ajv-formats';

/** One place of a document that is wrong; `message` says what to write instead. */
export interface SchemaProblem {
  /** JSON Pointer (RFC 6901). */
  pointer: string;
  message: string;
}

// ajv-formats is CommonJS with a `default` member of its own.
const addFormats = addFormatsModule as unknown as FormatsPlugin;

const DATE = '-?[0-9]{4,}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])';
const TIME = '([01][0-9]|2[0-4]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?';
const ZONE = '(Z|[+-][0-9]{2}:[0-9]{2})';

/** The formats that the scalar kinds of a contract use, beside those of ajv-formats. */
const TEXT_FORMATS: Record<string, RegExp> = {
  int64: /^[+-]?[0-9]+$/,
  integer: /^[+-]?[0-9]+$/,
  decimal: /^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$/,
  'xsd-date': new RegExp(`^${DATE}${ZONE}?$`),
  'xsd-time': new RegExp(`^${TIME}${ZONE}?$`),
  'local-date-time': new RegExp(`^${DATE}T${TIME}$`),
  'xsd-date-time': new RegExp(`^${DATE}T${TIME}${ZONE}?$`),
  'xsd-duration': /^-?P(?=.)([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T(?=.)([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?$/,
  base64: /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
  hex: /^([0-9A-Fa-f]{2})*$/,
};
// Their bounds stand in the schema beside the format.
const NUMBER_FORMATS = ['int32', 'int53', 'float', 'double'];

const createAjv = (useDefaults: boolean): Ajv2020 => {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: false, useDefaults, addUsedSchema: false });
  addFormats(ajv);
  for (const [name, pattern] of Object.entries(TEXT_FORMATS)) ajv.addFormat(name, pattern);
  for (const name of NUMBER_FORMATS) ajv.addFormat(name, true);
  return ajv;
};

const once = <T>(create: () => T): (() => T) => {
  let made: T | undefined;
  return () => (made ??= create());
};

const checking = once(() => createAjv(false));
const filling = once(() => createAjv(true));

const distance = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++)
      current[j] = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    previous = current;
  }
  return previous[b.length]!;
};

/** The known name that was probably meant, if one is near enough. */
export const nearestName = (name: string, known: readonly string[]): string | undefined => {
  const near = known
    .map((candidate) => ({ candidate, edits: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.max(2, Math.floor(Math.max(candidate.length, name.length) / 3)));
  return near.sort((a, b) => a.edits - b.edits)[0]?.candidate;
};

const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

const quoted = (value: unknown): string => JSON.stringify(value) ?? String(value);

const typeName = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

const unknownKey = (key: string, error: ErrorObject): string => {
  const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {});
  const near = nearestName(key, known);
  const hint =
    near !== undefined
      ? `did you mean "${near}"?`
      : known.length > 0
        ? `known are ${known.join(', ')}`
        : 'none is allowed here';
  return `unknown key "${key}"; ${hint}`;
};

const isSecretSchema = (schema: unknown): boolean =>
  (schema as { 'x-secret'?: boolean } | undefined)?.['x-secret'] === true;

const SECRET_LITERAL = 'a secret must not stand here; write {env: NAME} or {file: PATH}';

/** In the words of the person who wrote the document. */
const messageOf = (error: ErrorObject): string => {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return unknownKey(String(params.additionalProperty ?? params.unevaluatedProperty), error);
    case 'required':
      return `"${params.missingProperty}" is missing`;
    case 'type':
      return isSecretSchema(error.parentSchema)
        ? SECRET_LITERAL
        : `must be ${[params.type].flat().join(' or ')}, is ${typeName(error.data)}`;
    case 'enum': {
      const allowed = params.allowedValues as unknown[];
      const near = typeof error.data === 'string' ? nearestName(error.data, allowed.map(String)) : undefined;
      return `must be one of ${allowed.map(quoted).join(', ')}${near === undefined ? '' : `; did you mean "${near}"?`}`;
    }
    case 'const':
      return `must be ${quoted(params.allowedValue)}`;
    case 'false schema':
      return 'is not allowed here';
    default:
      return error.message ?? `does not fit "${error.keyword}"`;
  }
};

const pointerOf = (error: ErrorObject): string => {
  const params = error.params as { additionalProperty?: string; unevaluatedProperty?: string };
  const key = params.additionalProperty ?? params.unevaluatedProperty;
  return key === undefined ? error.instancePath : `${error.instancePath}/${escapePointer(key)}`;
};

const isBranching = (error: ErrorObject): boolean => error.keyword === 'oneOf' || error.keyword === 'anyOf';

/** The errors of the branch that was probably meant: the one that fails on the fewest places, if only one does. */
const likeliestBranch = (parent: ErrorObject, errors: readonly ErrorObject[]): ErrorObject[] => {
  const branches = new Map<string, ErrorObject[]>();
  for (const error of errors) {
    if (error === parent || !error.schemaPath.startsWith(`${parent.schemaPath}/`)) continue;
    const branch = error.schemaPath.slice(parent.schemaPath.length + 1).split('/', 1)[0]!;
    branches.set(branch, [...(branches.get(branch) ?? []), error]);
  }
  // A branch that fails on the value itself or on its discriminator was not the one meant.
  const isMeant = (found: readonly ErrorObject[]) =>
    !found.some(
      (error) => error.keyword === 'const' || (error.keyword === 'type' && error.instancePath === parent.instancePath),
    );
  const meant = [...branches.values()].filter(isMeant).sort((a, b) => a.length - b.length);
  const isClear = meant.length === 1 || (meant.length > 1 && meant[0]!.length < meant[1]!.length);
  return isClear ? meant[0]! : [];
};

/** Ajv reports every branch of a choice; a reader needs the one he meant, or the fact that none fits. */
const withoutNoise = (errors: readonly ErrorObject[]): ErrorObject[] => {
  const parents = errors.filter(isBranching);
  const inside = (error: ErrorObject, parent: ErrorObject) =>
    error !== parent && error.schemaPath.startsWith(`${parent.schemaPath}/`);
  const outermost = parents.filter((parent) => !parents.some((other) => inside(parent, other)));
  const kept = errors.filter(
    (error) => error.keyword !== 'if' && !isBranching(error) && !outermost.some((parent) => inside(error, parent)),
  );
  return outermost.reduce((all, parent) => {
    const branch = withoutNoise(likeliestBranch(parent, errors));
    return [...all, ...(branch.length > 0 ? branch : [parent])];
  }, kept);
};

const toProblems = (errors: readonly ErrorObject[]): SchemaProblem[] => {
  const seen = new Map<string, SchemaProblem>();
  for (const error of withoutNoise(errors)) {
    const problem = {
      pointer: pointerOf(error),
      message: isBranching(error) ? 'fits none of the allowed shapes' : messageOf(error),
    };
    seen.set(`${problem.pointer} ${problem.message}`, problem);
  }
  return [...seen.values()];
};

/**
 * Compiles a JSON Schema (2020-12) for documents that people write: all problems at once, in words with a fix.
 * `useDefaults` fills defaults into the value that is checked.
 */
export const compileSchema = (
  schema: object,
  { useDefaults = false }: { useDefaults?: boolean } = {},
): ((value: unknown) => SchemaProblem[]) => {
  const ajv = useDefaults ? filling() : checking();
  const validate: ValidateFunction = ajv.compile(schema);
  // Ajv would keep every schema it ever saw.
  ajv.removeSchema(schema);
  return (value) => (validate(value) ? [] : toProblems(validate.errors ?? []));
};
