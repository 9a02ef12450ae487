import { Failure } from '@bailey/contract';
import type { DescribeDeps } from './deps.ts';
import { fileClosure, folderOf } from './describe.ts';
import type { Resource } from './resource-file.ts';

/** Body of `POST /control/v1/apply`: resources, and the files that describing them reads, in base64. */
export interface ApplyRequest {
  documents: Omit<Resource, 'where'>[];
  files: Record<string, string>;
}

type Files = ApplyRequest['files'];

/** Paths stand as they are written, so two folders may mean two files by one path; an apply has only one of them. */
const addFile = (files: Files, path: string, bytes: Uint8Array, { metadata, where }: Resource): void => {
  const text = Buffer.from(bytes).toString('base64');
  if ((files[path] ??= text) === text) return;
  const message = `"${path}" is another file here than for a bridge before; apply the two one by one`;
  const errors = [{ pointer: '/spec/connection', message, kind: 'Bridge', name: metadata.name, ...where }];
  throw Failure.of('INVALID_RESOURCE', `Collecting files: ${message}.`, { errors });
};

/** Valid resources as one request. Throws `INVALID_RESOURCE` where two bridges mean different files by one path. */
export const applyRequest = async (resources: readonly Resource[], deps: DescribeDeps): Promise<ApplyRequest> => {
  const files = Object.create(null) as Files;
  for (const resource of resources) {
    if (resource.kind !== 'Bridge') continue;
    const closure = await fileClosure(resource, folderOf(resource), deps);
    for (const [path, bytes] of Object.entries(closure)) addFile(files, path, bytes, resource);
  }
  return { documents: resources.map(({ where: _, ...document }) => document as Omit<Resource, 'where'>), files };
};
