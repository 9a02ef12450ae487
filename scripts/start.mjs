import { join } from 'node:path';
import { runToEnd } from './child.mjs';
import { root } from './root.mjs';
import { readyOrExit } from './setup.mjs';

const PARENT_POLL_MS = 500;

// Killed by SIGKILL, npm cannot tell us: we see that our parent has changed. Only under npm, for a shell that starts
// us in the background and ends means us to stay. The timer never keeps the process alive.
const stopWithNpm = (child) => {
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event === undefined) return;
  setInterval(() => process.ppid === parent || child.kill('SIGTERM'), PARENT_POLL_MS).unref();
};

const node = await readyOrExit();
const main = join(root, 'apps', 'standalone', 'dist', 'main.js');
// The IPC channel is the lifeline: when this process dies by SIGKILL, the child sees 'disconnect' and stops.
process.exitCode = await runToEnd(node, ['--enable-source-maps', main, ...process.argv.slice(2)], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  detached: true,
  onSpawn: stopWithNpm,
});
