import type { Adapter } from '@bailey/contract';
import { parseResources, validateResources, type Resource } from '@bailey/bridges';
import type { BridgeDoc, SourceFiles } from '@bailey/inventory';
import { bodyReader, wrongBody } from '../request-body.ts';

interface ApplyBody {
  /** YAML text (of one document or several), or a resource as an object. */
  documents: (string | object)[];
  /** By the path that the resource writes, base64. */
  files?: Record<string, string>;
  /** Of the only bridge, or by the name of each. */
  expectedRevision?: number | Record<string, number>;
}

/** Resources that fit their schemas, and the files they were sent with. */
export interface ApplyRequest {
  resources: Resource[];
  files: SourceFiles;
  expectedRevisions: ReadonlyMap<string, number>;
}

const REVISION = { type: 'integer', minimum: 0 } as const;

const readBody = bodyReader<ApplyBody>({
  type: 'object',
  properties: {
    documents: { type: 'array', minItems: 1, items: { type: ['string', 'object'] } },
    files: { type: 'object', additionalProperties: { type: 'string' } },
    expectedRevision: { type: ['integer', 'object'], minimum: 0, additionalProperties: REVISION },
  },
  required: ['documents'],
  additionalProperties: false,
});

const pointerTo = (path: string): string => `/files/${path.replaceAll('~', '~0').replaceAll('/', '~1')}`;

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

const decodeFiles = (encoded: Record<string, string>): SourceFiles => {
  const files: SourceFiles = Object.create(null);
  for (const [path, text] of Object.entries(encoded)) {
    if (!BASE64.test(text)) throw wrongBody([{ pointer: pointerTo(path), message: 'must be base64' }]);
    files[path] = Buffer.from(text, 'base64');
  }
  return files;
};

/** `documents[1]` is what errors name as the file: the sender knows which of its own that was. */
const parseDocuments = (documents: ApplyBody['documents']): Resource[] =>
  documents.flatMap((document, index) =>
    // JSON is YAML.
    parseResources(typeof document === 'string' ? document : JSON.stringify(document), `documents[${index}]`),
  );

export const isBridge = (resource: Resource): resource is BridgeDoc => resource.kind === 'Bridge';

const expectations = (
  expected: ApplyBody['expectedRevision'],
  bridges: readonly string[],
): ReadonlyMap<string, number> => {
  if (expected === undefined) return new Map();
  if (typeof expected === 'number') {
    if (bridges.length === 1) return new Map([[bridges[0]!, expected]]);
    throw wrongBody([{ pointer: '/expectedRevision', message: 'must name the bridges unless there is just one' }]);
  }
  const strange = Object.keys(expected).filter((name) => !bridges.includes(name));
  if (strange.length === 0) return new Map(Object.entries(expected));
  throw wrongBody(
    strange.map((name) => ({ pointer: `/expectedRevision/${name}`, message: 'is no bridge of these documents' })),
  );
};

/** Throws `MALFORMED_JSON`, `INVALID_INPUT` (the body) or `INVALID_RESOURCE` (what stands in it), all located. */
export const readApplyRequest = (text: string | undefined, adapters: readonly Adapter[]): ApplyRequest => {
  const { documents, files = {}, expectedRevision } = readBody(text);
  const resources = parseDocuments(documents);
  validateResources(resources, adapters);
  const bridges = resources.filter(isBridge).map(({ metadata }) => metadata.name);
  return { resources, files: decodeFiles(files), expectedRevisions: expectations(expectedRevision, bridges) };
};
