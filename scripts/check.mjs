import { runSteps } from './check-lane.mjs';
import { readyOrExit } from './setup.mjs';
import { closingLine, runVitest, total } from './vitest.mjs';

const node = await readyOrExit({ built: false });
const steps = await runSteps(node);
const tests = await runVitest({ node, projects: ['unit', 'golden'] });
const count = total([...steps, tests]);
console.log(closingLine(count));
process.exitCode = count.failed === 0 ? 0 : 1;
