import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

// `npm install` by hand: the declarations of the libraries must exist before an editor or `nest build` looks.
// Not when set-up runs the install (it builds by itself), nor without the compiler (`npm ci --omit=dev`).
if (process.env.BAILEY_SETUP === undefined && existsSync(join(root, 'node_modules', 'typescript'))) {
  const { build } = await import('./setup.mjs');
  await build().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
