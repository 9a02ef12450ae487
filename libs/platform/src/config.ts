import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { secret, type Secret } from './secret.ts';

export interface OidcSettings {
  issuer: string;
  audience: string;
  /** Found by discovery at the issuer when absent. */
  jwksUrl?: string;
  /** Where the roles stand in a token; dots lead into objects (`realm_access.roles`). */
  rolesClaim: string;
  allowedAlgs: string[];
}

export interface Settings {
  host: string;
  port: number;
  controlPort: number;
  /** Absolute. */
  home: string;
  databaseUrl?: Secret;
  adapters: string[];
  /** A resource file or folder: a gateway without a store. */
  files?: string;
  /** Unique to this process. */
  replica: string;
  oidc?: OidcSettings;
  /** True: operations without declared scopes are open to everyone. */
  openAccess: boolean;
  maxBodyBytes: number;
  logLevel: string;
  adminKeyFile?: string;
  shutdownMs: number;
}

/** Every fault of the environment at once; each names its variable and what to set. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`Reading the environment: ${problems.join(' ')}`);
    this.problems = problems;
  }
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
// Asymmetric ones only: with HS*, whoever reads the public key could sign.
const SIGNATURE_ALGS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** Reads variables one by one and collects what is wrong with them. */
class Environment {
  readonly problems: string[] = [];
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  text(name: string): string | undefined {
    const value = this.#env[name]?.trim();
    return value === '' ? undefined : value;
  }

  list(name: string): string[] {
    return (this.text(name) ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }

  integer(name: string, fallback: number, least: number, most: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    if (/^[0-9]+$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
    this.#refuse(
      name,
      this.#isServiceLink(text)
        ? `is set by Kubernetes to a service's address; set enableServiceLinks: false in the pod, or ${name} itself.`
        : `must be a whole number from ${least} to ${most}, not "${text}".`,
    );
    return fallback;
  }

  flag(name: string, fallback: boolean): boolean {
    return this.choice(name, String(fallback), ['true', 'false']) === 'true';
  }

  choice(name: string, fallback: string, choices: readonly string[]): string {
    const text = this.text(name) ?? fallback;
    if (choices.includes(text)) return text;
    this.#refuse(name, `must be one of ${choices.join(', ')}, not "${text}".`);
    return fallback;
  }

  url(name: string, schemes: readonly string[]): string | undefined {
    const text = this.text(name);
    if (text === undefined || schemes.some((scheme) => text.startsWith(`${scheme}://`) && URL.canParse(text)))
      return text;
    // The value is not repeated: a URL may hold a password.
    this.#refuse(name, `must be a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}.`);
    return undefined;
  }

  require(name: string, because: string): string {
    const text = this.text(name);
    if (text === undefined) this.#refuse(name, `is missing; ${because}`);
    return text ?? '';
  }

  algorithms(name: string): string[] {
    const wanted = this.list(name);
    const unknown = wanted.filter((alg) => !SIGNATURE_ALGS.includes(alg));
    if (unknown.length > 0) this.#refuse(name, `may hold ${SIGNATURE_ALGS.join(', ')}, not ${unknown.join(', ')}.`);
    return wanted.length > 0 ? wanted : SIGNATURE_ALGS;
  }

  #refuse(name: string, what: string): void {
    this.problems.push(`${name} ${what}`);
  }

  #isServiceLink(text: string): boolean {
    return text.startsWith('tcp://');
  }
}

const readOidc = (env: Environment): OidcSettings | undefined => {
  const issuer = env.url('BAILEY_OIDC_ISSUER', ['https', 'http']);
  if (issuer === undefined) return undefined;
  const jwksUrl = env.url('BAILEY_OIDC_JWKS_URL', ['https', 'http']);
  return {
    issuer,
    audience: env.require('BAILEY_OIDC_AUDIENCE', 'name the audience that tokens of BAILEY_OIDC_ISSUER must carry.'),
    ...(jwksUrl === undefined ? {} : { jwksUrl }),
    rolesClaim: env.text('BAILEY_OIDC_ROLES_CLAIM') ?? 'roles',
    allowedAlgs: env.algorithms('BAILEY_OIDC_ALGS'),
  };
};

/** @throws SettingsError naming every variable that is wrong. */
export const readSettings = (source: NodeJS.ProcessEnv): Settings => {
  const env = new Environment(source);
  const oidc = readOidc(env);
  const databaseUrl = env.url('BAILEY_DATABASE_URL', ['postgres', 'postgresql']);
  const files = env.text('BAILEY_FILES');
  const adminKeyFile = env.text('BAILEY_ADMIN_KEY_FILE');
  const settings: Settings = {
    host: env.text('BAILEY_HOST') ?? '127.0.0.1',
    port: env.integer('BAILEY_PORT', 8080, 0, 65535),
    controlPort: env.integer('BAILEY_CONTROL_PORT', 8081, 0, 65535),
    home: resolve(env.text('BAILEY_HOME') ?? '.bailey'),
    ...(databaseUrl === undefined ? {} : { databaseUrl: secret(databaseUrl) }),
    adapters: env.list('BAILEY_ADAPTERS'),
    ...(files === undefined ? {} : { files: resolve(files) }),
    replica: `${hostname()}-${randomBytes(4).toString('hex')}`,
    ...(oidc === undefined ? {} : { oidc }),
    openAccess: env.flag('BAILEY_OPEN_ACCESS', false),
    maxBodyBytes: env.integer('BAILEY_MAX_BODY_BYTES', 10 * 1024 * 1024, 1, 1024 ** 3),
    logLevel: env.choice('BAILEY_LOG_LEVEL', 'info', LOG_LEVELS),
    ...(adminKeyFile === undefined ? {} : { adminKeyFile: resolve(adminKeyFile) }),
    shutdownMs: env.integer('BAILEY_SHUTDOWN_MS', 10_000, 0, 600_000),
  };
  if (env.problems.length > 0) throw new SettingsError(env.problems);
  return settings;
};
