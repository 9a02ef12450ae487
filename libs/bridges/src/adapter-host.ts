import { Failure, type AdapterHost, type Clock, type Log, type OutboundRequest } from '@bailey/contract';
import { EgressError, createEgress, type Egress, type Tracing } from '@bailey/platform';

export interface AdapterHostOptions {
  bridge: string;
  /** The only origins that `fetch` reaches. */
  allow: readonly string[];
  readFile: (path: string) => Promise<Uint8Array>;
  tracing: Tracing;
  log: Log;
  clock: Clock;
  /** Aborted when the bridge is closed. */
  signal: AbortSignal;
  /** Bounds what an adapter asks for. */
  maxResponseBytes?: number;
}

/** An error of the line as the failure that a caller understands. An abort is the call's own business: TIMEOUT here. */
export const toLineFailure = (error: unknown, isClosed: boolean): unknown => {
  if (!(error instanceof EgressError)) return error;
  const { phase } = error;
  const outcome = phase === 'before' ? ({ outcome: 'notDone' } as const) : {};
  const options = { phase, cause: error, ...outcome };
  switch (error.code) {
    case 'refused':
      return Failure.of(
        'EGRESS_REFUSED',
        'Reaching the system: its address is not one that the bridge may reach. Declare it.',
        options,
      );
    case 'unreachable':
      return Failure.of(
        'UNREACHABLE',
        'Connecting to the system: no connection could be made; nothing was sent.',
        options,
      );
    case 'lost':
      return Failure.of(
        'CONNECTION_LOST',
        'Waiting for the system: the connection broke before the answer was whole.',
        options,
      );
    case 'tooLarge':
      return Failure.of('ANSWER_TOO_LARGE', 'Reading the answer: it is larger than maxResponseBytes allows.', options);
    case 'aborted':
      return isClosed
        ? Failure.of('SHUTTING_DOWN', 'Waiting for the system: the bridge was closed.', options)
        : Failure.of('TIMEOUT', 'Waiting for the system: the call was given up.', options);
  }
};

const openEgress = ({ allow, tracing }: AdapterHostOptions): Egress => {
  try {
    return createEgress({ allow, tracing });
  } catch (error) {
    throw toLineFailure(error, false);
  }
};

/** What an adapter is given. `close` cuts what is still under way. */
export const createAdapterHost = (options: AdapterHostOptions): AdapterHost & { close(): Promise<void> } => {
  const egress = openEgress(options);
  const { maxResponseBytes = Infinity, signal } = options;
  const bounded = (request: OutboundRequest): OutboundRequest =>
    request.maxResponseBytes <= maxResponseBytes ? request : { ...request, maxResponseBytes };
  return {
    fetch: (request) =>
      egress.fetch(bounded(request)).catch((error: unknown) => {
        throw toLineFailure(error, signal.aborted);
      }),
    readFile: options.readFile,
    log: options.log,
    clock: options.clock,
    signal,
    close: () => egress.close(),
  };
};
