import { camelName, type JsonSchema, type Operation } from '@bailey/contract';
import type { FaceOf } from './face.ts';
import { componentName, openApiSchema, prefixOf } from './openapi-schema.ts';
import { PROBLEM_NAME, PROBLEM_SCHEMA, problemResponses, sharedResponses } from './openapi-problems.ts';
import { queryOf } from './rest.ts';
import { flatten } from './schema-shape.ts';

const successOf = ({ output, exchange }: Operation, prefix: string): Record<string, object> => {
  if (exchange === 'one-way')
    return {
      202: {
        description: 'Accepted; there is no answer.',
        content: { 'application/json': { schema: { type: 'object' } } },
      },
    };
  if (output === undefined) return { 204: { description: 'Done; there is no content.' } };
  const mediaType =
    exchange === 'stream' ? 'application/x-ndjson' : exchange === 'events' ? 'text/event-stream' : 'application/json';
  return { 200: { description: 'The answer.', content: { [mediaType]: { schema: openApiSchema(output, prefix) } } } };
};

const scopesOf = ({ effect, name }: Operation, { scopes }: FaceOf): string[] => {
  const general = effect === 'read' ? scopes?.read : scopes?.write;
  return [...(scopes?.operations?.[name] ?? (general === undefined ? [] : [general]))];
};

const securityOf = (operation: Operation, face: FaceOf): object => {
  const scopes = scopesOf(operation, face);
  return scopes.length === 0 ? {} : { security: [{ bearer: scopes }] };
};

const commonOf = (operation: Operation, face: FaceOf, prefix: string): object => ({
  tags: [face.name],
  ...(operation.title === undefined ? {} : { summary: operation.title }),
  ...(operation.description === undefined ? {} : { description: operation.description }),
  ...(operation.deprecated === true ? { deprecated: true } : {}),
  ...securityOf(operation, face),
  responses: { ...successOf(operation, prefix), ...problemResponses(operation.faults, prefix) },
  'x-native': operation.native,
  'x-effect': operation.effect,
});

const needsBody = ({ input }: Operation, face: FaceOf): boolean =>
  (flatten(input, face.contract.$defs).required?.length ?? 0) > 0;

const postOf = (operation: Operation, face: FaceOf, prefix: string, id: string): object => ({
  operationId: id,
  ...commonOf(operation, face, prefix),
  requestBody: {
    required: needsBody(operation, face),
    content: { 'application/json': { schema: openApiSchema(operation.input, prefix) } },
  },
});

const parametersOf = ({ input }: Operation, face: FaceOf, prefix: string): object[] => {
  const { properties = {}, required = [] } = flatten(input, face.contract.$defs);
  return Object.entries(properties).map(([name, schema]: [string, JsonSchema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(schema.description === undefined ? {} : { description: schema.description }),
    schema: openApiSchema(schema, prefix),
  }));
};

const getOf = (operation: Operation, face: FaceOf, prefix: string, id: string): object => ({
  operationId: `${id}_get`,
  ...commonOf(operation, face, prefix),
  parameters: parametersOf(operation, face, prefix),
});

const pathOf = (operation: Operation, face: FaceOf, prefix: string, idPrefix: string): object => {
  const id = `${idPrefix}${operation.name}`;
  const post = postOf(operation, face, prefix, id);
  return queryOf(operation, face.contract) === undefined ? { post } : { get: getOf(operation, face, prefix, id), post };
};

const pathsOf = (face: FaceOf, prefix: string, idPrefix: string): [string, object][] =>
  face.contract.operations.map((operation) => [
    `/api/${face.name}/${encodeURIComponent(operation.name)}`,
    pathOf(operation, face, prefix, idPrefix),
  ]);

const schemasOf = ({ contract }: FaceOf, prefix: string): [string, object][] =>
  Object.entries(contract.$defs).map(([def, schema]) => [componentName(def, prefix), openApiSchema(schema, prefix)]);

const tagOf = ({ name, title, description }: FaceOf): object => {
  const words = description ?? title;
  return words === undefined ? { name } : { name, description: words };
};

const componentsOf = (schemas: [string, object][]): object => ({
  schemas: { ...Object.fromEntries(schemas), [PROBLEM_NAME]: PROBLEM_SCHEMA },
  responses: sharedResponses(),
  securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'An API key or a JWT.' } },
});

// The interface's version, not the bridge's revision: a document must not change when its contract does not.
const VERSION = '1';

const documentOf = (info: object, tags: object[], paths: [string, object][], schemas: [string, object][]): object => ({
  openapi: '3.1.0',
  info: { ...info, version: VERSION },
  servers: [{ url: '/' }],
  tags,
  paths: Object.fromEntries(paths),
  components: componentsOf(schemas),
});

/** The OpenAPI 3.1 document of one bridge: the same contract gives the same text. */
export const openApi = (face: FaceOf): object => {
  const info = {
    title: face.title ?? face.name,
    ...(face.description === undefined ? {} : { description: face.description }),
  };
  return documentOf(info, [tagOf(face)], pathsOf(face, '', ''), schemasOf(face, ''));
};

/** All bridges in one document; operation ids are `{bridge}_{operation}` as in GraphQL. */
export const openApiIndex = (faces: readonly FaceOf[]): object =>
  documentOf(
    { title: 'Bailey' },
    faces.map(tagOf),
    faces.flatMap((face) => pathsOf(face, prefixOf(face.name), `${camelName(face.name)}_`)),
    faces.flatMap((face) => schemasOf(face, prefixOf(face.name))),
  );
