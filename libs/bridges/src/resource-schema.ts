import type { Adapter, JsonSchema } from '@bailey/contract';
import { ACCESS_SCHEMA, POLICY_SCHEMA } from '@bailey/call';
import { API_VERSION, type Kind } from '@bailey/inventory';
import { withReferences } from '@bailey/platform';

const text = (description: string): JsonSchema => ({ type: 'string', minLength: 1, description });

const NAME_PATTERN = '^[a-z][a-z0-9-]{0,62}$';
const name = (description: string): JsonSchema => ({ type: 'string', pattern: NAME_PATTERN, description });

const closed = (properties: Record<string, JsonSchema>, required: string[] = [], description?: string): JsonSchema => ({
  type: 'object',
  ...(description !== undefined && { description }),
  properties,
  required,
  additionalProperties: false,
});

const METADATA = closed(
  {
    name: name('Small letters, digits and hyphens; at most 63'),
    title: text('For people'),
    description: text('What it is for'),
    owner: text('The team to ask'),
    labels: { type: 'object', additionalProperties: { type: 'string' } },
  },
  ['name'],
);

const SYSTEM = closed({
  domain: text('Business domain'),
  owner: text('The team that runs it'),
  description: text('What it does'),
  lifecycle: text('Where it stands: production, sunset, retired…'),
  criticality: text('What its loss means'),
  dataClass: text('The most sensitive data it holds'),
  environment: text('production, test…'),
  endpoints: {
    type: 'array',
    items: closed(
      {
        protocol: text('soap, jdbc, mq…'),
        host: text('Host name'),
        port: { type: 'integer', minimum: 1, maximum: 65535 },
      },
      ['protocol', 'host'],
    ),
  },
});

const REFERENCE = closed({ env: text('Environment variable'), file: text('Path of a file') });

const API_KEY = {
  description: 'sha256: and the 64 hex digits of the hash of the key, or where the key stands',
  if: { type: 'string' },
  then: { pattern: '^sha256:[0-9a-f]{64}$' },
  else: { ...REFERENCE, minProperties: 1, maxProperties: 1 },
} as JsonSchema;

const CONSUMER = closed(
  {
    owner: text('The team that runs it'),
    description: text('What it does'),
    identities: {
      type: 'array',
      description: 'How it is known: one mark an entry',
      items: {
        ...closed({
          header: text('Value of x-bailey-consumer: says, but proves nothing'),
          subject: text('Subject of its token'),
          apiKey: API_KEY,
          spiffe: text('SPIFFE id of its certificate'),
        }),
        minProperties: 1,
        maxProperties: 1,
      },
    },
  },
  ['owner'],
);

const PATHWAY = closed(
  {
    consumer: name('Name of a Consumer'),
    bridge: name('Name of a Bridge'),
    operations: { type: 'array', items: text('API name'), description: 'None named: all of them' },
    purpose: text('What for'),
    dataClass: text('The most sensitive data that flows'),
  },
  ['consumer', 'bridge'],
);

const OPERATION = closed({
  name: {
    type: 'string',
    pattern: '^[_A-Za-z][_0-9A-Za-z]*$',
    description: 'API name, where the derived one does not please',
  },
  effect: { type: 'string', enum: ['read', 'write-idempotent', 'write'], description: 'What may be repeated' },
  faults: {
    type: 'object',
    description: 'By native name',
    additionalProperties: closed({ status: { type: 'integer', minimum: 400, maximum: 599 } }, ['status']),
  },
  access: closed(
    { scopes: { type: 'array', items: text('Scope') } },
    ['scopes'],
    'Instead of the scopes of the bridge',
  ),
});

const bridgeSpec = (kinds: string[]): JsonSchema =>
  closed(
    {
      system: name('The System it leads to'),
      adapter: { type: 'string', enum: kinds, description: 'The protocol' },
      connection: { type: 'object', description: 'As the adapter says' },
      operations: { type: 'object', description: 'By native name', additionalProperties: OPERATION },
      policy: POLICY_SCHEMA,
      access: ACCESS_SCHEMA,
    },
    ['system', 'adapter', 'connection'],
  );

const document = (kind: Kind, spec: JsonSchema): JsonSchema =>
  closed({ apiVersion: { const: API_VERSION }, kind: { const: kind }, metadata: METADATA, spec }, [
    'apiVersion',
    'kind',
    'metadata',
    'spec',
  ]);

/** The schema of each kind; the `connection` of a Bridge is left to its adapter. */
export const documentSchemas = (adapters: readonly Adapter[]): Record<Kind, JsonSchema> => ({
  System: document('System', SYSTEM),
  Bridge: document('Bridge', bridgeSpec(adapters.map(({ kind }) => kind))),
  Consumer: document('Consumer', CONSUMER),
  Pathway: document('Pathway', PATHWAY),
});

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** References of a schema that moves under another root: `#/$defs/Tls` becomes `#/$defs/soap.Tls`. */
const moveReferences = (schema: unknown, prefix: string): unknown => {
  if (Array.isArray(schema)) return schema.map((each) => moveReferences(each, prefix));
  if (!isObject(schema)) return schema;
  const moved = Object.entries(schema).map(([key, value]) =>
    key === '$ref'
      ? [key, String(value).replace('#/$defs/', `#/$defs/${prefix}.`)]
      : [key, moveReferences(value, prefix)],
  );
  return Object.fromEntries(moved);
};

interface MovedSchema {
  schema: Record<string, unknown>;
  definitions: [string, unknown][];
}

const movedConnection = ({ kind, config }: Adapter): MovedSchema => {
  const { $defs = {}, ...schema } = moveReferences(withReferences(config), kind) as { $defs?: object };
  return { schema, definitions: Object.entries($defs).map(([key, value]) => [`${kind}.${key}`, value]) };
};

/** The one schema of resource files, for editors: every kind, and the connection of every adapter. */
export const resourceSchema = (adapters: readonly Adapter[]): JsonSchema => {
  const connections = adapters.map((adapter) => ({ kind: adapter.kind, ...movedConnection(adapter) }));
  const schemas = documentSchemas(adapters);
  const byAdapter = connections.map(({ kind, schema }) => ({
    if: { properties: { adapter: { const: kind } } },
    then: { properties: { connection: schema } },
  }));
  const bridge = structuredClone(schemas.Bridge);
  bridge.properties!['spec']!.allOf = byAdapter as JsonSchema[];
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Bailey resource',
    oneOf: [schemas.System, bridge, schemas.Consumer, schemas.Pathway],
    $defs: Object.fromEntries(connections.flatMap(({ definitions }) => definitions)),
  } as JsonSchema;
};
