import type { LoggerService } from '@nestjs/common';
import type { Log } from '@bailey/contract';

const fieldsOf = (parameters: unknown[]): Record<string, unknown> => ({ context: parameters.at(-1) });

/** Nest's own lines in our log; its list of routes at every start is for debugging only. */
export const nestLog = (log: Log): LoggerService => ({
  log: (message: unknown, ...more: unknown[]) => log.debug(fieldsOf(more), String(message)),
  warn: (message: unknown, ...more: unknown[]) => log.warn(fieldsOf(more), String(message)),
  error: (message: unknown, ...more: unknown[]) => log.error(fieldsOf(more), String(message)),
});
