import { join } from 'node:path';
import { runToEnd } from './child.mjs';
import { root } from './root.mjs';
import { readyOrExit } from './setup.mjs';
import { closingLine, runVitest } from './vitest.mjs';

/** One lane alone: `npm run e2e -- mq` runs the e2e files whose path contains `mq`; `npm run golden` writes the golden files. */
const vitestLane = (project) => async (node, args) => {
  const filters = args.filter((arg) => arg !== '-u');
  // The golden lane is there to write; `npm run check` is what compares.
  const update = project === 'golden' || args.includes('-u') ? 'all' : 'none';
  const count = await runVitest({ node, projects: [project], filters, update });
  console.log(closingLine(count));
  return count.failed === 0 ? 0 : 1;
};

const programLane = (main) => (node, args) => runToEnd(node, [join(root, main), ...args], { cwd: root });

const LANES = {
  e2e: vitestLane('e2e'),
  conformance: vitestLane('conformance'),
  golden: vitestLane('golden'),
  bench: programLane('test/bench/src/main.ts'),
};

const [name, ...args] = process.argv.slice(2);
const lane = LANES[name];
if (lane === undefined) {
  console.error(`Unknown lane ${name}: one of ${Object.keys(LANES).join(', ')}`);
  process.exit(2);
}
process.exitCode = await lane(await readyOrExit(), args);
