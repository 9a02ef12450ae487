import { holderName } from './policies.ts';
import type { Address, Policy } from './policies.ts';
import { message, policyElement, summaryElement } from './policy-xml.ts';
import { element } from './xml.ts';

/** What node-soap hands to an operation: text as it is, dates as Date, decimals as numbers. */
type Arguments = Record<string, unknown>;

/** `_xml` is node-soap's way to take a body as it stands; its own serialiser loses order, scale and namespaces. */
interface LiteralBody {
  _xml: string;
}

export type PolicyService = Record<'GetPolicy' | 'FindPolicies' | 'ChangeAddress', (input: Arguments) => LiteralBody> &
  Record<'NotifyClaim', (input: Arguments) => void>;

const literal = (xml: string): LiteralBody => ({ _xml: xml });

/** SOAP 1.1 section 4.4: the typed detail of a declared fault, on HTTP 500. */
const policyNotFound = (policyNumber: string) => {
  const detail = message('PolicyNotFound', [
    element('m:policyNumber', policyNumber),
    element('m:reason', 'No policy has this number.'),
  ]);
  const xml = element('soap:Fault', [
    element('faultcode', 'soap:Server'),
    element('faultstring', 'Policy not found'),
    element('detail', [detail]),
  ]);
  // node-soap takes a thrown `Fault` for its answer; `faultcode` tells it that this is SOAP 1.1.
  return Object.assign(new Error('policy not found'), {
    Fault: { faultcode: '', faultstring: '', statusCode: 500, _xml: xml },
  });
};

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const day = (value: unknown): string | undefined =>
  value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString().slice(0, 10) : undefined;

const toAddress = (value: unknown): Address => {
  const given = value as Record<string, unknown>;
  return {
    line: [given['line']].flat().map(text),
    postCode: text(given['postCode']),
    city: text(given['city']),
    country: text(given['country']),
  };
};

/** The operations over one policy file, in memory. */
export const policyService = (policies: Policy[]): PolicyService => {
  let changes = 9_007_199_254_740_993n;

  const find = (policyNumber: unknown): Policy => {
    const found = policies.find((policy) => policy.policyNumber === text(policyNumber));
    if (found === undefined) throw policyNotFound(text(policyNumber));
    return found;
  };

  return {
    GetPolicy: ({ policyNumber }) => literal(message('GetPolicyResponse', [policyElement(find(policyNumber))])),

    FindPolicies: (input) => {
      const name = text(input['holderName']).toLowerCase();
      const [from = '', to = '9999'] = [day(input['from']), day(input['to'])];
      const found = policies.filter(
        ({ holder, startDate }) =>
          holderName(holder).toLowerCase().includes(name) && startDate >= from && startDate <= to,
      );
      return literal(message('FindPoliciesResponse', [element('m:total', found.length), ...found.map(summaryElement)]));
    },

    ChangeAddress: ({ policyNumber, address }) => {
      const policy = find(policyNumber);
      policy.address = toAddress(address);
      policy.version += 1;
      return literal(
        message('ChangeAddressResponse', [
          element('m:changeNumber', String(changes++)),
          element('m:version', policy.version),
        ]),
      );
    },

    // The claims department works offline: what arrives is in the journal.
    NotifyClaim: () => undefined,
  };
};
