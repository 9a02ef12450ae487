export type EgressCode = 'refused' | 'unreachable' | 'lost' | 'aborted' | 'tooLarge';

/** Why nothing, or nothing whole, came back. The message names no host and no header; `cause` is for the log. */
export class EgressError extends Error {
  override readonly name = 'EgressError';
  readonly code: EgressCode;
  /** `before`: not a byte of the request left the process. */
  readonly phase: 'before' | 'after';

  constructor(code: EgressCode, phase: 'before' | 'after', message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.phase = phase;
  }
}
