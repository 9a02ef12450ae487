import { Failure, type Call, type Clock, type Handler, type Reply } from '@bailey/contract';
import type { GaugeChild } from '@bailey/platform';
import { abandoned, isCallerGone, outcomeOf, type Phase } from './abandonment.ts';
import type { Stage } from './pipeline.ts';

export interface InFlightOptions {
  concurrency: number;
  queue: number;
  holdMs: number;
  clock: Clock;
  inFlight: GaugeChild;
  queued: GaugeChild;
}

const OVERLOADED_RETRY_MS = 1_000;

const overloaded = (call: Call, what: string): Failure =>
  Failure.of('OVERLOADED', `Calling ${call.operation.name}: ${what}; try again later.`, {
    retryAfterMs: OVERLOADED_RETRY_MS,
    ...outcomeOf(call.operation.effect, 'before'),
    phase: 'before',
  });

const shuttingDown = (call: Call): Failure =>
  Failure.of('SHUTTING_DOWN', `Calling ${call.operation.name}: the bridge is being closed; try again.`, {
    ...outcomeOf(call.operation.effect, 'before'),
    phase: 'before',
  });

const phaseOf = (error: unknown): Phase => (error instanceof Failure ? error.options.phase : undefined) ?? 'after';

// Adapters may throw at once, too.
const startAttempt = async (call: Call, next: Handler): Promise<Reply> => {
  if (call.signal.aborted) throw abandoned(call, 'before');
  return next(call);
};

interface Waiter {
  admit(): void;
  refuse(): void;
}

/**
 * How many calls are at a system at once, counted by real completion: a call that was given up keeps its slot until
 * the adapter has let go of it, and `holdMs` longer. One a bridge.
 */
export class InFlightLimit {
  readonly #options: InFlightOptions;
  // A set: in order of arrival, and one who gives up leaves the middle at once.
  readonly #waiting = new Set<Waiter>();
  readonly #holds = new Set<{ cancel(): void }>();
  #inFlight = 0;
  #isClosed = false;

  constructor(options: InFlightOptions) {
    this.#options = options;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  readonly stage: Stage = (next) => (call) => {
    if (this.#isClosed) throw shuttingDown(call);
    if (this.#inFlight < this.#options.concurrency) {
      this.#count(1);
      return this.#run(call, next);
    }
    if (this.#waiting.size >= this.#options.queue)
      throw overloaded(call, 'as many calls as the system may bear are in flight');
    return this.#wait(call).then(() => this.#run(call, next));
  };

  /** Refuses those who wait and all who come; what is under way ends by its own line being closed. */
  close(): void {
    for (const waiter of this.#waiting) waiter.refuse();
    for (const hold of this.#holds) hold.cancel();
    this.#holds.clear();
    this.#options.inFlight.add(-this.#inFlight);
    this.#isClosed = true;
  }

  /** Resolves when a slot has been handed over. */
  #wait(call: Call): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (): void => {
      this.#waiting.delete(waiter);
      this.#options.queued.add(-1);
      call.signal.removeEventListener('abort', onAbort);
    };
    const end = (settle: () => void) => () => {
      leave();
      settle();
    };
    const onAbort = end(() =>
      reject(
        isCallerGone(call) ? abandoned(call, 'before') : overloaded(call, 'no slot became free before the deadline'),
      ),
    );
    const waiter: Waiter = { admit: end(resolve), refuse: end(() => reject(shuttingDown(call))) };
    this.#waiting.add(waiter);
    this.#options.queued.add(1);
    call.signal.addEventListener('abort', onAbort);
    return promise;
  }

  /** With a slot held. Ends at the abort of the call, while the slot stays until the adapter has let go. */
  #run(call: Call, next: Handler): Promise<Reply> {
    const { signal } = call;
    return new Promise((resolve, reject) => {
      // One turn later: an adapter that ends at once can still say whether anything was sent.
      const onAbort = () => void setImmediate(() => reject(abandoned(call, 'after')));
      const settle = (): void => {
        signal.removeEventListener('abort', onAbort);
        this.#release(signal.aborted);
      };
      signal.addEventListener('abort', onAbort);
      startAttempt(call, next).then(
        (reply) => {
          settle();
          resolve(reply);
        },
        (error: unknown) => {
          settle();
          reject(signal.aborted ? abandoned(call, phaseOf(error), error) : error);
        },
      );
    });
  }

  #release(wasAbandoned: boolean): void {
    const { holdMs, clock } = this.#options;
    if (!wasAbandoned || holdMs === 0 || this.#isClosed) return this.#handOver();
    const hold = clock.setTimeout(() => {
      this.#holds.delete(hold);
      this.#handOver();
    }, holdMs);
    this.#holds.add(hold);
  }

  #handOver(): void {
    const [first] = this.#waiting;
    if (first === undefined) this.#count(-1);
    else first.admit();
  }

  #count(change: 1 | -1): void {
    this.#inFlight += change;
    // What was left when it closed has been taken off the gauge already.
    if (!this.#isClosed) this.#options.inFlight.add(change);
  }
}
