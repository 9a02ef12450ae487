import { createClientAsync } from 'soap';
import type { Client } from 'soap';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { JournalPage } from './journal.ts';
import { startPolicySystem } from './policy-system.ts';
import type { PolicySystem } from './policy-system.ts';

let system: PolicySystem;
let client: Client;

beforeAll(async () => {
  system = await startPolicySystem();
  // Over HTTP, so that the imports of the WSDL are proven to be served beside it.
  client = await createClientAsync(system.wsdl);
});
afterAll(() => system.close());
beforeEach(() => {
  system.setTrouble({ kind: 'none' });
  system.journal.clear();
});

const post = (body: string) =>
  fetch(system.soapUrl, {
    method: 'POST',
    headers: {
      'content-type': 'text/xml; charset=utf-8',
      soapaction: '"http://keystone-mutual.example/policy/GetPolicy"',
    },
    body: `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${body}</e:Body></e:Envelope>`,
  });

const getPolicy = async (number: string) => {
  const response = await post(
    `<GetPolicy xmlns="http://keystone-mutual.example/policy/messages"><policyNumber>${number}</policyNumber></GetPolicy>`,
  );
  return { status: response.status, xml: await response.text() };
};

test('another SOAP client reads a policy', async () => {
  const [answer] = await client['GetPolicyAsync']({ policyNumber: '0007' });
  expect(answer.policy).toMatchObject({
    attributes: { version: '3', region: 'NORTH' },
    policyNumber: '0007',
    person: { lastName: 'Müller-Brontë' },
    address: { line: ['Große Bleichen 7', '3. Stock'] },
  });
  expect(answer.policy.coverages).toHaveLength(2);
});

test.each([
  ['a scale kept', '0007', '<t:premium>123.40</t:premium>'],
  ['a long beyond 2^53', '0007', '<t:ledgerNumber>9007199254740993</t:ledgerNumber>'],
  ['a nil element', '0007', '<t:agentCode xsi:nil="true"/>'],
  ['an empty element', '0007', '<t:remarks></t:remarks>'],
  ['a dateTime with zone', '0007', '<t:changedAt>2024-10-27T02:30:00.123+01:00</t:changedAt>'],
  ['a dateTime without', '0007', '<t:bookedAt>2024-03-10T02:30:00</t:bookedAt>'],
  ['escaped text', '4711', '<p:companyName>Smith &amp; Sons &lt;Haulage&gt; Ltd</p:companyName>'],
  ['an attribute beside text', '0815', '<t:limit currency="JPY">5000000</t:limit>'],
])('the wire shows %s', async (_name, number, xml) => expect((await getPolicy(number)).xml).toContain(xml));

test('an unknown policy is a typed fault on HTTP 500', async () => {
  const { status, xml } = await getPolicy('9999');
  expect(status).toBe(500);
  expect(xml).toMatch(/<soap:Body><soap:Fault><faultcode>soap:Server</);
  expect(xml).toContain('<m:policyNumber>9999</m:policyNumber>');
});

test.each([
  [{ holderName: 'ł' }, ['20230099']],
  [{ from: '2019-03-31', to: '2021-01-01' }, ['0007', '4711']],
])('finds policies by %j', async (search, numbers) => {
  const [answer] = await client['FindPoliciesAsync'](search);
  expect(answer.policies.map((policy: { policyNumber: string }) => policy.policyNumber)).toEqual(numbers);
});

test('a changed address is there on the next read', async () => {
  const address = { line: ['Neue Straße 1'], postCode: '10115', city: 'Berlin', country: 'DE' };
  await client['ChangeAddressAsync']({ policyNumber: '20240001', address });
  const { xml } = await getPolicy('20240001');
  expect(xml).toContain('<p:line>Neue Straße 1</p:line>');
  expect(xml).toContain('version="2"');
});

test('a claim is accepted with 202 and no envelope', async () => {
  const response = await fetch(system.soapUrl, {
    method: 'POST',
    headers: { 'content-type': 'text/xml', soapaction: 'http://keystone-mutual.example/policy/NotifyClaim' },
    body: '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><NotifyClaim xmlns="http://keystone-mutual.example/policy/messages"><policyNumber>0007</policyNumber><occurredAt>2024-01-01T00:00:00Z</occurredAt><description>hail</description></NotifyClaim></e:Body></e:Envelope>',
  });
  expect(response.status).toBe(202);
  expect(await response.text()).toBe('');
});

const journalPage = async () => (await fetch(new URL('/journal', system.soapUrl))).json() as Promise<JournalPage>;

test('the journal shows what arrived, headers included', async () => {
  await getPolicy('0007');
  expect((await journalPage()).entries).toMatchObject([
    { operation: 'GetPolicy', headers: { 'content-type': 'text/xml; charset=utf-8' } },
  ]);
});

test('the journal counts the calls in flight, and a hang-up ends one', async () => {
  await fetch(new URL('/trouble', system.soapUrl), { method: 'PUT', body: '{"kind":"hang"}' });
  const hangUp = new AbortController();
  const calls = [1, 2].map(() => fetch(system.soapUrl, { method: 'POST', body: '', signal: hangUp.signal }));
  await vi.waitUntil(async () => (await journalPage()).inFlight === 2);
  hangUp.abort();
  await Promise.allSettled(calls);
  await vi.waitUntil(async () => (await journalPage()).inFlight === 0);
  expect((await journalPage()).mostInFlight).toBe(2);
});

test.each([
  ['html', 502, 'Bad Gateway'],
  ['truncated', 200, 'GetPolicyResponse'],
  ['fault', 500, 'ABEND S0C7'],
] as const)('trouble by %s', async (kind, status, text) => {
  system.setTrouble({ kind });
  const answer = await getPolicy('0007');
  expect(answer.status).toBe(status);
  expect(answer.xml).toContain(text);
});

test('nothing outside the schema files is served', async () => {
  const response = await fetch(new URL('/policy/..%2Fpackage.json', system.soapUrl));
  expect(response.status).toBe(404);
});
