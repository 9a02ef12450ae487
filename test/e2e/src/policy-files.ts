import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { POLICY_WSDL } from '@bailey/estate';

export interface PolicyBridge {
  name: string;
  endpoint: string;
  policy?: Record<string, unknown>;
  access?: Record<string, unknown>;
}

const META = { apiVersion: 'bailey.dev/v1' };

const SYSTEM = {
  ...META,
  kind: 'System',
  metadata: { name: 'policy-mainframe' },
  spec: { owner: 'team-policy' },
};

const bridgeDocument = ({ name, endpoint, ...guards }: PolicyBridge) => ({
  ...META,
  kind: 'Bridge',
  metadata: { name, title: 'Policy administration' },
  spec: {
    system: 'policy-mainframe',
    adapter: 'soap',
    connection: { wsdl: './policy/policy.wsdl', endpoint },
    operations: {
      GetPolicy: { effect: 'read', faults: { PolicyNotFound: { status: 404 } } },
      FindPolicies: { effect: 'read' },
    },
    ...guards,
  },
});

const CONSUMER = {
  ...META,
  kind: 'Consumer',
  metadata: { name: 'portal' },
  spec: { owner: 'team-portal', identities: [{ header: 'portal' }] },
};

const pathwayDocument = ({ name }: PolicyBridge) => ({
  ...META,
  kind: 'Pathway',
  metadata: { name: `portal-${name}` },
  spec: { consumer: 'portal', bridge: name, operations: ['getPolicy'] },
});

/**
 * A resource file for the WSDL of the insurer's policy system, with the WSDL beside it. JSON is YAML.
 * @returns path of the file
 */
export const writePolicyFiles = async (folder: string, bridges: readonly PolicyBridge[]): Promise<string> => {
  await mkdir(folder, { recursive: true });
  await cp(dirname(POLICY_WSDL), join(folder, 'policy'), { recursive: true });
  const documents = [
    SYSTEM,
    CONSUMER,
    ...bridges.flatMap((bridge) => [bridgeDocument(bridge), pathwayDocument(bridge)]),
  ];
  const file = join(folder, 'policy.yaml');
  await writeFile(file, documents.map((document) => JSON.stringify(document, null, 2)).join('\n---\n'));
  return file;
};
