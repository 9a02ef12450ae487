import { Failure } from '@bailey/contract';
import type { DescribeDeps } from './deps.ts';
import { fileClosure, folderOf } from './describe.ts';
import { readResourceFiles, type Resource } from './resource-file.ts';
import { validateResources } from './validation.ts';

/** Body of `POST /control/v1/apply`: resources, and the files that describing them reads, in base64. */
export interface ApplyRequest {
  documents: Omit<Resource, 'where'>[];
  files: Record<string, string>;
}

const addFile = (files: Record<string, string>, path: string, bytes: Uint8Array): void => {
  const text = Buffer.from(bytes).toString('base64');
  if (Object.hasOwn(files, path) && files[path] !== text)
    throw Failure.of(
      'INVALID_RESOURCE',
      `Two resource files mean different files by the path ${path}; apply them one after the other.`,
    );
  files[path] = text;
};

/** A resource file, or a folder of them, as one request. Throws `INVALID_RESOURCE` with every place that is wrong. */
export const applyRequest = async (path: string, deps: DescribeDeps): Promise<ApplyRequest> => {
  const { resources } = await readResourceFiles(path);
  validateResources(resources, deps.adapters);
  const files: Record<string, string> = {};
  for (const resource of resources) {
    if (resource.kind !== 'Bridge') continue;
    const closure = await fileClosure(resource, folderOf(resource), deps);
    for (const [name, bytes] of Object.entries(closure)) addFile(files, name, bytes);
  }
  return { documents: resources.map(({ where: _, ...document }) => document as Omit<Resource, 'where'>), files };
};
