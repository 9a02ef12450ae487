import { Failure, type Contract, type Operation, type Value } from '@bailey/contract';
import { parseJson } from './json-text.ts';
import { compileQuery, type ReadQuery } from './query-string.ts';

/** A request below `/api/{bridge}`, as far as routing needs it. */
export interface RestRequest {
  method: string;
  /** The path after the bridge's name, percent-decoded. */
  segments: readonly string[];
  query: URLSearchParams;
  contentType?: string | undefined;
  body?: Uint8Array | undefined;
}

export interface RestMatch {
  operation: Operation;
  /** Parsed, not yet validated. */
  input: Value;
}

/** One row of the bridge's index. */
export interface RestRoute {
  /** API name, the last segment of the path. */
  operation: string;
  methods: readonly string[];
  title?: string | undefined;
  description?: string | undefined;
  effect: Operation['effect'];
}

export interface RestTable {
  /**
   * Throws UNKNOWN_OPERATION, METHOD_NOT_ALLOWED (`more.allow`), UNSUPPORTED_MEDIA_TYPE, MALFORMED_JSON,
   * UNKNOWN_PARAMETER or INVALID_INPUT.
   */
  match(request: RestRequest): RestMatch;
  routes(): RestRoute[];
}

interface Row {
  operation: Operation;
  methods: readonly string[];
  readQuery: ReadQuery | undefined;
}

/** The reader of `GET`'s query string, where the operation answers GET at all. */
export const queryOf = (operation: Operation, contract: Contract): ReadQuery | undefined =>
  operation.effect === 'read' ? compileQuery(operation.input, contract.$defs) : undefined;

const rowOf = (operation: Operation, contract: Contract): Row => {
  const readQuery = queryOf(operation, contract);
  return { operation, readQuery, methods: readQuery === undefined ? ['POST'] : ['GET', 'HEAD', 'POST'] };
};

const JSON_TYPE = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i;

const refuseParameters = (query: URLSearchParams): void => {
  const names = [...new Set(query.keys())];
  if (names.length === 0) return;
  throw Failure.of(
    'UNKNOWN_PARAMETER',
    `Reading the query string: POST takes its input in the body, not as "${names[0]}".`,
    { more: { parameters: names } },
  );
};

const readBody = ({ body, contentType, query }: RestRequest): Value => {
  refuseParameters(query);
  // No body is an empty input; what is required is then named by the validator.
  if (body === undefined || body.length === 0) return Object.create(null) as Record<string, Value>;
  if (contentType === undefined || !JSON_TYPE.test(contentType))
    throw Failure.of(
      'UNSUPPORTED_MEDIA_TYPE',
      'Reading the body: only application/json in UTF-8 is accepted here. Send JSON and say so in Content-Type.',
    );
  return parseJson(body);
};

const unknownOperation = (segments: readonly string[]): Failure =>
  Failure.of(
    'UNKNOWN_OPERATION',
    `The bridge has no operation "${segments.join('/').slice(0, 200)}". See its OpenAPI document.`,
  );

const methodNotAllowed = ({ operation, methods }: Row): Failure =>
  Failure.of('METHOD_NOT_ALLOWED', `"${operation.name}" answers ${methods.join(', ')} only.`, {
    more: { allow: methods },
  });

const match = (rows: ReadonlyMap<string, Row>, request: RestRequest): RestMatch => {
  const row = request.segments.length === 1 ? rows.get(request.segments[0]!) : undefined;
  if (row === undefined) throw unknownOperation(request.segments);
  if (request.method === 'POST') return { operation: row.operation, input: readBody(request) };
  if (row.readQuery === undefined || (request.method !== 'GET' && request.method !== 'HEAD'))
    throw methodNotAllowed(row);
  return { operation: row.operation, input: row.readQuery(request.query) };
};

const routeOf = ({ operation, methods }: Row): RestRoute => {
  const { name, title, description, effect } = operation;
  return { operation: name, methods, title, description, effect };
};

/** The paths of one bridge: compiled once a revision, looked up once a call. */
export const compileRest = (contract: Contract): RestTable => {
  const rows = new Map(contract.operations.map((operation) => [operation.name, rowOf(operation, contract)]));
  return { match: (request) => match(rows, request), routes: () => [...rows.values()].map(routeOf) };
};
