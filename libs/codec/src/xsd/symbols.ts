import type { QName } from './plan.ts';
import { XSD } from './builtins.ts';
import type { LedgerBook } from './ledger-book.ts';
import { Refusal } from './refusal.ts';
import { bundledSchemas } from './bundled.ts';
import { resolveQName, type XmlElement } from '../xml/tree.ts';

/** What XSD can declare at the top of a schema; simple and complex types share one symbol space. */
export type ComponentKind = 'element' | 'attribute' | 'type' | 'group' | 'attributeGroup';

/** One schema document as it stands in one namespace; a chameleon include stands in several. */
export interface SchemaDocument {
  root: XmlElement;
  ns: string;
  /** It has no target namespace of its own: its unqualified references mean the including namespace. */
  chameleon: boolean;
  elementsQualified: boolean;
  attributesQualified: boolean;
}

export interface Component {
  kind: ComponentKind;
  qname: QName;
  node: XmlElement;
  document: SchemaDocument;
  /** What this redefines: inside it, its own name means that one. XSD 1.0 part 1, section 4.2.2. */
  original?: Component;
}

const KINDS: ReadonlyMap<string, ComponentKind> = new Map([
  ['element', 'element'],
  ['attribute', 'attribute'],
  ['simpleType', 'type'],
  ['complexType', 'type'],
  ['group', 'group'],
  ['attributeGroup', 'attributeGroup'],
]);

export const qnameKey = ({ ns, local }: QName): string => `{${ns}}${local}`;

export const documentOf = (root: XmlElement, includingNs?: string): SchemaDocument => {
  const own = root.attributes.get('targetNamespace') ?? '';
  return {
    root,
    ns: own === '' ? (includingNs ?? '') : own,
    chameleon: own === '' && (includingNs ?? '') !== '',
    elementsQualified: root.attributes.get('elementFormDefault') === 'qualified',
    attributesQualified: root.attributes.get('attributeFormDefault') === 'qualified',
  };
};

/** A QName as it is meant in this document. Refused when its prefix is not declared. */
export const referenceIn = (document: SchemaDocument, node: XmlElement, text: string): QName => {
  const qname = resolveQName(node, text);
  if (qname === undefined)
    throw new Refusal(`xsd:${node.local}`, text, node, `The prefix of "${text}" is not declared.`);
  return qname.ns === '' && document.chameleon ? { ns: document.ns, local: qname.local } : qname;
};

/** The child of `complexContent` or `simpleContent` that names a base, if this type is derived. */
export const derivationOf = (type: XmlElement): XmlElement | undefined => {
  const content = type.children.find((child) => child.local === 'complexContent' || child.local === 'simpleContent');
  return content?.children.find((child) => child.local === 'extension' || child.local === 'restriction');
};

/** All components of all documents, by kind, namespace and name. */
export class Symbols {
  readonly #components = new Map<ComponentKind, Map<string, Component>>();
  readonly #bundled = new Set<string>();
  readonly #ledger: LedgerBook;
  #derived: Map<Component, Component[]> | undefined;
  #members: Map<string, Component[]> | undefined;

  constructor(ledger: LedgerBook) {
    this.#ledger = ledger;
  }

  addDocument(document: SchemaDocument): void {
    for (const node of document.root.children) {
      const kind = node.ns === XSD ? KINDS.get(node.local) : undefined;
      if (kind !== undefined) this.add(kind, node, document);
    }
  }

