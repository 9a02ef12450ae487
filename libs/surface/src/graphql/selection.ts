import { Kind, type FieldNode, type GraphQLResolveInfo, type SelectionSetNode } from './graphql-js.ts';

type Fragments = GraphQLResolveInfo['fragments'];

const collect = (set: SelectionSetNode | undefined, fragments: Fragments, into: Set<string>): Set<string> => {
  for (const selection of set?.selections ?? [])
    if (selection.kind === Kind.FIELD) into.add(selection.name.value);
    else
      collect(
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection.selectionSet
          : fragments[selection.name.value]?.selectionSet,
        fragments,
        into,
      );
  return into;
};

// By the parsed document's own nodes: a cached document is walked once, and the entry goes with it.
const known = new WeakMap<FieldNode, string[]>();

/** The API names selected on the first level, `@skip` and `@include` left out of account. */
export const selectedProperties = (
  { fieldNodes, fragments }: GraphQLResolveInfo,
  selectable: ReadonlyMap<string, string>,
): string[] => {
  const key = fieldNodes[0]!;
  const found = known.get(key);
  if (found !== undefined) return found;
  const names = new Set<string>();
  for (const node of fieldNodes) collect(node.selectionSet, fragments, names);
  const properties = [...names].flatMap((name) => selectable.get(name) ?? []);
  known.set(key, properties);
  return properties;
};
