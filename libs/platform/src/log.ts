import { pino, stdTimeFunctions, type Logger } from 'pino';

/** JSON lines; `trace_id` and `span_id` stand in `fields` where a call is known. */
export interface Log {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

export interface ChildLog extends Log {
  child(fields: Record<string, unknown>): ChildLog;
}

export interface LogOptions {
  name: string;
  /** pino's level names; `silent` for none. */
  level?: string;
  /** Standard output unless given. */
  destination?: { write(line: string): void };
}

// Secrets need no list of paths: they print themselves as *** wherever they stand.
export const createLog = ({ name, level = 'info', destination = process.stdout }: LogOptions): ChildLog => {
  const logger: Logger = pino(
    {
      name,
      level,
      base: {},
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return logger;
};
