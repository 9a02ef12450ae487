import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runQuietly } from './child.mjs';

/** What the tests need beyond npm: a command, and the Debian package that brings it. */
const NEEDED = [{ command: 'promtool', package: 'prometheus' }];

const isOnPath = (command) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));

const isDebianRoot = () =>
  process.getuid?.() === 0 && existsSync('/usr/bin/apt-get') && /debian/i.test(readFileSync('/etc/os-release', 'utf8'));

const POLICY = '/usr/sbin/policy-rc.d';

// Debian starts a daemon as soon as its package is unpacked; we want the tool beside it and no server on its port.
const withoutDaemons = async (work) => {
  const isOurs = !existsSync(POLICY);
  if (isOurs) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await work();
  } finally {
    if (isOurs) rmSync(POLICY);
  }
};

const aptGet = (...args) =>
  runQuietly('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });

const install = async (packages) => {
  const attempt = () => aptGet('install', '-y', '--no-install-recommends', ...packages);
  let done = await attempt();
  // Package lists are absent in slim images, and stale lists name files that are gone.
  if (done.code !== 0) done = (await aptGet('update')).code === 0 ? await attempt() : done;
  if (done.code !== 0) process.stderr.write(done.output);
};

/** Installs what is missing where that is ours to do; else says what is missing and which tests wait for it. */
export const ensureTools = async () => {
  const missing = () => NEEDED.filter(({ command }) => !isOnPath(command));
  const packages = missing().map(({ package: name }) => name);
  if (packages.length === 0) return;
  if (isDebianRoot()) {
    process.stderr.write(`Installing Debian packages: ${packages.join(', ')}\n`);
    await withoutDaemons(() => install(packages));
  }
  for (const { command, package: name } of missing())
    process.stderr.write(
      `Missing: ${command} (Debian package ${name}); the tests that need it are skipped, or fail in CI.\n`,
    );
};
