import { resolve } from 'node:path';
import { readResourceFiles, validateResources, type Resource } from '@bailey/bridges';
import { adapters } from '@bailey/adapters';
import type { Io } from './io.ts';

/** As it was given where that means the same file, so that errors name it as its user does. */
const pathIn = (path: string, { cwd }: Io): string => (cwd === process.cwd() ? path : resolve(cwd, path));

/** The valid resources of files and folders; throws `INVALID_RESOURCE` with every place that is wrong. */
export const loadResources = async (paths: readonly string[], io: Io): Promise<Resource[]> => {
  const read = await Promise.all(paths.map((path) => readResourceFiles(pathIn(path, io))));
  const resources = read.flatMap((each) => each.resources);
  validateResources(resources, adapters);
  return resources;
};
