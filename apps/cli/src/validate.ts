import { EXIT, type ExitCode } from './exit.ts';
import { printJson, type Io } from './io.ts';
import { loadResources } from './resources.ts';

const plural = (count: number): string => (count === 1 ? '1 resource is' : `${count} resources are`);

/** `bailey validate`: offline, against the one schema of resource files. */
export const validate = async (paths: string[], flags: { json?: boolean }, io: Io): Promise<ExitCode> => {
  const resources = await loadResources(paths, io);
  const names = resources.map(({ kind, metadata }) => ({ kind, name: metadata.name }));
  await (flags.json ? printJson(io, { ok: true, resources: names }) : io.stdout(`${plural(names.length)} valid\n`));
  return EXIT.done;
};
