import { build, readyOrExit } from './setup.mjs';

await readyOrExit();
await build().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
