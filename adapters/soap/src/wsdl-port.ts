import { sourceRefused, type LedgerBook, type XmlElement } from '@bailey/codec';
import type { SoapConfig } from './config.ts';
import { nameOf, SOAP11, SOAP12, wsdlChildren, type Definition, type WsdlDocuments } from './wsdl-document.ts';

type SoapVersion = '1.1' | '1.2';

/** The port that the contract covers. `service` and `port` are empty when a binding stands without a service. */
export interface ChosenPort {
  service: string;
  port: string;
  endpoint: string;
  soapVersion: SoapVersion;
  binding: Definition;
  /** `soap:binding`, which gives the default style. */
  soapBinding: XmlElement;
}

/** A port as declared, with what it speaks, or why we do not. */
interface PortCandidate {
  service: string;
  port: string;
  node: XmlElement;
  chosen?: ChosenPort;
  reason?: string;
}

const HTTP_BINDING = 'http://schemas.xmlsoap.org/wsdl/http/';
const HTTP_TRANSPORTS =
  /^https?:\/\/(schemas\.xmlsoap\.org\/soap\/http|www\.w3\.org\/2003\/05\/soap\/bindings\/HTTP)\/?/i;

const soapChild = (node: XmlElement, local: string): XmlElement | undefined =>
  node.children.find((child) => (child.ns === SOAP11 || child.ns === SOAP12) && child.local === local);

const versionOf = (soapBinding: XmlElement): SoapVersion => (soapBinding.ns === SOAP12 ? '1.2' : '1.1');

/** Why a binding cannot be spoken; undefined when it can. */
const refusalOf = (binding: XmlElement): string | undefined => {
  const soapBinding = soapChild(binding, 'binding');
  if (soapBinding === undefined) {
    const isHttp = binding.children.some((child) => child.ns === HTTP_BINDING);
    return isHttp
      ? 'It is an HTTP GET/POST binding, not SOAP; only SOAP over HTTP is spoken.'
      : 'It is not a SOAP binding.';
  }
  const transport = soapBinding.attributes.get('transport');
  if (transport === undefined || HTTP_TRANSPORTS.test(transport)) return undefined;
  return /jms/i.test(transport)
    ? `It is SOAP over JMS (${transport}); only HTTP is spoken.`
    : `Its transport ${transport} is not HTTP.`;
};

const addressOf = (port: XmlElement): string =>
  port.children
    .find((child) => child.local === 'address')
    ?.attributes.get('location')
    ?.trim() ?? '';

const chosenFrom = (binding: Definition, names: { service: string; port: string; endpoint: string }): ChosenPort => {
  const soapBinding = soapChild(binding.node, 'binding')!;
  return { ...names, soapVersion: versionOf(soapBinding), binding, soapBinding };
};

const candidate = (service: string, node: XmlElement, documents: WsdlDocuments, ledger: LedgerBook): PortCandidate => {
  const port = nameOf(node);
  const text = node.attributes.get('binding') ?? '';
  const found = documents.find('binding', text, node);
  if (found === undefined) return { service, port, node, reason: `Its binding ${text} is not declared.` };
  const reason = refusalOf(found.definition.node);
  if (reason !== undefined) return { service, port, node, reason };
  const endpoint = addressOf(node);
  if (/^jms:/i.test(endpoint))
    return { service, port, node, reason: 'Its address is a JMS destination; only HTTP is spoken.' };
  if (!found.exact)
    ledger.approximated(
      'wsdl:port',
      port,
      node,
      `The namespace of its binding ${text} is not declared so; the one binding of that name is taken.`,
    );
  return { service, port, node, chosen: chosenFrom(found.definition, { service, port, endpoint }) };
};

const candidatesOf = (documents: WsdlDocuments, ledger: LedgerBook): PortCandidate[] =>
  documents
    .all('service')
    .flatMap(({ name, node }) => wsdlChildren(node, 'port').map((port) => candidate(name, port, documents, ledger)));

/** The first SOAP 1.1 port of the first service that has one, else SOAP 1.2. */
const preferred = (candidates: PortCandidate[]): PortCandidate | undefined => {
  const spoken = candidates.filter(({ chosen }) => chosen !== undefined);
  return spoken.find(({ chosen }) => chosen!.soapVersion === '1.1') ?? spoken[0];
};

const nameRefused = (documents: WsdlDocuments, construct: string, name: string, known: string[]): Error =>
  sourceRefused(
    documents.root,
    construct,
    `there is no ${construct} "${name}"; there is ${known.length > 0 ? known.join(', ') : 'none'}.`,
  );

const selected = (
  candidates: PortCandidate[],
  { service, port }: SoapConfig,
  documents: WsdlDocuments,
): PortCandidate[] => {
  if (service === undefined && port === undefined) return candidates;
  const ofService = candidates.filter((one) => service === undefined || one.service === service);
  if (ofService.length === 0 && service !== undefined)
    throw nameRefused(
      documents,
      'wsdl:service',
      service,
      documents.all('service').map(({ name }) => name),
    );
  const named = ofService.filter((one) => port === undefined || one.port === port);
  if (named.length === 0)
    throw nameRefused(
      documents,
      'wsdl:port',
      port ?? '',
      ofService.map((one) => one.port),
    );
  return named;
};

/** SOAP bindings of a WSDL whose services have no ports: the connection's endpoint says where to call. */
const bindingAlone = (documents: WsdlDocuments, ledger: LedgerBook): ChosenPort | undefined => {
  const spoken = documents.all('binding').filter(({ node }) => refusalOf(node) === undefined);
  const binding = spoken.find(({ node }) => soapChild(node, 'binding')!.ns === SOAP11) ?? spoken[0];
  if (binding === undefined) return undefined;
  ledger.approximated(
    'wsdl:binding',
    binding.name,
    binding.node,
    'No service offers it: set `connection.endpoint` to the address to call.',
  );
  return chosenFrom(binding, { service: '', port: '', endpoint: '' });
};

const report = (candidates: PortCandidate[], taken: PortCandidate | undefined, ledger: LedgerBook): void => {
  for (const one of candidates) {
    const name = `${one.service}/${one.port}`;
    if (one === taken) ledger.supported('wsdl:port', name, one.node);
    else
      ledger.refused(
        'wsdl:port',
        name,
        one.node,
        one.reason ??
          `Not taken: a bridge covers one port, here ${taken?.port}. Name it in \`connection.port\` for a bridge of its own.`,
      );
  }
};

/**
 * The one port of a contract. Undefined when the WSDL has no SOAP port over HTTP; the ledger then says why.
 * @throws Failure `SOURCE_REFUSED` when the connection names a service or port that is not there or cannot be spoken.
 */
export const choosePort = (
  documents: WsdlDocuments,
  config: SoapConfig,
  ledger: LedgerBook,
): ChosenPort | undefined => {
  const candidates = candidatesOf(documents, ledger);
  const asked = selected(candidates, config, documents);
  const taken = preferred(asked);
  report(candidates, taken, ledger);
  const isNamed = config.service !== undefined || config.port !== undefined;
  if (taken === undefined && isNamed)
    throw sourceRefused(asked[0]!.node, 'wsdl:port', asked[0]!.reason ?? 'it cannot be spoken.');
  if (taken !== undefined || candidates.length > 0) return taken?.chosen;
  const alone = bindingAlone(documents, ledger);
  if (alone === undefined)
    ledger.refused(
      'wsdl:definitions',
      nameOf(documents.root),
      documents.root,
      'It has no SOAP binding over HTTP, so there is nothing to call.',
    );
  return alone;
};
