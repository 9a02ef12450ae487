/** Whole JSON text in UTF-8, ready to be sent: adapters that can build it once hand it on untouched. */
export type JsonBytes = Uint8Array;

/** A parsed JSON value. Objects made from foreign names have no prototype, so `__proto__` is only a name. */
export type Value = null | boolean | number | string | Value[] | { [name: string]: Value };

/** JSON Schema 2020-12. References are `#/$defs/Name` and resolve in {@link Contract.$defs}. */
export interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  title?: string;
  description?: string;
  type?: JsonType | JsonType[];
  format?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  unevaluatedProperties?: boolean;
  propertyNames?: JsonSchema;
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
  enum?: Value[];
  const?: Value;
  default?: Value;
  oneOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  not?: JsonSchema;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  contentEncoding?: string;
  readOnly?: boolean;
  examples?: Value[];
  /** The property that tells the members of `oneOf` apart; OpenAPI prints it as is. */
  discriminator?: { propertyName: string; mapping?: Record<string, string> };
  /** The name in the legacy system, where it differs from the API name. */
  'x-native'?: string;
  /** A config field that must never be printed; its value comes by `{env}` or `{file}`. */
  'x-secret'?: boolean;
  [extension: `x-${string}`]: unknown;
}

export type JsonType = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object';
