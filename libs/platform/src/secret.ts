import { inspect } from 'node:util';

const MASK = '***';

/** A value that prints as `***` in text, JSON, logs and inspection; only `reveal` gives it, at the line to the legacy. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): '***' {
    return MASK;
  }

  toJSON(): '***' {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}

export const secret = (value: string): Secret => new Secret(value);
