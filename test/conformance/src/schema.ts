import type { Contract, JsonSchema, Value } from '@bailey/contract';
import { Ajv2020 } from 'ajv/dist/2020.js';

export interface SchemaError {
  pointer: string;
  message: string;
}

// Formats are the house's own (int64, decimal…): their patterns stand beside them.
const ajv = (): Ajv2020 => new Ajv2020({ strict: false, validateFormats: false, allErrors: true });

const errorsOf = (schema: JsonSchema, value: unknown): SchemaError[] => {
  const validate = ajv().compile(schema);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, params, message }) => {
    const missing = (params as { missingProperty?: string; additionalProperty?: string }) ?? {};
    const name = missing.missingProperty ?? missing.additionalProperty;
    return { pointer: name === undefined ? instancePath : `${instancePath}/${name}`, message: message ?? '' };
  });
};

/** Where a config does not fit the adapter's schema. */
export const configErrors = (schema: JsonSchema, config: unknown): SchemaError[] => errorsOf(schema, config);

/** Where a value does not fit a schema of the contract. */
export const valueErrors = (contract: Contract, schema: JsonSchema, value: Value | undefined): SchemaError[] =>
  errorsOf({ ...schema, $defs: { ...contract.$defs, ...schema.$defs } }, value);
