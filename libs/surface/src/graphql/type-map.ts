import { NameScope, camelName, pascalName, type Contract, type Operation, type Value } from '@bailey/contract';
import { GraphQLBoolean, type GraphQLFieldConfigArgumentMap, type GraphQLOutputType } from './graphql-js.ts';
import type { FaceOf } from '../face.ts';
import { flatten } from '../schema-shape.ts';
import { InputTypes } from './input-types.ts';
import { shapeOf } from './object-shape.ts';
import { OutputTypes } from './output-types.ts';
import { TypeNames, legalName } from './type-names.ts';
import type { BridgeTypeMap, RootField } from './types.ts';

const EMPTY_INPUT: Readonly<Record<string, Value>> = Object.freeze(Object.create(null) as Record<string, Value>);

type Input = Pick<RootField, 'args' | 'toInput'>;
type Output = Pick<RootField, 'type' | 'toResult' | 'selectable'>;

/** Top-level properties are the arguments; an input that is no plain object is one argument called `input`. */
const inputOf = ({ input, name }: Operation, { $defs }: Contract, types: InputTypes): Input => {
  const path = () => pascalName(name);
  const flat = flatten(input, $defs);
  const shape = shapeOf(flat, $defs);
  if (shape.kind === 'object') {
    const { fields, toValue } = types.fieldsOf(shape, path, shape.isChoice);
    return { args: fields as GraphQLFieldConfigArgumentMap, toInput: toValue };
  }
  if (shape.kind === 'empty' || (shape.kind === 'single' && flat.properties !== undefined))
    return { args: {}, toInput: () => EMPTY_INPUT };
  const { type, toValue } = types.typeOf(input, () => `${path()}Arguments`);
  return {
    args: { input: { type } },
    toInput: (args) => (args['input'] == null ? EMPTY_INPUT : toValue(args['input'])),
  };
};

const NOTHING: ReadonlyMap<string, string> = new Map();
const NO_CONTENT: Output = { type: GraphQLBoolean, toResult: () => true, selectable: NOTHING };

const outputOf = ({ output, exchange, name }: Operation, { $defs }: Contract, types: OutputTypes): Output => {
  if (output === undefined || exchange === 'one-way') return NO_CONTENT;
  const shape = shapeOf(flatten(output, $defs), $defs);
  if (shape.kind === 'empty') return NO_CONTENT;
  const selectable =
    shape.kind === 'object' ? new Map(shape.members.map((member) => [member.name, member.property])) : NOTHING;
  const type: GraphQLOutputType = types.typeOf(output, () => `${pascalName(name)}Result`);
  return { type, selectable, toResult: (value) => value };
};

const isCallable = ({ exchange }: Operation): boolean => exchange === 'unary' || exchange === 'one-way';

const describe = ({ title, description }: Operation): string | undefined => description ?? title;

/** The types and root fields of one bridge. Never throws for an odd schema: what GraphQL cannot say is `JSON`. */
export const bridgeTypeMap = ({ name: bridge, system, contract }: FaceOf): BridgeTypeMap => {
  const names = new TypeNames(bridge);
  const outputs = new OutputTypes(contract.$defs, names);
  const inputs = new InputTypes(contract.$defs, names);
  const scope = new NameScope();
  const fields = contract.operations.filter(isCallable).map((operation) => ({
    name: scope.claim(`${camelName(bridge)}_${legalName(operation.name)}`),
    operation: operation.name,
    effect: operation.effect,
    description: describe(operation),
    deprecationReason: operation.deprecated === true ? 'The bridge marks this operation as deprecated.' : undefined,
    ...inputOf(operation, contract, inputs),
    ...outputOf(operation, contract, outputs),
  }));
  return { bridge, system, fields };
};
