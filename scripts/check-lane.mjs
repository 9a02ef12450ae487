import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { runQuietly, wasStopped } from './child.mjs';
import { root } from './root.mjs';
import { build } from './setup.mjs';

const bin = (...path) => join(root, 'node_modules', ...path);

const program =
  (...args) =>
  async (node) => {
    const { code, output } = await runQuietly(node, args, { cwd: root });
    if (wasStopped(code)) process.exit(code);
    if (code !== 0) throw new Error(output.trimEnd());
  };

const format = { name: 'format', run: program(bin('oxfmt', 'bin', 'oxfmt'), '--check', '.') };
const lint = { name: 'lint', run: program(bin('oxlint', 'bin', 'oxlint'), '--deny-warnings', '.') };
const boundaries = { name: 'boundaries', run: program(join(root, 'scripts', 'boundaries.mjs')) };
// The build itself: what comes after finds it fresh.
const types = { name: 'types', run: () => build() };
const testTypes = { name: 'types of tests', run: program(bin('typescript', 'bin', 'tsc'), '-p', 'tsconfig.test.json') };

const runStep =
  (node) =>
  async ({ name, run }) => {
    const startedAt = performance.now();
    const failure = await run(node).then(
      () => undefined,
      (error) => error.message,
    );
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${failure === undefined ? '✓' : '✗'} ${name} (${seconds} s)`);
    if (failure !== undefined) console.log(failure);
    return { passed: failure === undefined ? 1 : 0, failed: failure === undefined ? 0 : 1, skipped: 0 };
  };

/**
 * Format, lint, boundaries and types; a step's output is shown when it fails.
 * @returns {Promise<import('./vitest.mjs').Count[]>} one count a step
 */
export const runSteps = async (node) => {
  const step = runStep(node);
  const light = [await step(format), await step(lint)];
  // Each is one core for about as long.
  return [...light, ...(await Promise.all([boundaries, types, testTypes].map(step)))];
};
