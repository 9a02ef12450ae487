#!/usr/bin/env node
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runToEnd } from './child.mjs';
import { root } from './root.mjs';
import { readyOrExit } from './setup.mjs';

const node = await readyOrExit();
const main = join(root, 'apps', 'cli', 'dist', 'main.js');
if (node === process.execPath) await import(pathToFileURL(main).href);
else process.exitCode = await runToEnd(node, [main, ...process.argv.slice(2)]);
