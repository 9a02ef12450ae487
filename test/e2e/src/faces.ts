import supertest from 'supertest';

/** A JSON value as a caller meets it. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export interface Question {
  bridge: string;
  operation: string;
  input: { [name: string]: Json };
  /** What GraphQL selects of the answer; '' where there is nothing to select. */
  selection: string;
  /** `true`: a GraphQL mutation. */
  writes?: boolean;
}

/** What either face says: a value, or the problem document with its status. */
export interface Answer {
  value?: unknown;
  problem?: { status: number; code: string; [member: string]: unknown };
}

export type Headers = Record<string, string>;
export type Face = (dataUrl: string, question: Question, headers?: Headers) => Promise<Answer>;

export const askRest: Face = async (dataUrl, { bridge, operation, input }, headers = {}) => {
  const response = await supertest(dataUrl).post(`/api/${bridge}/${operation}`).set(headers).send(input);
  return response.ok ? { value: response.body } : { problem: response.body };
};

const camelCase = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

const literal = (value: Json): string => {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return `{ ${membersOf(value)} }`;
  return JSON.stringify(value);
};

const membersOf = (object: { [name: string]: Json }): string =>
  Object.entries(object)
    .map(([name, value]) => `${name}: ${literal(value)}`)
    .join(', ');

const documentOf = ({ bridge, operation, input, selection, writes = false }: Question): string => {
  const given = membersOf(input);
  return `${writes ? 'mutation' : 'query'} { answer: ${camelCase(bridge)}_${operation}${given === '' ? '' : `(${given})`} ${selection} }`;
};

export const askGraphql: Face = async (dataUrl, question, headers = {}) => {
  const query = documentOf(question);
  const { body } = await supertest(dataUrl).post('/graphql').set(headers).send({ query });
  return body.errors === undefined ? { value: body.data.answer } : { problem: body.errors[0].extensions };
};

/** Both doors: what holds at one holds at the other. */
export const FACES: [string, Face][] = [
  ['REST', askRest],
  ['GraphQL', askGraphql],
];
