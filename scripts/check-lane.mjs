import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { runQuietly } from './child.mjs';
import { root } from './root.mjs';

const bin = (...path) => join(root, 'node_modules', ...path);

const STEPS = [
  { name: 'format', args: [bin('oxfmt', 'bin', 'oxfmt'), '--check', '.'] },
  { name: 'lint', args: [bin('oxlint', 'bin', 'oxlint'), '--deny-warnings', '.'] },
  { name: 'boundaries', args: [join(root, 'scripts', 'boundaries.mjs')] },
  { name: 'types', args: [bin('typescript', 'bin', 'tsc'), '-b'] },
  { name: 'types of tests', args: [bin('typescript', 'bin', 'tsc'), '-p', 'tsconfig.test.json'] },
];

const runStep =
  (node) =>
  async ({ name, args }) => {
    const startedAt = performance.now();
    const { code, output } = await runQuietly(node, args, { cwd: root });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${code === 0 ? '✓' : '✗'} ${name} (${seconds} s)`);
    if (code !== 0) console.log(output.trimEnd());
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  };

/**
 * Format, lint, boundaries and types; a step's output is shown when it fails.
 * @returns {Promise<import('./vitest.mjs').Count[]>} one count a step
 */
export const runSteps = async (node) => {
  const [format, lint, boundaries, ...types] = STEPS;
  const step = runStep(node);
  const light = [await step(format), await step(lint)];
  // The compiler and the boundary check are one core each, for about as long.
  return [...light, ...(await Promise.all([step(boundaries), ...types.map(step)]))];
};
