import { Failure } from '@bailey/contract';
import {
  GraphQLError,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
} from './graphql-js.ts';

/** A caller with no bad intent stays far below; a hostile document ends before anything is executed. */
const MAX_DEPTH = 12;
const MAX_ALIASES = 30;
const MAX_DIRECTIVES = 50;
// A document is walked with its fragments spread out, so that a few nested ones cannot stand for millions of fields.
const MAX_SELECTIONS = 2_000;
/** Handed to the parser, so that a longer document is not even read to its end. */
export const MAX_TOKENS = 2_000;

const refuse = (detail: string): never => {
  throw new GraphQLError(detail, { originalError: Failure.of('INVALID_INPUT', detail) });
};

interface Tally {
  aliases: number;
  directives: number;
  selections: number;
  introspects: boolean;
}

// The usual tools unfold types some ten levels below `__schema`: that many are given on top.
const INTROSPECTION_DEPTH = -8;
const META = new Set(['__schema', '__type']);

class LimitWalk {
  readonly tally: Tally = { aliases: 0, directives: 0, selections: 0, introspects: false };
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #open = new Set<string>();

  constructor(document: DocumentNode) {
    const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
    this.#fragments = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  }

  selections(set: SelectionSetNode | undefined, depth: number): void {
    if (set === undefined) return;
    if (depth > MAX_DEPTH) refuse(`The document is nested deeper than ${MAX_DEPTH} levels. Ask for less at once.`);
    for (const selection of set.selections) {
      this.#count(selection.directives?.length ?? 0);
      if (selection.kind === Kind.FRAGMENT_SPREAD) this.#spread(selection.name.value, depth);
      else if (selection.kind === Kind.INLINE_FRAGMENT) this.selections(selection.selectionSet, depth);
      else {
        this.#field(selection.name.value, selection.alias?.value);
        this.selections(selection.selectionSet, META.has(selection.name.value) ? INTROSPECTION_DEPTH : depth + 1);
      }
    }
  }

  #count(directives: number): void {
    if (++this.tally.selections > MAX_SELECTIONS)
      refuse(`The document selects more than ${MAX_SELECTIONS} fields. Ask for less at once.`);
    if ((this.tally.directives += directives) > MAX_DIRECTIVES)
      refuse(`The document has more than ${MAX_DIRECTIVES} directives.`);
  }

  #field(name: string, alias: string | undefined): void {
    if (META.has(name)) this.tally.introspects = true;
    if (alias === undefined) return;
    if (alias.startsWith('__')) refuse('An alias must not begin with two underscores.');
    if (++this.tally.aliases > MAX_ALIASES)
      refuse(`The document has more than ${MAX_ALIASES} aliases. Send several requests.`);
  }

  #spread(name: string, depth: number): void {
    // A cycle is the validator's to report; here it only must end.
    if (this.#open.has(name)) return;
    this.#open.add(name);
    this.selections(this.#fragments.get(name)?.selectionSet, depth);
    this.#open.delete(name);
  }
}

/** Throws a GraphQLError that names the limit; else tells whether the document asks about the schema. */
export const checkLimits = (document: DocumentNode): { introspects: boolean } => {
  const walk = new LimitWalk(document);
  for (const definition of document.definitions)
    if (definition.kind === Kind.OPERATION_DEFINITION) walk.selections(definition.selectionSet, 1);
  return { introspects: walk.tally.introspects };
};
