import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { exitCodeOf } from './child.mjs';
import { root } from './root.mjs';
import { readyOrExit } from './setup.mjs';

// The compiler rewrites what an edit touches; Node restarts when a file that it loaded is rewritten.
const node = await readyOrExit();
const start = (args, stdio) => spawn(node, args, { cwd: root, stdio });
const compiler = start([join(root, 'node_modules/typescript/bin/tsc'), '-b', '-w', '--preserveWatchOutput'], 'inherit');
const gateway = start(
  [
    '--watch',
    '--watch-preserve-output',
    '--enable-source-maps',
    join(root, 'apps/standalone/dist/main.js'),
    ...process.argv.slice(2),
  ],
  ['inherit', 'inherit', 'inherit', 'ipc'],
);

const children = [compiler, gateway];
const stop = (signal) => children.forEach((child) => child.kill(signal));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
for (const child of children)
  child.once('exit', (code, signal) => {
    process.exitCode = exitCodeOf(code, signal);
    stop('SIGTERM');
  });