  add(kind: ComponentKind, node: XmlElement, document: SchemaDocument): void {
    const qname = { ns: document.ns, local: node.attributes.get('name')?.trim() ?? '' };
    const table = this.#table(kind);
    const known = table.get(qnameKey(qname));
    if (known === undefined) table.set(qnameKey(qname), { kind, qname, node, document });
    else if (known.node !== node && known.node.file !== node.file) {
      this.#ledger.approximated(
        `xsd:${node.local}`,
        qname.local,
        node,
        `It is declared twice; ${known.node.file}, line ${known.node.line} is used.`,
      );
    }
  }

  /** Puts a redefined component in the place of the original, which the new one alone can still reach. */
  redefine(kind: ComponentKind, node: XmlElement, document: SchemaDocument): void {
    const qname = { ns: document.ns, local: node.attributes.get('name')?.trim() ?? '' };
    const original = this.#table(kind).get(qnameKey(qname));
    this.#table(kind).set(qnameKey(qname), { kind, qname, node, document, ...(original && { original }) });
  }

  find(kind: ComponentKind, qname: QName): Component | undefined {
    const found = this.#table(kind).get(qnameKey(qname));
    if (found !== undefined || this.#bundled.has(qname.ns)) return found;
    this.#bundled.add(qname.ns);
    const bundled = bundledSchemas(qname.ns);
    if (bundled !== undefined) this.addDocument(documentOf(bundled));
    return bundled && this.#table(kind).get(qnameKey(qname));
  }

  /** The component that `text` on `node` means; within a redefinition its own name means the original. */
  resolve(
    kind: ComponentKind,
    text: string,
    node: XmlElement,
    document: SchemaDocument,
    within?: Component,
  ): Component {
    const qname = referenceIn(document, node, text);
    if (within?.original !== undefined && qnameKey(within.qname) === qnameKey(qname)) return within.original;
    const found = this.find(kind, qname) ?? this.#unprefixed(kind, qname, node, document);
    if (found !== undefined) return found;
    throw new Refusal(`xsd:${node.local}`, text.trim(), node, this.#missing(kind, qname));
  }

  /** Every type derived from this one, directly or not, in document order. */
  derivedFrom(base: Component): Component[] {
    this.#derived ??= this.#indexDerived();
    const all = new Set<Component>();
    const pending = [...(this.#derived.get(base) ?? [])];
    for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
      if (all.has(next)) continue;
      all.add(next);
      pending.push(...(this.#derived.get(next) ?? []));
    }
    return [...all];
  }

  /** Elements that may stand for this one, directly or not. */
  substitutesOf(head: Component): Component[] {
    this.#members ??= this.#indexMembers();
    const all = new Set<Component>();
    const pending = [...(this.#members.get(qnameKey(head.qname)) ?? [])];
    for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
      if (all.has(next) || next === head) continue;
      all.add(next);
      pending.push(...(this.#members.get(qnameKey(next.qname)) ?? []));
    }
    return [...all];
  }

  hasNamespace(ns: string): boolean {
    for (const table of this.#components.values()) {
      for (const component of table.values()) if (component.qname.ns === ns) return true;
    }
    return false;
  }

  /** A schema whose author forgot to bind the default prefix: the name can only mean the schema's own. */
  #unprefixed(
    kind: ComponentKind,
    { ns, local }: QName,
    node: XmlElement,
    document: SchemaDocument,
  ): Component | undefined {
    const own = ns === '' && document.ns !== '' ? this.find(kind, { ns: document.ns, local }) : undefined;
    if (own !== undefined)
      this.#ledger.approximated(
        `xsd:${node.local}`,
        local,
        node,
        `No default namespace is declared; ${local} of ${document.ns} is taken.`,
      );
    return own;
  }

  #table(kind: ComponentKind): Map<string, Component> {
    let table = this.#components.get(kind);
    if (table === undefined) this.#components.set(kind, (table = new Map()));
    return table;
  }

  #missing(kind: ComponentKind, qname: QName): string {
    if (qname.ns === '') return `No ${kind} ${qname.local} without a namespace is declared.`;
    const reason = this.hasNamespace(qname.ns)
      ? 'its schema does not declare it'
      : 'no schema of that namespace could be read';
    return `There is no ${kind} ${qname.local} in ${qname.ns}: ${reason}.`;
  }

  #indexDerived(): Map<Component, Component[]> {
    const index = new Map<Component, Component[]>();
    for (const component of this.#table('type').values()) {
      const derivation = derivationOf(component.node);
      const base = derivation && this.#baseOf(component, derivation);
      if (base === undefined) continue;
      const known = index.get(base);
      if (known === undefined) index.set(base, [component]);
      else known.push(component);
    }
    return index;
  }

  #baseOf(component: Component, derivation: XmlElement): Component | undefined {
    const text = derivation.attributes.get('base');
    const qname = text === undefined ? undefined : resolveQName(derivation, text);
    if (qname === undefined) return undefined;
    const ns = qname.ns === '' && component.document.chameleon ? component.document.ns : qname.ns;
    const base = this.#table('type').get(qnameKey({ ns, local: qname.local }));
    return base === component ? undefined : base;
  }

  #indexMembers(): Map<string, Component[]> {
    const index = new Map<string, Component[]>();
    for (const member of this.#table('element').values()) {
      const head = member.node.attributes.get('substitutionGroup');
      const qname = head === undefined ? undefined : resolveQName(member.node, head);
      if (qname === undefined) continue;
      const ns = qname.ns === '' && member.document.chameleon ? member.document.ns : qname.ns;
      const key = qnameKey({ ns, local: qname.local });
      const known = index.get(key);
      if (known === undefined) index.set(key, [member]);
      else known.push(member);
    }
    return index;
  }
}
