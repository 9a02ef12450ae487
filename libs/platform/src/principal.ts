/** Who was verified. `claims` only of a token. */
export interface Principal {
  /** Key id or token subject. */
  subject: string;
  roles: readonly string[];
  scopes: ReadonlySet<string>;
  consumer?: string;
  via: 'key' | 'jwt';
  claims?: Record<string, unknown>;
}

/** `missing`: no credential was sent; `refused`: it is not a valid one, and the answer never says why. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError';
  readonly code: 'missing' | 'refused';

  constructor(code: 'missing' | 'refused', options?: ErrorOptions) {
    super(code === 'missing' ? 'No credential was sent.' : 'The credential is not valid.', options);
    this.code = code;
  }
}
