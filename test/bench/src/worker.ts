import type { Size } from './payload.ts';
import { repeat } from './load.ts';

/** What the parent asks a client contender: make so many calls of a size, and say what they cost. */
export interface Order {
  size: Size;
  calls: number;
}

export interface Cost {
  cpuMicros: number;
}

/**
 * The process side of a contender that calls by itself. `open` is given the backend's origin and hands back one call
 * of each size; a call ends with JSON text or bytes in hand, or it would be compared with less work.
 */
export const serveOrders = async (open: (origin: string) => Promise<(size: Size) => Promise<void>>): Promise<void> => {
  const call = await open(process.argv[2]!);
  process.once('disconnect', () => process.exit());
  process.on('message', (order: Order) => void carryOut(order, call));
  process.send!({ ready: 0 });
};

const carryOut = async ({ size, calls }: Order, call: (size: Size) => Promise<void>): Promise<void> => {
  const before = process.cpuUsage();
  await repeat(calls, () => call(size));
  const { user, system } = process.cpuUsage(before);
  process.send!({ cpuMicros: user + system } satisfies Cost);
};
