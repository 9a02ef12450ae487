import { holderName } from './policies.ts';
import type { Address, Company, Coverage, Person, Policy } from './policies.ts';
import { element, nillable, optional } from './xml.ts';

const NAMESPACES = {
  'xmlns:m': 'http://keystone-mutual.example/policy/messages',
  'xmlns:t': 'http://keystone-mutual.example/policy/types',
  'xmlns:p': 'http://keystone-mutual.example/party',
  'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
};

/** A message's root element, with the namespaces that all messages use. */
export const message = (name: string, children: readonly string[]): string =>
  element(`m:${name}`, children, NAMESPACES);

const holderElement = (holder: Person | Company): string =>
  'companyName' in holder
    ? element('t:company', [
        element('p:companyName', holder.companyName),
        optional('p:taxId', holder.taxId),
        optional('p:employees', holder.employees),
      ])
    : element('t:person', [
        element('p:firstName', holder.firstName),
        element('p:lastName', holder.lastName),
        optional('p:birthDate', holder.birthDate),
      ]);

const addressElement = (address: Address): string =>
  element('t:address', [
    ...address.line.map((line) => element('p:line', line)),
    element('p:postCode', address.postCode),
    element('p:city', address.city),
    element('p:country', address.country),
  ]);

const coverageElement = ({ code, name, limit, deductible, exclusions }: Coverage): string =>
  element(
    't:coverages',
    [
      element('t:name', name),
      element('t:limit', limit.amount, { currency: limit.currency }),
      optional('t:deductible', deductible),
      ...exclusions.map((exclusion) => element('t:exclusions', exclusion)),
    ],
    { code },
  );

/** `m:policy` with everything that is known of a policy, in the order of the schema. */
export const policyElement = (policy: Policy): string =>
  element(
    'm:policy',
    [
      element('t:policyNumber', policy.policyNumber),
      element('t:status', policy.status),
      element('t:product', policy.product),
      holderElement(policy.holder),
      addressElement(policy.address),
      element('t:premium', policy.premium),
      element('t:startDate', policy.startDate),
      optional('t:endDate', policy.endDate),
      element('t:changedAt', policy.changedAt),
      element('t:bookedAt', policy.bookedAt),
      element('t:ledgerNumber', policy.ledgerNumber),
      nillable('t:agentCode', policy.agentCode),
      optional('t:remarks', policy.remarks),
      ...policy.coverages.map(coverageElement),
    ],
    { version: policy.version, region: policy.region },
  );

/** `m:policies`: a policy in one line of the list. */
export const summaryElement = (policy: Policy): string =>
  element('m:policies', [
    element('t:policyNumber', policy.policyNumber),
    element('t:status', policy.status),
    element('t:holderName', holderName(policy.holder)),
    element('t:premium', policy.premium),
  ]);
