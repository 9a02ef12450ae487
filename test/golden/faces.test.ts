import { dirname, join } from 'node:path';
import { printSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { adapters } from '@bailey/adapters';
import { describeBridge, folderFiles, readResourceFiles, resourceSchema } from '@bailey/bridges';
import type { BridgeDoc } from '@bailey/inventory';
import { createLog, createTracing, systemClock } from '@bailey/platform';
import { bridgeTypeMap, buildSchema, errorsMarkdown, openApi, type FaceOf } from '@bailey/surface';

/**
 * What the public sees of the sample estate, and what is printed from tables: a change here is a change of a public
 * interface, and stands in the diff for a reviewer to read. `npm run golden` writes them.
 */
const ROOT = join(import.meta.dirname, '..', '..');
const golden = (name: string): string => join(import.meta.dirname, name);
const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const estateFile = join(ROOT, 'test', 'estate', 'bailey.yaml');

const policyAdmin = async () => {
  const { resources } = await readResourceFiles(estateFile);
  const bridge = resources.find((resource): resource is BridgeDoc => resource.kind === 'Bridge')!;
  const { described } = await describeBridge(bridge, folderFiles(dirname(estateFile), bridge), {
    adapters,
    env: { BAILEY_ESTATE_SOAP_URL: 'http://127.0.0.1:1/policy/service' },
    tracing: createTracing(),
    log: createLog({ name: 'golden', level: 'silent' }),
    clock: systemClock,
  });
  return described;
};

describe('the faces of the sample estate', async () => {
  const { contract, ledger } = await policyAdmin();
  const face: FaceOf = { name: 'policy-admin', title: 'Policy administration', system: 'policy-mainframe', contract };

  it('contract', () => expect(pretty(contract)).toMatchFileSnapshot(golden('policy-admin.contract.json')));
  it('ledger', () => expect(pretty(ledger)).toMatchFileSnapshot(golden('policy-admin.ledger.json')));
  it('OpenAPI', () => expect(pretty(openApi(face))).toMatchFileSnapshot(golden('policy-admin.openapi.json')));
  it('GraphQL', () => {
    const schema = buildSchema([bridgeTypeMap(face)], async () => null);
    return expect(`${printSchema(schema)}\n`).toMatchFileSnapshot(golden('policy-admin.graphql'));
  });
});

describe('what is printed from tables', () => {
  it('docs/errors.md', () => expect(errorsMarkdown()).toMatchFileSnapshot(join(ROOT, 'docs', 'errors.md')));
  it('docs/bailey.schema.json', () =>
    expect(pretty(resourceSchema(adapters))).toMatchFileSnapshot(join(ROOT, 'docs', 'bailey.schema.json')));
});
