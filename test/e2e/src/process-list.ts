import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const read = (look: () => string): string => {
  try {
    return look();
  } catch {
    return '';
  }
};

// A server that renames itself writes over its environment: the folder it works in is left to know it by.
const tracesOf = (pid: string): string =>
  [
    read(() => readFileSync(`/proc/${pid}/environ`, 'latin1')),
    read(() => readFileSync(`/proc/${pid}/cmdline`, 'latin1')),
    read(() => readlinkSync(`/proc/${pid}/cwd`)),
  ].join('\n');

const commandOf = (pid: string): string =>
  read(() => readFileSync(`/proc/${pid}/cmdline`, 'latin1')).replaceAll('\0', ' ');

/** Every living process that has anything to do with `home`, as `pid command`. Zombies are dead. */
export const processesOf = (home: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .filter((pid) => commandOf(pid) !== '' && tracesOf(pid).includes(home))
    .map((pid) => `${pid} ${commandOf(pid)}`);
