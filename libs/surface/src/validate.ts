import type { Contract, JsonSchema, PointerError, Value } from '@bailey/contract';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { FORMATS } from './formats.ts';
import { messageOf } from './messages.ts';
import { refName, resolve } from './schema-shape.ts';

const MAX_ERRORS = 20;
// Reporting everything costs memory for each wrong value; beyond this size the first place must do.
const MAX_VALUES_FOR_ALL_ERRORS = 2_000;

/** A pattern that a source wrote in a dialect which JavaScript cannot read states nothing here. */
const compilePattern = Object.assign(
  (pattern: string, flags: string): RegExp => {
    try {
      return new RegExp(pattern, flags);
    } catch {
      return /(?:)/;
    }
  },
  { code: 'compilePattern' },
);

const createAjv = (allErrors: boolean): Ajv2020 => {
  const ajv = new Ajv2020({
    strict: false,
    // Our own schemas need no proof, and compiling the meta-schema costs 10 ms an instance.
    meta: false,
    validateSchema: false,
    allErrors,
    verbose: true,
    ownProperties: true,
    logger: false,
    code: { regExp: compilePattern },
  });
  for (const [name, { validate }] of Object.entries(FORMATS)) ajv.addFormat(name, { type: 'string', validate });
  return ajv;
};

const constOf = (member: JsonSchema, property: string, defs: Contract['$defs']): Value | undefined => {
  const target = resolve(member, defs);
  return (
    target.properties?.[property]?.const ??
    target.allOf?.map((part) => constOf(part, property, defs)).find((value) => value !== undefined)
  );
};

/** `oneOf` + discriminator → one `if` a member: a mistake inside a member is reported there, not as "no alternative". */
const chooseByDiscriminator = (schema: JsonSchema, defs: Contract['$defs']): JsonSchema => {
  const { oneOf, discriminator, ...rest } = schema;
  if (oneOf === undefined || discriminator === undefined) return schema;
  const property = discriminator.propertyName;
  const values = oneOf.map((member) => constOf(member, property, defs) ?? refName(member)!);
  if (new Set(values).size !== values.length || values.includes(undefined as never)) return schema;
  const branches = oneOf.map((member, index) => ({
    if: { properties: { [property]: { const: values[index]! } } },
    then: member,
  }));
  const choice = { type: 'object', required: [property], properties: { [property]: { enum: values } } } as const;
  // The branches stand inside the success of the choice, else an unknown member would be reported by each.
  return {
    ...rest,
    allOf: [
      ...(rest.allOf ?? []),
      choice as unknown as JsonSchema,
      { if: choice, then: { allOf: branches } } as JsonSchema,
    ],
  };
};

const rewrite = (value: unknown, defs: Contract['$defs']): unknown => {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, defs));
  if (value === null || typeof value !== 'object') return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, rewrite(member, defs)]));
  return Array.isArray(copy['oneOf']) && 'discriminator' in copy
    ? chooseByDiscriminator(copy as JsonSchema, defs)
    : copy;
};

const fewerThan = (limit: number, value: Value): boolean => {
  let left = limit;
  const visit = (each: Value): boolean =>
    --left > 0 && (each === null || typeof each !== 'object' || Object.values(each).every(visit));
  return visit(value);
};

const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

const pointerOf = ({ instancePath, params }: ErrorObject): string => {
  const name = params['missingProperty'] ?? params['additionalProperty'] ?? params['unevaluatedProperty'];
  return typeof name === 'string' ? `${instancePath}/${escapePointer(name)}` : instancePath;
};

const hasAll = (data: unknown, names: readonly string[] | undefined): boolean =>
  names !== undefined && typeof data === 'object' && data !== null && names.every((name) => Object.hasOwn(data, name));

/** The branch that the caller meant: the only one whose required names are there. */
const intendedBranch = ({ schema, data }: ErrorObject): number | undefined => {
  const fitting = (schema as JsonSchema[]).flatMap((branch, index) => (hasAll(data, branch.required) ? [index] : []));
  return fitting.length === 1 ? fitting[0] : undefined;
};

const isUnder = (error: ErrorObject, choice: ErrorObject, branch: number | '' = ''): boolean =>
  error !== choice &&
  error.schemaPath.startsWith(`${choice.schemaPath}/${branch}`) &&
  error.instancePath.startsWith(choice.instancePath);

/** Leaves one error for a failed choice, or those of the branch that was meant, instead of those of all branches. */
const withoutNoise = (errors: readonly ErrorObject[]): ErrorObject[] => {
  let kept = errors.filter((error) => error.keyword !== 'if');
  for (const choice of kept.filter((error) => error.keyword === 'oneOf' || error.keyword === 'anyOf')) {
    const branch = choice.keyword === 'oneOf' ? intendedBranch(choice) : undefined;
    const meant = branch === undefined ? [] : kept.filter((error) => isUnder(error, choice, branch));
    kept = kept.filter((error) => !isUnder(error, choice) && (meant.length === 0 || error !== choice)).concat(meant);
  }
  return kept;
};

const toPointerErrors = (errors: readonly ErrorObject[]): PointerError[] => {
  const seen = new Map<string, PointerError>();
  for (const error of withoutNoise(errors)) {
    const found = { pointer: pointerOf(error), message: messageOf(error) };
    seen.set(`${found.pointer} ${found.message}`, found);
  }
  return [...seen.values()].slice(0, MAX_ERRORS);
};

export type Validator = (input: Value) => PointerError[] | undefined;

/**
 * Validators by operation name, each compiled on first use: undefined when the input fits, else at most 20 places.
 * Nothing is coerced or defaulted. Throws for an operation that the contract does not have.
 */
export const compileValidators = (contract: Contract): ((operation: string) => Validator) => {
  const inputs = new Map(contract.operations.map((operation) => [operation.name, operation.input]));
  const compiled = new Map<string, Validator>();
  // Once for all operations, and only when the first call comes.
  let defs: unknown;
  const document = (operation: string): object => {
    const input = inputs.get(operation);
    if (input === undefined)
      throw new Error(`compiling the validator of "${operation}": the contract has no such operation`);
    defs ??= rewrite(contract.$defs, contract.$defs);
    return { ...(rewrite(input, contract.$defs) as object), $defs: defs };
  };
  // An instance each: ajv keeps what it compiled, and a validator of one operation may be dropped with it.
  const compile = (operation: string): Validator => {
    const first = createAjv(false).compile(document(operation));
    let all: ValidateFunction | undefined;
    return (input) => {
      if (first(input)) return undefined;
      if (!fewerThan(MAX_VALUES_FOR_ALL_ERRORS, input)) return toPointerErrors(first.errors!);
      all ??= createAjv(true).compile(document(operation));
      return all(input) ? undefined : toPointerErrors(all.errors!);
    };
  };
  return (operation) => {
    const known = compiled.get(operation);
    if (known !== undefined) return known;
    const validator = compile(operation);
    compiled.set(operation, validator);
    return validator;
  };
};
