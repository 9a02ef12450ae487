import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

const onLinux = process.platform === 'linux';

/** proc(5): the command stands in parentheses and may hold anything, so the fields are counted from its end. */
const procStat = (pid: number): string[] => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
};

const answersSignals = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/**
 * When a live process began, in the system's own words. Undefined for no process and for a zombie, which an init that does not reap may leave for ever.
 */
const processStart = (pid: number): string | undefined => {
  if (!onLinux) return answersSignals(pid) ? 'alive' : undefined;
  try {
    const fields = procStat(pid);
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
};

/** The command line of a process, its arguments joined by spaces; empty when it cannot be read. */
export const commandOf = (pid: number): string => {
  try {
    if (onLinux) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
};

/** One process and never its successor under the same pid. */
export interface ProcessIdentity {
  pid: number;
  /** When it began, in the system's own words. */
  start: string;
}

/** Undefined when there is no such process. */
export const identify = (pid: number): ProcessIdentity | undefined => {
  const start = processStart(pid);
  return start === undefined ? undefined : { pid, start };
};

export const isRunning = ({ pid, start }: ProcessIdentity): boolean => processStart(pid) === start;

/** True when the process was gone within `ms`. */
export const waitForExit = async (identity: ProcessIdentity, ms: number): Promise<boolean> => {
  const deadline = performance.now() + ms;
  while (isRunning(identity)) {
    if (performance.now() > deadline) return false;
    await wait(20);
  }
  return true;
};
