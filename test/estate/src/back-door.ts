import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { join, normalize } from 'node:path';
import { ESTATE } from './estate.ts';
import type { Journal } from './journal.ts';
import type { Trouble } from './trouble.ts';

const notFound = (response: ServerResponse): void => {
  response.writeHead(404).end();
};

// The imports of the WSDL and nothing else: the path stays below the folder, and only schema files are served.
const serveSchema = async (path: string, response: ServerResponse): Promise<void> => {
  const file = normalize(join(ESTATE, path));
  const isServed = file.startsWith(join(ESTATE, 'policy/')) && /\.(wsdl|xsd)$/.test(file);
  const text = isServed ? await readFile(file, 'utf8').catch(() => undefined) : undefined;
  if (text === undefined) return notFound(response);
  response.writeHead(200, { 'content-type': 'application/xml' }).end(text);
};

/**
 * What is served beside SOAP: the schema files, and for tests `GET|DELETE /journal` (what arrived; forget it) and
 * `PUT /trouble` (a {@link Trouble}).
 */
export const backDoor =
  (journal: Journal, setTrouble: (trouble: Trouble) => void) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', 'http://estate').pathname;
    if (path === '/trouble' && request.method === 'PUT') setTrouble((await json(request)) as Trouble);
    else if (path === '/journal' && request.method === 'DELETE') journal.clear();
    else if (path !== '/journal') return request.method === 'GET' ? serveSchema(path, response) : notFound(response);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(journal.page()));
  };
