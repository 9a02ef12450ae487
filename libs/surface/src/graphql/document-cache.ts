import {
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  getOperationAST,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
} from './graphql-js.ts';
import { compileDocument, interpretQuery, type RunQuery } from './compiled-query.ts';
import { MAX_TOKENS, checkLimits } from './limits.ts';

const MAX_DOCUMENTS = 500;
// One of these in memory is some thousand times its text; longer texts are served, but not kept.
const MAX_KEPT_CHARACTERS = 20_000;
const MAX_VALIDATION_ERRORS = 20;

export interface PreparedDocument {
  readonly document: DocumentNode;
  readonly introspects: boolean;
  readonly run: RunQuery;
}

/** Whatever text comes twice is worth compiling: a caller who never repeats itself costs no code. */
class Document implements PreparedDocument {
  readonly document: DocumentNode;
  readonly introspects: boolean;
  readonly #schema: GraphQLSchema;
  readonly #operationName: string | undefined;
  #isRepeated = false;
  #run: RunQuery;

  constructor(schema: GraphQLSchema, document: DocumentNode, operationName: string | undefined, introspects: boolean) {
    this.#schema = schema;
    this.document = document;
    this.introspects = introspects;
    this.#operationName = operationName;
    this.#run = interpretQuery(schema, document, operationName);
  }

  get run(): RunQuery {
    return this.#run;
  }

  /** Called for each use after the first. */
  repeat(): this {
    if (!this.#isRepeated) this.#compile();
    this.#isRepeated = true;
    return this;
  }

  #compile(): void {
    const operation = getOperationAST(this.document, this.#operationName);
    if (operation == null || this.introspects) return;
    this.#run = compileDocument(this.#schema, this.document, operation) ?? this.#run;
  }
}

export type Refused = readonly GraphQLError[];

const prepare = (schema: GraphQLSchema, query: string, operationName: string | undefined): Document | Refused => {
  try {
    const document = parse(query, { maxTokens: MAX_TOKENS });
    const { introspects } = checkLimits(document);
    const errors = validate(schema, document, specifiedRules, { maxErrors: MAX_VALIDATION_ERRORS });
    return errors.length > 0 ? errors : new Document(schema, document, operationName, introspects);
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
};

/** The documents of one schema; the oldest go first. It dies with its schema, so no answer mixes two of them. */
export class DocumentCache {
  readonly #documents = new Map<string, Document>();
  readonly #schema: GraphQLSchema;

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  get(query: string, operationName: string | undefined, mayIntrospect: boolean): PreparedDocument | Refused {
    const key = `${operationName ?? ''}\n${query}`;
    const known = this.#documents.get(key);
    const found = known?.repeat() ?? prepare(this.#schema, query, operationName);
    if (!(found instanceof Document)) return found;
    if (found.introspects && !mayIntrospect)
      return validate(this.#schema, found.document, [NoSchemaIntrospectionCustomRule]);
    if (known === undefined) this.#keep(key, found);
    return found;
  }

  #keep(key: string, document: Document): void {
    if (key.length > MAX_KEPT_CHARACTERS) return;
    this.#documents.set(key, document);
    if (this.#documents.size > MAX_DOCUMENTS) this.#documents.delete(this.#documents.keys().next().value!);
  }
}
