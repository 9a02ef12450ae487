import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

// mkdir and the write of the owner are two steps: a lock without an owner this old was left between them.
const OWNERLESS_MS = 10_000;

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

const ageMs = (path) => {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
};

const ownersOf = (path) => {
  try {
    return readFileSync(join(path, 'owners'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return undefined;
  }
};

const isStale = (path) => {
  const owners = ownersOf(path);
  return owners === undefined || owners.length === 0 ? ageMs(path) > OWNERLESS_MS : !owners.some(isAlive);
};

// Renaming is atomic, so of two that find the same stale lock one clears it and the other looks again.
const clear = (path) => {
  const aside = `${path}.stale-${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  rmSync(aside, { recursive: true, force: true });
};

const take = (path) => {
  try {
    mkdirSync(path);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(join(path, 'owners'), `${process.pid}\n`);
  return true;
};

/**
 * Runs `work` while holding a lock that processes share. A lock whose owners are all dead is taken over.
 * `work` gets `{ share(pid) }`: the lock then also lives as long as that process, so that an install which outlives
 * its killed starter is not joined by a second one.
 */
export const withLock = async (path, work, { onWait = () => {}, pollMs = 200 } = {}) => {
  for (let waited = false; !take(path); waited = true) {
    if (isStale(path)) clear(path);
    else {
      if (!waited) onWait();
      await delay(pollMs);
    }
  }
  const release = () => rmSync(path, { recursive: true, force: true });
  process.once('exit', release);
  try {
    return await work({ share: (pid) => writeFileSync(join(path, 'owners'), `${pid}\n`, { flag: 'a' }) });
  } finally {
    process.off('exit', release);
    release();
  }
};
