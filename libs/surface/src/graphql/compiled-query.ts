import {
  GraphQLObjectType,
  GraphQLSchema,
  Kind,
  execute,
  getArgumentValues,
  getVariableValues,
  isIntrospectionType,
  isObjectType,
  print,
  visit,
  type DocumentNode,
  type ExecutionResult,
  type FieldNode,
  type GraphQLField,
  type GraphQLFieldConfig,
  type GraphQLFieldResolver,
  type OperationDefinitionNode,
} from './graphql-js.ts';
import { compileQuery, isCompiledQuery } from 'graphql-jit';

/**
 * graphql-jit writes arguments and variable types into the source text of a function. A caller's literal has no
 * business in code, nested variables lose "absent", `@oneOf` is unknown to it, and recursive input types never end.
 * So it gets a twin of the schema whose root fields have no arguments, and a document without them: it does
 * the selection, which is where the time goes, and graphql-js coerces arguments and variables.
 */

interface Run {
  context: unknown;
  variables: Record<string, unknown>;
  /** Field nodes with their arguments, by response key. */
  nodes: ReadonlyMap<string, FieldNode>;
}

type Field = GraphQLField<unknown, unknown>;

const withoutArguments = (field: Field): GraphQLFieldConfig<unknown, Run> => {
  const inner = field.resolve as GraphQLFieldResolver<unknown, unknown>;
  return {
    type: field.type,
    resolve: (root, _none, run, info) => {
      const node = run.nodes.get(String(info.path.key))!;
      return inner(root, getArgumentValues(field, node, run.variables), run.context, info);
    },
  };
};

const twinOf = (type: GraphQLObjectType | null | undefined): GraphQLObjectType | null => {
  if (type == null) return null;
  const fields = Object.entries(type.getFields()).map(([name, field]) => [name, withoutArguments(field)] as const);
  return new GraphQLObjectType({ name: type.name, fields: Object.fromEntries(fields) });
};

const hasArgumentsBelow = (schema: GraphQLSchema): boolean => {
  const roots = new Set<unknown>([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);
  return Object.values(schema.getTypeMap()).some(
    (type) =>
      isObjectType(type) &&
      !roots.has(type) &&
      !isIntrospectionType(type) &&
      Object.values(type.getFields()).some((field) => field.args.length > 0),
  );
};

const isResolvable = (type: GraphQLObjectType | null | undefined): boolean =>
  type == null || Object.values(type.getFields()).every((field) => field.resolve !== undefined);

/** The schema that graphql-jit may see, or undefined when only graphql-js can serve this one. */
const twinSchema = (schema: GraphQLSchema): GraphQLSchema | undefined => {
  const [query, mutation] = [schema.getQueryType(), schema.getMutationType()];
  if (!isResolvable(query) || !isResolvable(mutation) || hasArgumentsBelow(schema)) return undefined;
  return new GraphQLSchema({ assumeValid: true, query: twinOf(query), mutation: twinOf(mutation) });
};

const twins = new WeakMap<GraphQLSchema, { schema: GraphQLSchema | undefined }>();

const twinFor = (schema: GraphQLSchema): GraphQLSchema | undefined => {
  let twin = twins.get(schema);
  if (twin === undefined) twins.set(schema, (twin = { schema: twinSchema(schema) }));
  return twin.schema;
};

/** Only `@skip` and `@include` still read variables, and those are Boolean. */
const BOOLEAN = /^Boolean!?$/;

const withoutCallerData = (document: DocumentNode, operation: OperationDefinitionNode): DocumentNode => ({
  ...document,
  definitions: document.definitions
    .filter((definition) => definition === operation || definition.kind === Kind.FRAGMENT_DEFINITION)
    .map((definition) =>
      visit(definition, {
        Field: (node) => (node.arguments?.length ? { ...node, arguments: [] } : undefined),
        VariableDefinition: (node) => (BOOLEAN.test(print(node.type)) ? undefined : null),
      }),
    ),
});

const rootNodes = (document: DocumentNode, operation: OperationDefinitionNode): Map<string, FieldNode> => {
  const nodes = new Map<string, FieldNode>();
  const add = (set: OperationDefinitionNode['selectionSet']): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) add(selection.selectionSet);
      else if (selection.kind === Kind.FRAGMENT_SPREAD)
        for (const definition of document.definitions) {
          if (definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value)
            add(definition.selectionSet);
        }
      else {
        const key = selection.alias?.value ?? selection.name.value;
        if (!nodes.has(key)) nodes.set(key, selection);
      }
    }
  };
  add(operation.selectionSet);
  return nodes;
};

export type RunQuery = (
  variables: Record<string, unknown>,
  context: unknown,
) => Promise<ExecutionResult> | ExecutionResult;

/** graphql-js, for what is asked once, for introspection, and for schemas beyond graphql-jit. */
export const interpretQuery =
  (schema: GraphQLSchema, document: DocumentNode, operationName: string | undefined): RunQuery =>
  (variableValues, contextValue) =>
    execute({ schema, document, operationName, variableValues, contextValue });

/** The compiled form of a valid document; undefined when graphql-jit cannot do it. */
export const compileDocument = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): RunQuery | undefined => {
  const twin = twinFor(schema);
  if (twin === undefined) return undefined;
  const compiled = compileQuery(twin, withoutCallerData(document, operation), operation.name?.value, {
    disablingCapturingStackErrors: true,
  });
  if (!isCompiledQuery(compiled)) return undefined;
  const nodes = rootNodes(document, operation);
  const definitions = operation.variableDefinitions ?? [];
  return (inputs, context) => {
    const { coerced, errors } = getVariableValues(schema, definitions, inputs, { maxErrors: 20 });
    if (coerced === undefined) return { errors };
    return compiled.query(undefined, { context, variables: coerced, nodes } satisfies Run, inputs);
  };
};
