import { NameScope, camelName, pascalName, type JsonSchema } from '@bailey/contract';

// https://spec.graphql.org/October2021/#Name; two underscores are introspection's own.
const LEGAL = /^(?!__)[A-Za-z_][A-Za-z0-9_]*$/;

export const isLegalName = (name: string): boolean => LEGAL.test(name);

/** `$headers` → `headers`; what is legal stays as it is. */
export const legalName = (name: string): string => {
  if (isLegalName(name)) return name;
  const bare = name.replace(/^\$+/, '');
  return isLegalName(bare) ? bare : camelName(name);
};

const ENUM_WORDS = new Set(['true', 'false', 'null']);

/** Whether every value can be written as a GraphQL enum value. */
export const areEnumNames = (values: readonly unknown[]): values is string[] =>
  values.length > 0 &&
  values.every((value) => typeof value === 'string' && isLegalName(value) && !ENUM_WORDS.has(value));

/** A property that only tells types apart: GraphQL has `__typename` for it. */
export const isDiscriminator = (name: string, schema: JsonSchema): boolean =>
  name.startsWith('$') && schema.const !== undefined;

/** Where an anonymous type stands, `GetPolicyResult`; put together only for those that need a name by it. */
export type TypePath = () => string;

/** The names of one bridge's types: `{Bridge}_{Type}` and `{Bridge}_{Type}Input`, each given once. */
export class TypeNames {
  readonly #scope = new NameScope();
  readonly #prefix: string;

  constructor(bridge: string) {
    this.#prefix = `${pascalName(bridge)}_`;
  }

  claim(type: string, suffix: '' | 'Input' = ''): string {
    return this.#scope.claim(`${this.#prefix}${isLegalName(type) ? type : pascalName(type)}${suffix}`);
  }
}
