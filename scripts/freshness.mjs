import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

const isInstalled = (wanted, found) =>
  found === undefined
    ? wanted.optional === true || wanted.peer === true
    : wanted.link === true || found.version === wanted.version;

/**
 * True when node_modules holds what package-lock.json asks for: npm's own record of the last complete install is
 * compared entry by entry, so it is right after `npm ci`, `npm install` and a pull alike.
 */
export const isInstallFresh = (root) => {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const found = readJson(record).packages;
  const wanted = readJson(join(root, 'package-lock.json')).packages;
  return Object.entries(wanted).every(([path, entry]) => path === '' || isInstalled(entry, found[path]));
};

/** Folders of the TypeScript projects, from the references of the root tsconfig.json. */
export const projectFolders = (root) =>
  readJson(join(root, 'tsconfig.json')).references.map(({ path }) => join(root, path));

const isSource = (name) => /\.(ts|tsx|json)$/.test(name) && !/\.test(-data)?\.ts$/.test(name);
const isSkipped = (name) => name === 'node_modules' || name === 'dist';

const hasNewer = (folder, since) =>
  readdirSync(folder, { withFileTypes: true }).some((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return !isSkipped(entry.name) && hasNewer(path, since);
    return isSource(entry.name) && statSync(path).mtimeMs > since;
  });

const stampOf = (root) => join(root, 'node_modules', '.cache', 'bailey', 'built');

const stampTime = (root) => statSync(stampOf(root), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** True when every project was built and no source is newer than the start of the last good build. */
export const isBuildFresh = (root) => {
  const since = stampTime(root);
  if (since === 0 || statSync(join(root, 'tsconfig.base.json')).mtimeMs > since) return false;
  const projects = projectFolders(root);
  return projects.every((project) => existsSync(join(project, 'dist', '.tsbuildinfo')) && !hasNewer(project, since));
};

/** Records a good build. `startedAt`: sources saved while it ran count as newer. */
export const stampBuild = (root, startedAt) => {
  mkdirSync(dirname(stampOf(root)), { recursive: true });
  writeFileSync(stampOf(root), '');
  utimesSync(stampOf(root), startedAt, startedAt);
};
