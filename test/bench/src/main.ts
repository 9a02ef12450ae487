import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { clientContender, serverContender, startScript, stop } from './contender.ts';
import type { Contender } from './contender.ts';
import { startGateway } from './gateway.ts';
import { judge } from './limits.ts';
import type { Results } from './limits.ts';
import { BENCH, SIZE_NAMES, pathOf } from './payload.ts';
import type { Size } from './payload.ts';
import { formatTable, formatVerdicts } from './table.ts';

/**
 * `npm run bench [-- --rounds 7 --calls 4000 --save]`: contenders take turns, so that a busy minute of the machine
 * hits them all. The unit is CPU a call: on a shared machine it says what time does not.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    calls: { type: 'string', default: '4000' },
    save: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);

// A 30 kB answer costs node-soap milliseconds: a quarter of the calls is enough to rise above the clock's ticks.
const callsOf = (size: Size): number => Number(values.calls) / (size === '30 kB' ? 4 : 1);

// The optimising compiler takes some thousand calls to settle: what a gateway costs in its first second is another matter.
const WARM_UP = 2;

const openContenders = async (origin: string, open: AsyncDisposableStack): Promise<Contender[]> => {
  const opened = async (contender: Promise<Contender>): Promise<Contender> =>
    open.adopt(await contender, (each) => each.close());
  const { child, ready } = await startScript('contenders/pass-through.ts', [origin]);
  return [
    await opened(clientContender('raw dispatch', 'contenders/raw-dispatch.ts', origin)),
    await opened(clientContender("bailey's codec", 'contenders/codec.ts', origin)),
    await opened(clientContender('node-soap', 'contenders/node-soap.ts', origin)),
    await opened(Promise.resolve(serverContender('pass-through', child, `http://127.0.0.1:${ready}`, pathOf))),
    await opened(startGateway(origin)),
  ];
};

const runRounds = async (contenders: Contender[]): Promise<Results> => {
  const results: Results = Object.fromEntries(contenders.map(({ name }) => [name, { '1 kB': [], '30 kB': [] }]));
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const size of SIZE_NAMES)
      for (const { name, measure } of contenders) {
        const cost = await measure(size, callsOf(size));
        if (round >= 0) results[name]![size].push(cost);
      }
    process.stderr.write(round < 0 ? 'warm' : ` ${round + 1}/${rounds}`);
  }
  process.stderr.write('\n');
  return results;
};

const save = (results: Results): void => {
  const folder = join(BENCH, 'results');
  const file = join(folder, `${new Date().toISOString().slice(0, 10)}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify({ node: process.version, cpu: cpus()[0]?.model, results }, null, 2)}\n`);
};

/** Starts everything, measures, and leaves no process behind, whatever happens. */
const measureAll = async (): Promise<Results> => {
  await using open = new AsyncDisposableStack();
  const backend = await startScript('canned-server.ts', []);
  open.defer(() => stop(backend.child));
  const contenders = await openContenders(`http://127.0.0.1:${backend.ready}`, open);
  // Awaited here: what is `using` ends with the block.
  return await runRounds(contenders);
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const results = await measureAll();
const verdicts = judge(results);
console.log(formatTable(results));
console.log(formatVerdicts(verdicts));
if (values.save) save(results);
process.exitCode = verdicts.every(({ isMet }) => isMet) ? 0 : 1;
