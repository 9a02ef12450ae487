import { runSteps } from './check-lane.mjs';
import { ensureTools } from './debian.mjs';
import { readyOrExit } from './setup.mjs';
import { closingLine, runVitest, total } from './vitest.mjs';

// No value may depend on where the process runs: west of UTC with summer time, UTC, and a half-hour zone.
const ZONES = ['UTC', 'America/New_York', 'Asia/Kolkata'];

// In CI a missing tool is a failure: what is skipped there is never tested.
if (process.env.CI === 'true') process.env.BAILEY_CI = '1';

const node = await readyOrExit({ built: false });
await ensureTools();

const counts = await runSteps(node);
for (const TZ of ZONES) {
  console.log(`unit tests, TZ=${TZ}`);
  counts.push(await runVitest({ node, projects: ['unit'], env: { TZ } }));
}
for (const project of ['golden', 'daemon', 'conformance', 'e2e']) {
  console.log(`${project} tests`);
  counts.push(await runVitest({ node, projects: [project] }));
}

const count = total(counts);
console.log(closingLine(count));
process.exitCode = count.failed === 0 ? 0 : 1;
