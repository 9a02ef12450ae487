import { describe, expect, it } from 'vitest';
import type { Contract } from '@bailey/contract';
import { bridgeTypeMap } from './type-map.ts';
import { buildSchema } from './schema.ts';

const node = {
  type: 'object' as const,
  properties: {
    label: { type: 'string' as const },
    next: { anyOf: [{ $ref: '#/$defs/Node' }, { type: 'null' as const }] },
  },
};

const contract: Contract = {
  $defs: { Node: node },
  collections: [],
  operations: [
    {
      name: 'walk',
      native: 'Walk',
      effect: 'read',
      exchange: 'unary',
      input: { type: 'object', properties: { from: { anyOf: [{ $ref: '#/$defs/Node' }, { type: 'null' }] } } },
      output: { type: 'object', properties: { first: { anyOf: [{ $ref: '#/$defs/Node' }, { type: 'null' }] } } },
      faults: [],
    },
  ],
};

describe('a reference that may be null', () => {
  const schema = buildSchema([bridgeTypeMap({ name: 'list', contract })], async () => null);

  it('is the named type, however often it refers to itself', () => {
    const types = Object.keys(schema.getTypeMap()).filter((name) => name.startsWith('List_Node'));
    expect(types.toSorted()).toEqual(['List_Node', 'List_NodeInput']);
  });
});
