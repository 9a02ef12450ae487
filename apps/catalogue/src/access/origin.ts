import { Failure } from '@bailey/contract';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');

const hostName = (header: string | undefined): string | undefined =>
  header !== undefined && URL.canParse(`http://${header}`) ? new URL(`http://${header}`).hostname : undefined;

const isSameOrigin = (origin: string, host: string): boolean =>
  URL.canParse(origin) && /^https?:$/.test(new URL(origin).protocol) && new URL(origin).host === host.toLowerCase();

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host).toLowerCase();

/**
 * Refuses what a browser was lured into sending. A foreign name that resolves to this machine (DNS rebinding) shows
 * in `Host`, a foreign page in `Origin`. Behind a load balancer names are its business, so only a listener on
 * loopback insists on its own.
 */
export const createOriginCheck = (
  listensOn: string,
): ((host: string | undefined, origin: string | undefined) => void) => {
  const names = isLoopback(listensOn) ? new Set([...LOOPBACK, bracketed(listensOn)]) : undefined;
  return (host, origin) => {
    if (names && !names.has(hostName(host) ?? ''))
      throw Failure.of('FORBIDDEN', 'Checking the Host header: this listener answers to its own names only.');
    if (origin !== undefined && !isSameOrigin(origin, host ?? ''))
      throw Failure.of(
        'FORBIDDEN',
        'Checking the Origin header: pages of other origins may not call the control plane.',
      );
  };
};
