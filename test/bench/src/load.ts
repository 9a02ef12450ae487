import { Pool } from 'undici';
import type { Dispatcher } from 'undici';

/** Calls that are on their way at one time, for every contender. */
export const CONCURRENCY = 16;

/** Runs `call` `count` times, {@link CONCURRENCY} at a time. */
export const repeat = async (count: number, call: () => Promise<void>): Promise<void> => {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
};

interface Post {
  path: string;
  body: string;
  headers: Record<string, string>;
}

/** The cheapest way to call over HTTP in Node: the answer's bytes are counted and thrown away. */
export const rawPost = (pool: Pool, { path, body, headers }: Post): Promise<number> =>
  new Promise((resolve, reject) => {
    let status = 0;
    let length = 0;
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, statusCode) => {
        status = statusCode;
      },
      onResponseData: (_controller, chunk) => {
        length += chunk.length;
      },
      onResponseEnd: () => (status === 200 ? resolve(length) : reject(new Error(`HTTP ${status} from ${path}`))),
      onResponseError: (_controller, error) => reject(error),
    };
    pool.dispatch({ path, method: 'POST', headers, body }, handler);
  });

export const openPool = (origin: string): Pool => new Pool(origin, { connections: CONCURRENCY });
