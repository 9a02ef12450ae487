import type { JsonSchemas } from '@bailey/codec';
import type { Contract, DeclaredFault, JsonSchema, Operation } from '@bailey/contract';
import type { SoapBody, SoapFault, SoapMessage, SoapOperation, SoapPlan } from './plan.ts';

type Properties = Record<string, JsonSchema>;

// Names come from the WSDL: without a prototype, `constructor` is only a name.
const noProperties = (): Properties => Object.create(null) as Properties;

const closedObject = (properties: Properties, required: string[]): JsonSchema => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
  additionalProperties: false,
});

const nullable = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });

const partsSchema = (parts: { name: string; schema: JsonSchema; required: boolean }[]): JsonSchema => {
  const properties = noProperties();
  for (const { name, schema } of parts) properties[name] = schema;
  return closedObject(
    properties,
    parts.filter(({ required }) => required).map(({ name }) => name),
  );
};

const bodySchema = (body: SoapBody, schemas: JsonSchemas): JsonSchema => {
  if (body.kind === 'empty') return closedObject(noProperties(), []);
  if (body.kind === 'element' || body.kind === 'content') return schemas.message(body.type);
  if (body.kind === 'elements') {
    return partsSchema(
      body.parts.map(({ name, type, nillable }) => ({
        name,
        schema: nillable ? nullable(schemas.of(type)) : schemas.of(type),
        required: true,
      })),
    );
  }
  // An encoded accessor may be nil or missing (SOAP 1.1 section 5.1); a literal one is always there (WS-I BP 4.4.1).
  return partsSchema(
    body.parts.map(({ name, type }) => ({
      name,
      schema: body.encoded ? nullable(schemas.of(type)) : schemas.of(type),
      required: !body.encoded,
    })),
  );
};

const messageSchema = ({ body, headers }: SoapMessage, schemas: JsonSchemas): JsonSchema => {
  const schema = bodySchema(body, schemas);
  if (headers.length === 0) return schema;
  const $headers = partsSchema(
    headers.map(({ name, type, required }) => ({ name, schema: schemas.of(type), required })),
  );
  const properties = Object.assign(noProperties(), schema.properties, { $headers });
  const needsHeaders = headers.some(({ required }) => required);
  return { ...schema, properties, ...(needsHeaders && { required: [...(schema.required ?? []), '$headers'] }) };
};

// 422 is what a business refusal is unless the resource file says otherwise.
const declaredFault = ({ code, native, type }: SoapFault, schemas: JsonSchemas): DeclaredFault => ({
  code,
  native,
  status: 422,
  detail: schemas.of(type),
});

const operationOf = (operation: SoapOperation, schemas: JsonSchemas, description: string | undefined): Operation => ({
  name: operation.name,
  native: operation.native,
  ...(description !== undefined && { description }),
  effect: 'write',
  exchange: operation.oneWay ? 'one-way' : 'unary',
  input: messageSchema(operation.input, schemas),
  ...(operation.output && { output: messageSchema(operation.output, schemas) }),
  faults: operation.faults.map((fault) => declaredFault(fault, schemas)),
});

/** The contract of a plan, before the settings of the resource file. `descriptions` are by API name. */
export const contractOf = (
  plan: SoapPlan,
  schemas: JsonSchemas,
  descriptions: ReadonlyMap<string, string | undefined>,
): Contract => {
  const operations = plan.operations.map((operation) =>
    operationOf(operation, schemas, descriptions.get(operation.name)),
  );
  return { operations, collections: [], $defs: schemas.$defs };
};
