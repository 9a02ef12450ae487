import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { runQuietly, wasStopped } from './child.mjs';
import { isBuildFresh, isInstallFresh, stampBuild } from './freshness.mjs';
import { withLock } from './lock.mjs';
import { NODE_VERSION, node24, nodePackage } from './node24.mjs';
import { root } from './root.mjs';

// npm hands the settings of the command that runs us down by environment; an install must not inherit what names
// another command's package, workspace or prefix.
const HANDED_DOWN =
  /^npm_(lifecycle_|package_|command$|config_(call|package|workspace|workspaces|local_prefix|prefix|loglevel|ignore_scripts)$)/;

const installEnvironment = () => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !HANDED_DOWN.test(name))),
  BAILEY_SETUP: '1',
});

const isRecent = () => Number.parseInt(process.versions.node, 10) >= 24;

// Under Node 24 npm has no engine to warn of; the machine's own npm is the way where that Node cannot be fetched.
const installCommands = () => {
  const carrier = nodePackage();
  const plain = ['npm', ['ci']];
  return isRecent() || carrier === undefined
    ? [plain]
    : [['npx', ['-y', `--package=${carrier}@${NODE_VERSION}`, '--', 'npm', 'ci']], plain];
};

const progress = (quiet) => async (title, work) => {
  const startedAt = performance.now();
  if (!quiet) process.stderr.write(`${title}… `);
  await work();
  if (!quiet) process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`);
};

const install = async (share) => {
  let output = '';
  for (const [command, args] of installCommands()) {
    const done = await runQuietly(command, args, {
      cwd: root,
      env: installEnvironment(),
      onSpawn: (child) => share(child.pid),
    });
    if (done.code === 0) return;
    if (wasStopped(done.code)) process.exit(done.code);
    output += done.output;
  }
  throw new Error(`Installing the dependencies failed:\n${output}`);
};

/** Compiles every project; the compiler itself skips what has not changed. */
export const build = async ({ share = () => {} } = {}) => {
  const startedAt = new Date();
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const done = await runQuietly(node24(root), [compiler, '-b'], { cwd: root, onSpawn: (child) => share(child.pid) });
  if (done.code !== 0) throw new Error(`The build failed:\n${done.output}`);
  stampBuild(root, startedAt);
};

/**
 * Installs and builds what is not up to date; two commands started at once do it once. Progress goes to stderr.
 * @param {{quiet?: boolean, built?: boolean}} options `quiet`: no progress, a failure is still told; `built: false`:
 *   only install, for a command that compiles as one of its own steps
 * @returns {Promise<string>} path of a Node ≥ 24
 */
export const ensureReady = async ({ quiet = false, built = true } = {}) => {
  const isBuilt = () => !built || isBuildFresh(root);
  if (isInstallFresh(root) && isBuilt()) return node24(root);
  const step = progress(quiet);
  const onWait = () => quiet || process.stderr.write('Waiting for the set-up that another command has begun…\n');
  await withLock(
    join(root, '.setup.lock'),
    async ({ share }) => {
      if (!isInstallFresh(root)) await step('Installing dependencies', () => install(share));
      if (!isBuilt()) await step('Building', () => build({ share }));
    },
    { onWait },
  );
  return node24(root);
};

/** {@link ensureReady} for a command: a failure is printed and ends the process with 1. */
export const readyOrExit = async (options) => {
  try {
    return await ensureReady(options);
  } catch (error) {
    process.stderr.write(`\n${error.message}\n`);
    process.exit(1);
  }
};
