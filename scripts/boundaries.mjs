import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import rules from '../.dependency-cruiser.mjs';
import { root } from './root.mjs';

const ROOMS = ['libs', 'adapters', 'apps', 'test'];
const SKIPPED = new Set(['node_modules', 'dist', 'results']);

const countSources = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !SKIPPED.has(entry.name))
    .reduce((sum, entry) => {
      if (entry.isDirectory()) return sum + countSources(join(folder, entry.name));
      return sum + (entry.name.endsWith('.ts') ? 1 : 0);
    }, 0);

/**
 * Checks the imports of a checkout against the map in .dependency-cruiser.mjs.
 * @param {string} folder root of the checkout
 * @returns {Promise<{modules: number, sources: number, violations: string[]}>} `modules` are the ones of ours that
 *   were read; fewer than the `sources` on disk means that the check was blind
 */
export const checkBoundaries = async (folder) => {
  const rooms = ROOMS.filter((room) => existsSync(join(folder, room)));
  const { forbidden, options } = rules;
  const { output } = await cruise(
    rooms,
    { ...options, baseDir: folder, ruleSet: { forbidden }, validate: true },
    options.enhancedResolveOptions,
  );
  const own = output.modules.filter(({ source }) => /^(?:libs|adapters|apps|test)\/.*\.ts$/.test(source));
  const sources = rooms.reduce((sum, room) => sum + countSources(join(folder, room)), 0);
  const violations = output.summary.violations.map(
    ({ from, to, rule }) =>
      `${from} → ${to}\n    ${rule.name}: ${forbidden.find(({ name }) => name === rule.name).comment}`,
  );
  return { modules: own.length, sources, violations };
};

if (process.argv[1] === import.meta.filename) {
  const { modules, sources, violations } = await checkBoundaries(root);
  for (const violation of violations) console.log(violation);
  console.log(`${modules} modules of ${sources} sources read, ${violations.length} forbidden imports`);
  // dependency-cruiser reads nothing, and finds nothing wrong, under a compiler that it does not know.
  process.exitCode = violations.length > 0 || modules < sources ? 1 : 0;
}
