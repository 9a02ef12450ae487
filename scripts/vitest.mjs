import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runToEnd, wasStopped } from './child.mjs';
import { root } from './root.mjs';

const NOTHING = { passed: 0, failed: 0, skipped: 0 };

/** @typedef {{passed: number, failed: number, skipped: number}} Count */

/** Sum of counts. */
export const total = (counts) =>
  counts.reduce(
    (sum, { passed, failed, skipped }) => ({
      passed: sum.passed + passed,
      failed: sum.failed + failed,
      skipped: sum.skipped + skipped,
    }),
    NOTHING,
  );

/** The one closing line of a test run. */
export const closingLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

// A file that could not be loaded has no tests to count, yet it failed.
const brokenFiles = (report) =>
  report.testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
    .length;

/**
 * Counts of a Vitest JSON report. A run that ended badly although every test passed (an unhandled error, a crashed
 * worker, no report at all) counts as one failure, so that the closing line never says less than the exit code.
 * @returns {Count}
 */
export const countOf = (report, exitCode) => {
  if (report === undefined) return { ...NOTHING, failed: exitCode === 0 ? 0 : 1 };
  const failed = report.numFailedTests + brokenFiles(report);
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
};

const readReport = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
};

/**
 * Runs Vitest on the given projects.
 * @param {{node: string, projects: string[], env?: Record<string, string>, filters?: string[], update?: 'none' | 'all'}} run
 * @returns {Promise<Count>}
 */
export const runVitest = async ({ node, projects, env = {}, filters = [], update = 'none' }) => {
  const folder = mkdtempSync(join(tmpdir(), 'bailey-vitest-'));
  const report = join(folder, 'report.json');
  const args = [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--passWithNoTests',
    // A golden file changes when somebody says so, never because a test ran.
    `--update=${update}`,
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...projects.flatMap((project) => ['--project', project]),
    ...filters,
  ];
  const exitCode = await runToEnd(node, args, { cwd: root, env: { ...process.env, ...env } });
  const count = countOf(readReport(report), exitCode);
  rmSync(folder, { recursive: true, force: true });
  if (wasStopped(exitCode)) process.exit(exitCode);
  return count;
};
