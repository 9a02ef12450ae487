import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readSettings, type SettingsError } from './config.ts';

const problemsOf = (env: NodeJS.ProcessEnv): readonly string[] => {
  try {
    readSettings(env);
  } catch (error) {
    return (error as SettingsError).problems;
  }
  return [];
};

test('an empty environment is a standalone on loopback that denies by default', () => {
  expect(readSettings({})).toMatchObject({
    host: '127.0.0.1',
    port: 8080,
    controlPort: 8081,
    home: resolve('.bailey'),
    adapters: [],
    openAccess: false,
    logLevel: 'info',
  });
  expect(readSettings({}).replica).not.toBe(readSettings({}).replica);
});

test('every variable arrives', () => {
  const settings = readSettings({
    BAILEY_HOST: '0.0.0.0',
    BAILEY_PORT: '0',
    BAILEY_CONTROL_PORT: '9',
    BAILEY_HOME: '/var/lib/bailey',
    BAILEY_DATABASE_URL: 'postgres://user:pw@db/bailey',
    BAILEY_ADAPTERS: '@acme/one, @acme/two',
    BAILEY_FILES: '/etc/bailey',
    BAILEY_OIDC_ISSUER: 'https://issuer.example',
    BAILEY_OIDC_AUDIENCE: 'bailey',
    BAILEY_OIDC_JWKS_URL: 'https://issuer.example/keys',
    BAILEY_OIDC_ROLES_CLAIM: 'realm_access.roles',
    BAILEY_OPEN_ACCESS: 'true',
    BAILEY_MAX_BODY_BYTES: '1000',
    BAILEY_LOG_LEVEL: 'debug',
    BAILEY_ADMIN_KEY_FILE: '/run/secrets/key',
    BAILEY_SHUTDOWN_MS: '5',
  });
  expect(settings).toMatchObject({
    host: '0.0.0.0',
    port: 0,
    controlPort: 9,
    home: '/var/lib/bailey',
    adapters: ['@acme/one', '@acme/two'],
    files: '/etc/bailey',
    oidc: {
      issuer: 'https://issuer.example',
      audience: 'bailey',
      jwksUrl: 'https://issuer.example/keys',
      rolesClaim: 'realm_access.roles',
    },
    openAccess: true,
    maxBodyBytes: 1000,
    logLevel: 'debug',
    adminKeyFile: '/run/secrets/key',
    shutdownMs: 5,
  });
  expect(settings.databaseUrl?.reveal()).toBe('postgres://user:pw@db/bailey');
  expect(JSON.stringify(settings)).not.toContain('pw');
});

test('no token may ever be signed by a shared secret, or not at all', () => {
  const oidc = { BAILEY_OIDC_ISSUER: 'https://i.example', BAILEY_OIDC_AUDIENCE: 'a' };
  expect(readSettings(oidc).oidc?.allowedAlgs.some((alg) => alg.startsWith('HS') || alg === 'none')).toBe(false);
  expect(problemsOf({ ...oidc, BAILEY_OIDC_ALGS: 'RS256,HS256,none' })[0]).toMatch(
    /^BAILEY_OIDC_ALGS may hold .*, not HS256, none\.$/,
  );
});

test.each([
  [{ BAILEY_PORT: '80a' }, /^BAILEY_PORT must be a whole number from 0 to 65535, not "80a"\.$/],
  [{ BAILEY_PORT: '70000' }, /^BAILEY_PORT must be/],
  [{ BAILEY_PORT: 'tcp://10.0.0.1:8080' }, /^BAILEY_PORT is set by Kubernetes .* enableServiceLinks: false/],
  [{ BAILEY_OPEN_ACCESS: 'yes' }, /^BAILEY_OPEN_ACCESS must be one of true, false, not "yes"\.$/],
  [{ BAILEY_LOG_LEVEL: 'loud' }, /^BAILEY_LOG_LEVEL must be one of trace, /],
  [{ BAILEY_DATABASE_URL: 'mysql://root:hidden@db' }, /^BAILEY_DATABASE_URL must be a URL that starts with postgres/],
  [{ BAILEY_OIDC_ISSUER: 'https://i.example' }, /^BAILEY_OIDC_AUDIENCE is missing; /],
])('%o is refused with a fix', (env, message) => {
  const problems = problemsOf(env);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(message);
  expect(problems[0]).not.toContain('hidden');
});

test('all faults come at once', () => {
  expect(problemsOf({ BAILEY_PORT: 'x', BAILEY_CONTROL_PORT: 'y', BAILEY_SHUTDOWN_MS: '-1' })).toHaveLength(3);
});
