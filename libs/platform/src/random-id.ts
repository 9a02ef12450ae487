import { randomFillSync } from 'node:crypto';

// One system call for 512 span ids: asking the kernel for each costs more than the rest of a span.
const pool = Buffer.allocUnsafeSlow(4096);
let used = pool.length;

const hex = (bytes: number): string => {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
};

/** 32 lower-case hex digits. */
export const newTraceId = (): string => hex(16);

/** 16 lower-case hex digits. */
export const newSpanId = (): string => hex(8);
