import type { IncomingHttpHeaders } from 'node:http';

/** One request that reached the system: what a test asks when it must know what the legacy really saw. */
export interface JournalEntry {
  operation: string;
  headers: IncomingHttpHeaders;
  /** The envelope as it came. */
  xml: string;
}

/** `entries`: the last requests that were answered by an operation, oldest first. */
export interface JournalPage {
  /** Calls whose connection is open and whose answer has not ended. */
  inFlight: number;
  /** The most calls at one time since the journal was cleared. */
  mostInFlight: number;
  entries: readonly JournalEntry[];
}

const KEPT = 1000;

export class Journal {
  #entries: JournalEntry[] = [];
  #inFlight = 0;
  #mostInFlight = 0;

  /** A call has arrived; the function that is returned says that it is over. */
  enter(): () => void {
    this.#inFlight += 1;
    this.#mostInFlight = Math.max(this.#mostInFlight, this.#inFlight);
    return () => {
      this.#inFlight -= 1;
    };
  }

  add(entry: JournalEntry): void {
    if (this.#entries.push(entry) > KEPT) this.#entries.shift();
  }

  page(): JournalPage {
    return { inFlight: this.#inFlight, mostInFlight: this.#mostInFlight, entries: [...this.#entries] };
  }

  clear(): void {
    this.#entries = [];
    this.#mostInFlight = this.#inFlight;
  }
}
