import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** 128 + n for a signal, as shells count it. */
export const exitCodeOf = (code, signal) => code ?? 128 + (constants.signals[signal] ?? 0);

/** True for the exit code of a program that was told to stop: then nobody wants what would come after it. */
export const wasStopped = (exitCode) => FORWARDED.some((signal) => exitCode === exitCodeOf(null, signal));

const forwardSignals = (child) => {
  const forward = (signal) => child.kill(signal);
  for (const signal of FORWARDED) process.on(signal, forward);
  return () => FORWARDED.forEach((signal) => process.off(signal, forward));
};

/**
 * Runs a program to its end with our own stdio, handing on the signals that we get.
 * `detached` gives it a session of its own: a Ctrl-C then reaches it once, through us, and not twice.
 * @returns {Promise<number>} its exit code
 */
export const runToEnd = (command, args, { detached = false, onSpawn, ...options } = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', detached, ...options });
    const stopForwarding = forwardSignals(child);
    onSpawn?.(child);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      stopForwarding();
      resolve(exitCodeOf(code, signal));
    });
  });

/**
 * Runs a program silently.
 * @returns {Promise<{code: number, output: string}>} standard output and error in the order they came
 */
export const runQuietly = (command, args, { onSpawn, ...options } = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const stopForwarding = forwardSignals(child);
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    onSpawn?.(child);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      stopForwarding();
      resolve({ code: exitCodeOf(code, signal), output: Buffer.concat(chunks).toString() });
    });
  });
