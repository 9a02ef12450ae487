import { scalarSchema, type Contract, type JsonSchema, type Operation } from '@bailey/contract';
import type { FaceOf } from './face.ts';

/** An insurer's contract with one of everything, shared by the tests of this folder. */

const object = (
  properties: Record<string, JsonSchema>,
  required: string[] = [],
  more: JsonSchema = {},
): JsonSchema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
  ...more,
});
const ref = (name: string): JsonSchema => ({ $ref: `#/$defs/${name}` });
const text = scalarSchema('text');
const oneOfRequired = (...names: string[]): JsonSchema[] => names.map((name) => ({ required: [name] }));

const operation = (name: string, more: Partial<Operation> = {}): Operation => ({
  name,
  native: name[0]!.toUpperCase() + name.slice(1),
  effect: 'read',
  exchange: 'unary',
  input: object({}),
  faults: [],
  ...more,
});

const $defs: Record<string, JsonSchema> = {
  Policy: object({
    policyNumber: text,
    premium: scalarSchema('decimal'),
    version: scalarSchema('int64'),
    views: scalarSchema('int53'),
    count: scalarSchema('int32'),
    rate: scalarSchema('double'),
    from: scalarSchema('date'),
    status: { type: 'string', enum: ['ACTIVE', 'LAPSED'] },
    grade: { type: 'string', enum: ['A+', 'B'] },
    coverages: { type: 'array', items: ref('Coverage') },
    holder: ref('Holder'),
    vehicle: ref('Vehicle'),
    parent: ref('Policy'),
    address: object({ line1: text, toString: text }),
    note: { type: ['string', 'null'] },
    extra: {},
    $headers: object({ session: text }),
  }),
  Coverage: object({ code: text, amount: scalarSchema('decimal') }, ['code']),
  // A choice that is the whole content.
  Holder: object({ person: ref('Person'), company: text }, [], { oneOf: oneOfRequired('person', 'company') }),
  Person: object({ name: text }, ['name']),
  Vehicle: { oneOf: [ref('Car'), ref('Truck'), ref('Trailer')], discriminator: { propertyName: '$type' } },
  Car: object({ $type: { const: 'Car' }, seats: scalarSchema('int32') }, ['$type', 'seats']),
  Truck: object({ $type: { const: 'Truck' }, load: scalarSchema('decimal') }, ['$type']),
  Trailer: object({ $type: { const: 'Trailer' } }, ['$type']),
};

const operations: Operation[] = [
  operation('getPolicy', {
    title: 'Read a policy',
    description: '<script>alert(1)</script>',
    input: object(
      {
        policyNumber: { type: 'string', maxLength: 10 },
        depth: scalarSchema('int32'),
        full: scalarSchema('boolean'),
        tags: { type: 'array', items: text },
      },
      ['policyNumber'],
    ),
    output: ref('Policy'),
    faults: [
      { code: 'POLICY_NOT_FOUND', native: 'PolicyNotFound', status: 404, detail: object({ policyNumber: text }) },
      { code: 'POLICY_LOCKED', native: 'PolicyLocked', status: 422 },
    ],
  }),
  operation('savePolicy', {
    effect: 'write',
    input: object({ policy: ref('Policy'), $headers: object({ session: text }) }, ['policy']),
    output: object({ version: scalarSchema('int64') }),
  }),
  operation('notify', { effect: 'write', exchange: 'one-way', input: object({ message: text }, ['message']) }),
  operation('ping', { effect: 'read', deprecated: true }),
  operation('find', {
    effect: 'read',
    input: object({ by: ref('Holder') }),
    output: object({ items: { type: 'array', items: ref('Policy') } }),
  }),
];

export const CONTRACT: Contract = { operations, collections: [], $defs };

export const FACE: FaceOf = {
  name: 'policy-admin',
  title: 'Policy administration',
  system: 'policy-mainframe',
  contract: CONTRACT,
  scopes: { read: 'policy.read', write: 'policy.write' },
};
