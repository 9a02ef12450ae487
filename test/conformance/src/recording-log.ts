import { inspect } from 'node:util';
import type { Log } from '@bailey/contract';

export interface LogLine {
  level: keyof Log;
  text: string;
}

/** A log that keeps what it is told, as a reader would see it. */
export const recordingLog = (): { log: Log; lines: LogLine[] } => {
  const lines: LogLine[] = [];
  const at = (level: keyof Log) => (fields: Record<string, unknown>, message: string) => {
    lines.push({ level, text: `${message} ${inspect(fields, { depth: 10 })} ${JSON.stringify(fields)}` });
  };
  return { lines, log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } };
};
