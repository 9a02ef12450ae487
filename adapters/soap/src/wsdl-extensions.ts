import type { LedgerBook, XmlElement } from '@bailey/codec';
import { nameOf, type WsdlDocuments } from './wsdl-document.ts';

const POLICIES = new Set([
  'http://schemas.xmlsoap.org/ws/2004/09/policy',
  'http://www.w3.org/ns/ws-policy',
  'http://www.w3.org/2006/07/ws-policy',
]);
const ADDRESSING = new Set([
  'http://www.w3.org/2006/05/addressing/wsdl',
  'http://www.w3.org/2006/02/addressing/wsdl',
  'http://www.w3.org/2007/05/addressing/metadata',
]);

const reportOne = (node: XmlElement, owner: string, ledger: LedgerBook): void => {
  if (POLICIES.has(node.ns) && /^(Policy|PolicyReference)$/.test(node.local)) {
    ledger.approximated(
      'wsp:Policy',
      owner,
      node,
      'Policies are not read: set what the service asks for in `connection.auth` and `connection.tls`.',
    );
  } else if (ADDRESSING.has(node.ns) && node.local === 'UsingAddressing') {
    ledger.approximated(
      'wsaw:UsingAddressing',
      owner,
      node,
      'WS-Addressing headers are not sent; most services do without them.',
    );
  }
};

/** Extensions that ask for more than the envelope: each is named in the ledger, so that nobody counts on it. */
export const reportExtensions = (documents: WsdlDocuments, ledger: LedgerBook): void => {
  for (const node of documents.root.children) reportOne(node, nameOf(documents.root), ledger);
  for (const kind of ['binding', 'service'] as const) {
    for (const { name, node } of documents.all(kind)) {
      for (const child of node.children) {
        reportOne(child, name, ledger);
        for (const inner of child.children) reportOne(inner, `${name}/${nameOf(child)}`, ledger);
      }
    }
  }
};
