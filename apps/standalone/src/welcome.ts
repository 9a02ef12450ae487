import { join, relative } from 'node:path';

export interface Addresses {
  dataUrl: string;
  controlUrl: string;
  home: string;
  estate: boolean;
}

const graphql = (url: string, query: string, header = ''): string =>
  `  curl -s ${url}/graphql -H 'content-type: application/json' ${header}-d '${JSON.stringify({ query })}'`;

const examples = ({ dataUrl, controlUrl, home }: Addresses): string[] => {
  const near = relative(process.cwd(), home);
  const key = join(near.startsWith('..') ? home : near, 'admin.key');
  return [
    'Try it (a SOAP system answers each):',
    '',
    `  curl -s '${dataUrl}/api/policy-admin/getPolicy?policyNumber=0007'`,
    '',
    graphql(
      dataUrl,
      '{ policyAdmin_getPolicy(policyNumber: "0007") { policy { policyNumber premium ledgerNumber address { city } coverages { code name } } } }',
    ),
    '',
    graphql(
      controlUrl,
      '{ pathways { nodes { name consumer { name } bridge { name } } } }',
      `-H "authorization: Bearer $(cat ${key})" `,
    ),
  ];
};

/** What a newcomer sees: where everything is, and lines to paste. */
export const welcome = (addresses: Addresses): string =>
  [
    '',
    'Bailey is up.',
    `  data plane     ${addresses.dataUrl}   (/api, /graphql, /docs, /readyz?verbose, /metrics)`,
    `  control plane  ${addresses.controlUrl}   (/control/v1, /graphql)`,
    `  home           ${addresses.home}`,
    '',
    ...(addresses.estate ? examples(addresses) : ['Register a system:  npx bailey apply -f FILE']),
    '',
    'Ctrl-C stops it.',
    '',
  ].join('\n');
