import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Io } from './io.ts';

/** Where a plane listens, and the key that it knows us by. */
export interface Target {
  url: string;
  token?: string;
  /** Said when nothing answers there. */
  origin: string;
}

/** There is no gateway to talk to. */
export class NothingRuns extends Error {
  override readonly name = 'NothingRuns';
}

export type Plane = 'control' | 'data';

const RUN_FILE = 'run.json';

const homeOf = ({ env, cwd }: Io): string => resolve(cwd, env['BAILEY_HOME'] || '.bailey');

const textOf = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new NothingRuns(`${path} cannot be read (${error.code ?? error.message})`);
  });

const urlIn = (text: string, plane: Plane): string | undefined => {
  try {
    const url = (JSON.parse(text) as Record<string, unknown>)[`${plane}Url`];
    return typeof url === 'string' && URL.canParse(url) ? url : undefined;
  } catch {
    return undefined;
  }
};

const runningUrl = async (plane: Plane, variable: string, io: Io): Promise<Target> => {
  const path = join(homeOf(io), RUN_FILE);
  const text = await textOf(path);
  const fix = `Start it with "npm start", or set ${variable} (or BAILEY_HOME, when it lives elsewhere).`;
  if (text === undefined) throw new NothingRuns(`No gateway runs here: there is no ${path}. ${fix}`);
  const url = urlIn(text, plane);
  if (url === undefined) throw new NothingRuns(`${path} names no ${plane}Url. ${fix}`);
  return { url, origin: path };
};

const namedUrl = (url: string, variable: string): Target => {
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) return { url, origin: variable };
  throw new NothingRuns(`${variable} is no http(s) URL`);
};

/** The key of this machine's standalone opens nothing elsewhere, and must not be shown there. */
const isHere = ({ url, origin }: Target): boolean =>
  origin.endsWith(RUN_FILE) || /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);

const tokenOf = async (target: Target, io: Io): Promise<string | undefined> => {
  const given = io.env['BAILEY_TOKEN'];
  if (given || !isHere(target)) return given || undefined;
  return (await textOf(join(homeOf(io), 'admin.key')))?.trim() || undefined;
};

/** From the environment, else from the standalone that runs in BAILEY_HOME. Throws {@link NothingRuns}. */
export const targetOf = async (plane: Plane, io: Io): Promise<Target> => {
  const variable = plane === 'control' ? 'BAILEY_CONTROL_URL' : 'BAILEY_DATA_URL';
  const named = io.env[variable];
  const found = named ? namedUrl(named, variable) : await runningUrl(plane, variable, io);
  const token = await tokenOf(found, io);
  return { ...found, url: found.url.replace(/\/+$/, ''), ...(token !== undefined && { token }) };
};
