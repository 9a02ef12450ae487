import type { Server } from 'node:http';

const SWEEP_MS = 50;

/**
 * Closes a listener the way a load balancer hopes for: requests in flight end, and so does each connection when it
 * falls idle. Node closes only what is idle at the moment of `close`; a kept-alive connection that answered a moment
 * later would hold the process for the whole keep-alive timeout. What is not done after `limitMs` is cut.
 */
export const drainServer = async (server: Server, close: () => Promise<void>, limitMs: number): Promise<void> => {
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const cut = setTimeout(() => server.closeAllConnections(), limitMs);
  try {
    await close();
  } finally {
    clearInterval(sweep);
    clearTimeout(cut);
  }
};
