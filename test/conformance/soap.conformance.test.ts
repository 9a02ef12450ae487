import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createAdapterHost } from '@bailey/bridges';
import soap from '@bailey/adapter-soap';
import { conformance, startFaultProxy } from '@bailey/conformance';
import type { HostOptions, OpenHost } from '@bailey/conformance';
import { createTracing, secret, systemClock } from '@bailey/platform';

const ESTATE = join(dirname(fileURLToPath(import.meta.url)), '..', 'estate');
const PASSWORD = 'swordfish-4711';

/** The insurer's policy system in its own process: node-soap answers, so both ends are not our code. */
const startEstate = async () => {
  const child = fork(join(ESTATE, 'src', 'main.ts'), { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
  return { child, soapUrl: new URL((JSON.parse(line) as { soapUrl: string }).soapUrl) };
};

/** The host of the gateway itself: what the kit proves of the adapter holds with the egress that production has. */
const openHost = async ({ signal, egress, log }: HostOptions): Promise<OpenHost> => {
  const host = createAdapterHost({
    bridge: 'policy-admin',
    allow: egress,
    readFile: (path) => readFile(join(ESTATE, path)),
    tracing: createTracing(),
    log,
    clock: systemClock,
    signal,
  });
  return { host, close: () => host.close() };
};

conformance({
  name: 'soap',
  adapter: soap,
  start: async (seed) => {
    const { child, soapUrl } = await startEstate();
    const proxy = await startFaultProxy({ host: soapUrl.hostname, port: Number(soapUrl.port) }, seed);
    const close = async (): Promise<void> => {
      await proxy.close();
      const exit = once(child, 'exit');
      child.kill();
      await exit;
    };
    const endpoint = `http://127.0.0.1:${proxy.port}${soapUrl.pathname}`;
    const auth = { basic: { username: 'svc', password: secret(PASSWORD) } };
    return { emulator: { ...proxy, close }, config: { wsdl: './policy/policy.wsdl', endpoint, auth } };
  },
  describeOptions: { operations: { GetPolicy: { effect: 'read' }, FindPolicies: { effect: 'read' } } },
  samples: {
    getPolicy: {
      input: { policyNumber: '0007' },
      output: {
        policy: {
          version: 3,
          region: 'NORTH',
          policyNumber: '0007',
          status: 'ACTIVE',
          product: 'MOTOR',
          person: { firstName: 'Zoë', lastName: 'Müller-Brontë', birthDate: '1971-02-28' },
          address: { line: ['Große Bleichen 7', '3. Stock'], postCode: '20354', city: 'Hamburg', country: 'DE' },
          premium: '123.40',
          startDate: '2019-03-31',
          changedAt: '2024-10-27T02:30:00.123+01:00',
          bookedAt: '2024-03-10T02:30:00',
          ledgerNumber: '9007199254740993',
          agentCode: null,
          remarks: '',
          coverages: [
            {
              code: 'TPL',
              name: 'Third party liability',
              limit: { value: '100000000.00', currency: 'EUR' },
              exclusions: ['racing', 'wilful damage'],
            },
            {
              code: 'GLS',
              name: 'Glass',
              limit: { value: '2500.00', currency: 'EUR' },
              deductible: '150.00',
              exclusions: [],
            },
          ],
        },
      },
    },
    findPolicies: {
      input: { holderName: 'smith', from: '2020-01-01' },
      output: {
        total: 1,
        policies: [
          { policyNumber: '4711', status: 'ACTIVE', holderName: 'Smith & Sons <Haulage> Ltd', premium: '98000.00' },
        ],
      },
    },
    changeAddress: {
      input: {
        policyNumber: '20240001',
        address: { line: ['Neue Straße 1'], postCode: '10115', city: 'Berlin', country: 'DE' },
      },
    },
    notifyClaim: {
      input: {
        policyNumber: '0007',
        occurredAt: '2026-11-01T08:15:00Z',
        description: 'Hail <on> the bonnet & roof',
        estimatedLoss: { value: '1250.00', currency: 'EUR' },
      },
      output: {},
    },
  },
  nativeFailures: [{ operation: 'getPolicy', input: { policyNumber: '9999' }, code: 'POLICY_NOT_FOUND' }],
  badConfigs: [
    { config: {}, pointer: '/wsdl' },
    { config: { wsdl: 'a.wsdl', endpoint: 'ftp://x' }, pointer: '/endpoint' },
    { config: { wsdl: 'a.wsdl', wdsl: 'b' }, pointer: '/wdsl' },
    { config: { wsdl: 'a.wsdl', auth: { basic: { username: 'x' } } }, pointer: '/auth/basic/password' },
  ],
  host: openHost,
  secrets: [PASSWORD, Buffer.from(`svc:${PASSWORD}`).toString('base64')],
});
