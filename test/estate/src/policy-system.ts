import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listen } from 'soap';
import { backDoor } from './back-door.ts';
import { POLICY_WSDL } from './estate.ts';
import { Journal } from './journal.ts';
import { samplePolicies } from './policies.ts';
import { policyService } from './policy-service.ts';
import { meet } from './trouble.ts';
import type { Trouble } from './trouble.ts';

const SERVICE_PATH = '/policy/service';
const ADDRESS = 'http://policy.keystone-mutual.example/policy/service';

export interface PolicySystem {
  soapUrl: string;
  /** The same WSDL over HTTP, its imports beside it. */
  wsdl: string;
  journal: Journal;
  setTrouble(trouble: Trouble): void;
  close(): Promise<void>;
}

const openHttp = async (host: string, port: number): Promise<{ server: Server; origin: string }> => {
  const server = createServer();
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return { server, origin: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}` };
};

const actionOf = (request: IncomingMessage): string => {
  const action = String(request.headers['soapaction'] ?? '').replaceAll('"', '');
  return action.slice(action.lastIndexOf('/') + 1);
};

/** node-soap's server on `server`: the legacy side is independent of the house's own codec. */
const serveSoap = async (server: Server, soapUrl: string, journal: Journal): Promise<void> => {
  const xml = (await readFile(POLICY_WSDL, 'utf8')).replace(ADDRESS, soapUrl);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const soap = listen(server, {
    path: SERVICE_PATH,
    services: { PolicyAdminService: { PolicyAdminPort: policyService(samplePolicies()) } },
    xml,
    uri: POLICY_WSDL,
    // A one-way message is acknowledged by HTTP 202 without an envelope (BP 1.1, R2714).
    oneWay: { responseCode: 202, emptyBody: false },
    suppressStack: true,
    callback: (error: unknown) => (error ? reject(error as Error) : resolve()),
  });
  soap.log = (type, data, request: IncomingMessage) => {
    if (type === 'received') journal.add({ operation: actionOf(request), headers: request.headers, xml: String(data) });
  };
  await promise;
};

// In front of what serves already: each SOAP call is counted, and meets the trouble of the day first.
const putTroubleInFront = (server: Server, journal: Journal, trouble: () => Trouble): void => {
  const listeners = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    const next = () => listeners.forEach((listener) => listener(request, response));
    if (request.method !== 'POST') return next();
    response.once('close', journal.enter());
    meet(trouble(), request, response, next);
  });
};

/** Starts the insurer's policy system on `port` (0: any free one), with the back door of {@link backDoor} beside it. */
export const startPolicySystem = async ({ host = '127.0.0.1', port = 0 } = {}): Promise<PolicySystem> => {
  const journal = new Journal();
  const { server, origin } = await openHttp(host, port);
  const soapUrl = `${origin}${SERVICE_PATH}`;
  let trouble: Trouble = { kind: 'none' };
  const setTrouble = (next: Trouble): void => {
    trouble = next;
  };

  const back = backDoor(journal, setTrouble);
  server.on('request', (request, response) => void back(request, response).catch(() => response.destroy()));
  await serveSoap(server, soapUrl, journal);
  putTroubleInFront(server, journal, () => trouble);

  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { soapUrl, wsdl: `${soapUrl}?wsdl`, journal, setTrouble, close };
};
