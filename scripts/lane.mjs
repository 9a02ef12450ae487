import { join } from 'node:path';
import { runToEnd } from './child.mjs';
import { root } from './root.mjs';
import { readyOrExit } from './setup.mjs';
import { closingLine, runVitest } from './vitest.mjs';

/** One lane alone: `npm run e2e -- mq` runs the e2e files whose path contains `mq`. */
const vitestLane = (project) => async (node, filters) => {
  const count = await runVitest({ node, projects: [project], filters });
  console.log(closingLine(count));
  return count.failed === 0 ? 0 : 1;
};

const programLane = (main) => (node, args) => runToEnd(node, [join(root, main), ...args], { cwd: root });

const LANES = {
  e2e: vitestLane('e2e'),
  conformance: vitestLane('conformance'),
  bench: programLane('test/bench/src/main.ts'),
};

const [name, ...args] = process.argv.slice(2);
const lane = LANES[name];
if (lane === undefined) {
  console.error(`Unknown lane ${name}: one of ${Object.keys(LANES).join(', ')}`);
  process.exit(2);
}
process.exitCode = await lane(await readyOrExit(), args);
