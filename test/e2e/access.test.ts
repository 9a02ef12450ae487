import { OAuth2Server } from 'oauth2-mock-server';
import supertest from 'supertest';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FACES, type Question } from './src/faces.ts';
import { startPolicyEstate, type PolicyEstate } from './src/policy-estate.ts';
import { until } from './src/waiting.ts';

const AUDIENCE = 'bailey';
const issuer = new OAuth2Server();
let estate: PolicyEstate;

beforeAll(async () => {
  await issuer.issuer.keys.generate('RS256');
  await issuer.start(0, '127.0.0.1');
  estate = await startPolicyEstate(
    [
      { name: 'policy-admin' },
      { name: 'policy-guarded', access: { scopes: { read: 'policy.read', write: 'policy.write' } } },
    ],
    { BAILEY_OIDC_ISSUER: issuer.issuer.url!, BAILEY_OIDC_AUDIENCE: AUDIENCE },
  );
});
afterAll(async () => {
  await estate?.close();
  await issuer.stop();
});
beforeEach(() => estate.policy.journal.clear());

const token = (scope: string): Promise<string> =>
  issuer.issuer.buildToken({
    scopesOrTransform: (_header, payload) => Object.assign(payload, { aud: AUDIENCE, sub: 'portal', scope }),
  });

const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });

/** Its input is wrong too: who is refused must not learn that. */
const question = (policyNumber: string): Question => ({
  bridge: 'policy-guarded',
  operation: 'getPolicy',
  input: { policyNumber },
  selection: '{ policy { premium } }',
});

describe.each(FACES)('through %s', (_face, ask) => {
  const refusal = async (headers: Record<string, string>) => {
    const { problem } = await ask(estate.bailey.dataUrl, question('wrong'), headers);
    expect(problem?.['errors']).toBeUndefined();
    expect(estate.policy.journal.page().entries).toEqual([]);
    return [problem?.status, problem?.code];
  };

  test('nobody is 401 before validation', async () => expect(await refusal({})).toEqual([401, 'UNAUTHENTICATED']));

  test('a name without a proof is 401', async () =>
    expect(await refusal({ 'x-bailey-consumer': 'portal' })).toEqual([401, 'UNAUTHENTICATED']));

  test('a token without the scope is 403 before validation', async () =>
    expect(await refusal(bearer(await token('policy.write')))).toEqual([403, 'FORBIDDEN']));

  test('a token with the scope is served, and its input is looked at', async () => {
    const headers = bearer(await token('openid policy.read'));
    const served = await ask(estate.bailey.dataUrl, question('0007'), headers);
    const wrong = await ask(estate.bailey.dataUrl, question('wrong'), headers);
    expect(served.value).toMatchObject({ policy: { premium: '123.40' } });
    expect(wrong.problem).toMatchObject({ status: 400, errors: [{ pointer: '/policyNumber' }] });
  });
});

test('a wrong credential is 401 even where none is needed', async () => {
  const request = supertest(estate.bailey.dataUrl).get('/api/policy-admin/getPolicy?policyNumber=0007');
  const { status, body } = await request.set(bearer('bly_wrong'));
  expect([status, body.code]).toEqual([401, 'UNAUTHENTICATED']);
});

test('a key that is issued with the scope opens the operation, and none that is revoked', async () => {
  const { controlUrl, dataUrl, key } = estate.bailey;
  const control = supertest(controlUrl);
  const { body } = await control
    .post('/control/v1/keys')
    .set(bearer(key))
    .send({ id: 'portal', scopes: ['policy.read'] });
  const call = () =>
    supertest(dataUrl)
      .get('/api/policy-guarded/getPolicy?policyNumber=0007')
      .set(bearer(body.key as string));
  await until('the key to be known', async () => (await call()).status === 200);
  await control.delete('/control/v1/keys/portal').set(bearer(key)).expect(204);
  await until('the key to be refused', async () => (await call()).status === 401);
});

describe('the control plane', () => {
  const system = {
    apiVersion: 'bailey.dev/v1',
    kind: 'System',
    metadata: { name: 'claims-host' },
    spec: { owner: 'team-claims' },
  };
  const apply = (headers: Record<string, string>) =>
    supertest(estate.bailey.controlUrl)
      .post('/control/v1/apply')
      .set(headers)
      .send({ documents: [system], files: {} });

  test.each([
    ['without a credential', {}],
    ['with a wrong key', bearer('bly_wrong')],
  ])('refuses an apply %s with 401', async (_how, headers) => {
    const { status, body } = await apply(headers);
    expect([status, body.code]).toEqual([401, 'UNAUTHENTICATED']);
  });

  test('refuses an apply by a known caller who is no engineer with 403', async () => {
    const { status, body } = await apply(bearer(await token('policy.read')));
    expect([status, body.code]).toEqual([403, 'FORBIDDEN']);
  });

  test('takes one with the key of the standalone', async () => {
    expect((await apply(bearer(estate.bailey.key))).status).toBe(200);
  });

  test('tells strangers nothing of the catalogue', async () => {
    const { body } = await supertest(estate.bailey.controlUrl)
      .post('/graphql')
      .send({ query: '{ bridges { nodes { name } } }' });
    expect(JSON.stringify(body)).not.toContain('policy-admin');
  });
});
