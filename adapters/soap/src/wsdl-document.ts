import { type LedgerBook, resolveQName, sourceRefused, XSD, type XmlElement } from '@bailey/codec';
import { Failure } from '@bailey/contract';
import type { WsdlSources } from './wsdl-sources.ts';

export const WSDL = 'http://schemas.xmlsoap.org/wsdl/';
export const SOAP11 = 'http://schemas.xmlsoap.org/wsdl/soap/';
export const SOAP12 = 'http://schemas.xmlsoap.org/wsdl/soap12/';
const WSDL20 = new Set([
  'http://www.w3.org/ns/wsdl',
  'http://www.w3.org/2006/01/wsdl',
  'http://www.w3.org/2005/08/wsdl',
]);

type WsdlKind = 'message' | 'portType' | 'binding' | 'service';

const KINDS: readonly WsdlKind[] = ['message', 'portType', 'binding', 'service'];

/** A WSDL definition with its namespace; the node knows its file and line. */
export interface Definition {
  ns: string;
  name: string;
  node: XmlElement;
}

export const nameOf = (node: XmlElement): string => node.attributes.get('name')?.trim() ?? '';
export const wsdlChildren = (node: XmlElement, local: string): XmlElement[] =>
  node.children.filter((child) => child.ns === WSDL && child.local === local);
export const wsdlChild = (node: XmlElement, local: string): XmlElement | undefined => wsdlChildren(node, local)[0];
export const isTrue = (text: string | undefined): boolean => text === 'true' || text === '1';

/** Text of `wsdl:documentation`, as one line. */
export const documentationOf = (node: XmlElement): string | undefined =>
  wsdlChild(node, 'documentation')?.text.replace(/\s+/g, ' ').trim() || undefined;

/** All definitions of a WSDL and of what it imports, in document order, and the schemas that they carry. */
export class WsdlDocuments {
  readonly root: XmlElement;
  readonly schemas: XmlElement[] = [];
  readonly #definitions = new Map<WsdlKind, Definition[]>(KINDS.map((kind) => [kind, []]));
  readonly #byLocalName = new Map<string, Definition[]>();

  constructor(root: XmlElement) {
    this.root = root;
  }

  all(kind: WsdlKind): readonly Definition[] {
    return this.#definitions.get(kind)!;
  }

  /** The definition that a QName means; `exact` is false when only its local name fits. */
  find(kind: WsdlKind, text: string, node: XmlElement): { definition: Definition; exact: boolean } | undefined {
    const qname = resolveQName(node, text);
    const local = qname?.local ?? text.slice(text.indexOf(':') + 1);
    const named = this.#byLocalName.get(`${kind} ${local}`) ?? [];
    const exact = named.find(({ ns }) => ns === qname?.ns);
    const definition = exact ?? (named.length === 1 ? named[0] : undefined);
    return definition && { definition, exact: exact !== undefined };
  }

  enter(root: XmlElement): void {
    const ns = root.attributes.get('targetNamespace') ?? '';
    for (const kind of KINDS) {
      for (const node of wsdlChildren(root, kind)) this.#add(kind, { ns, name: nameOf(node), node });
    }
    for (const types of wsdlChildren(root, 'types'))
      this.schemas.push(...types.children.filter(({ ns: schema, local }) => schema === XSD && local === 'schema'));
  }

  #add(kind: WsdlKind, definition: Definition): void {
    this.#definitions.get(kind)!.push(definition);
    const key = `${kind} ${definition.name}`;
    const named = this.#byLocalName.get(key);
    if (named === undefined) this.#byLocalName.set(key, [definition]);
    else named.push(definition);
  }
}

const checkRoot = (root: XmlElement): void => {
  if (root.ns === WSDL && root.local === 'definitions') return;
  if (WSDL20.has(root.ns))
    throw sourceRefused(
      root,
      root.name,
      'this is WSDL 2.0; WSDL 1.1 is read. Ask the service for ?wsdl, or convert it.',
    );
  throw sourceRefused(root, root.name, 'this is not a WSDL: its root is not wsdl:definitions.');
};

const importOne = async (
  node: XmlElement,
  sources: WsdlSources,
  ledger: LedgerBook,
): Promise<XmlElement | undefined> => {
  const location = node.attributes.get('location')?.trim();
  const name = location ?? node.attributes.get('namespace') ?? '';
  try {
    if (!location) return void ledger.refused('wsdl:import', name, node, 'It has no location.');
    const root = await sources.follow(location, node.file);
    ledger.supported('wsdl:import', name, node);
    return root;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    ledger.refused('wsdl:import', name, node, `${error.message} What needs it is refused.`);
    return undefined;
  }
};

/** Reads the entry WSDL and all that it imports, each file once. */
export const readWsdl = async (sources: WsdlSources, ledger: LedgerBook): Promise<WsdlDocuments> => {
  const entry = await sources.tree(sources.entry);
  checkRoot(entry);
  const documents = new WsdlDocuments(entry);
  const seen = new Set<XmlElement>();
  const pending = [entry];
  for (let root = pending.shift(); root !== undefined; root = pending.shift()) {
    if (seen.has(root)) continue;
    seen.add(root);
    // Some tools import a schema as if it were a WSDL.
    if (root.ns === XSD && root.local === 'schema') documents.schemas.push(root);
    else documents.enter(root);
    for (const node of wsdlChildren(root, 'import')) {
      const imported = await importOne(node, sources, ledger);
      if (imported !== undefined) pending.push(imported);
    }
  }
  return documents;
};
