import { compileSchema } from '@bailey/platform';
import { expect, test } from 'vitest';
import { ACCESS_SCHEMA, POLICY_SCHEMA } from './policy.ts';

const fill = compileSchema({ type: 'object', properties: { policy: POLICY_SCHEMA } }, { useDefaults: true });

test('nothing written is the defaults', () => {
  const spec = {};
  expect(fill(spec)).toEqual([]);
  expect(spec).toEqual({
    policy: {
      timeoutMs: 10_000,
      holdMs: 0,
      concurrency: 20,
      queue: 0,
      breaker: { windowMs: 10_000, minimumCalls: 10, failureRate: 0.5, openMs: 5_000, probes: 1 },
      retry: { attempts: 2, backoffMs: 100 },
    },
  });
});

test.each([
  [{ timout: 1 }, 'unknown key "timout"; did you mean "timeoutMs"?'],
  [{ breaker: { slowCallRate: 0.5 } }, /^unknown key "slowCallRate"/],
  [{ cache: { ttlMs: 5 } }, /^unknown key "cache"/],
  [{ rateLimit: {} }, /^unknown key "rateLimit"/],
  [{ timeoutMs: 0 }, 'must be >= 1'],
  [{ concurrency: 0 }, 'must be >= 1'],
  [{ breaker: { failureRate: 0 } }, 'must be > 0'],
  [{ breaker: { failureRate: 50 } }, 'must be <= 1'],
  [{ retry: { attempts: 100 } }, 'must be <= 10'],
])('%o is refused', (policy, message) => {
  expect(compileSchema(POLICY_SCHEMA)(policy)).toMatchObject([
    { message: message instanceof RegExp ? expect.stringMatching(message) : message },
  ]);
});

test('access names scopes, and nothing else', () => {
  const check = compileSchema(ACCESS_SCHEMA);
  expect(check({ scopes: { read: 'policy.read', write: ['policy.write', 'audit'] } })).toEqual([]);
  expect(check({ roles: ['x'] })).toMatchObject([{ pointer: '/roles' }]);
  expect(check({ scopes: { delete: 'x' } })).toMatchObject([{ pointer: '/scopes/delete' }]);
});
