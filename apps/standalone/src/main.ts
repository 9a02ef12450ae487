import { readSettings } from '@bailey/platform';
import { readOptions } from './options.ts';
import { startStandalone } from './standalone.ts';
import { welcome } from './welcome.ts';

/** Open access and a quiet log are for one machine and one developer: production starts the two apps instead. */
const DEFAULTS = { BAILEY_OPEN_ACCESS: 'true', BAILEY_LOG_LEVEL: 'warn' };

/** Listened to before anything starts: a stop in the middle of a start must leave no process behind either. */
const stopAsked = new Promise<void>((resolve) => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => resolve());
  process.once('disconnect', () => resolve());
});

const run = async (): Promise<void> => {
  const options = readOptions(process.argv.slice(2));
  const settings = readSettings({ ...DEFAULTS, ...process.env });
  const standalone = await startStandalone(settings, options);
  const { dataUrl, controlUrl } = standalone;
  process.stdout.write(`${welcome({ dataUrl, controlUrl, home: settings.home, estate: options.estate })}\n`);
  await stopAsked;
  await standalone.close();
};

try {
  await run();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
} finally {
  // An open channel to the parent would keep the process alive.
  if (process.connected) process.disconnect();
}
