import { Failure } from '@bailey/contract';
import { XSD } from './builtins.ts';
import { hasBundledSchema } from './bundled.ts';
import type { LedgerBook } from './ledger-book.ts';
import { documentOf, type ComponentKind, type SchemaDocument, Symbols } from './symbols.ts';
import type { XmlElement } from '../xml/tree.ts';

/**
 * Reads the document at `location` as written in the file `from`. The answer's `file` is its one canonical name; a
 * second asking for the same file answers the same tree. A {@link Failure} says why it cannot be read.
 */
export type ReadDocument = (location: string, from: string) => Promise<XmlElement>;

const REDEFINED: ReadonlyMap<string, ComponentKind> = new Map([
  ['simpleType', 'type'],
  ['complexType', 'type'],
  ['group', 'group'],
  ['attributeGroup', 'attributeGroup'],
]);

interface Reference {
  node: XmlElement;
  document: SchemaDocument;
}

/** Reads `xsd:schema` roots and all that they include, import and redefine, into one symbol table. */
class SchemaLoader {
  readonly #read: ReadDocument;
  readonly #ledger: LedgerBook;
  readonly #seen = new Set<string>();
  readonly #redefinitions: Reference[] = [];
  readonly #unread: { node: XmlElement; note: string }[] = [];
  readonly symbols: Symbols;

  constructor(read: ReadDocument, ledger: LedgerBook) {
    this.#read = read;
    this.#ledger = ledger;
    this.symbols = new Symbols(ledger);
  }

  async load(roots: XmlElement[]): Promise<Symbols> {
    const pending: Reference[] = [];
    for (const root of roots) this.#enter(documentOf(root), pending);
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) await this.#follow(next, pending);
    // Originals are all known only now; a redefinition of a redefinition was met outermost first.
    for (const { node, document } of this.#redefinitions.reverse()) this.#redefine(node, document);
    for (const { node, note } of this.#unread) this.#reportUnread(node, note);
    return this.symbols;
  }

  #enter(document: SchemaDocument, pending: Reference[]): void {
    const { root } = document;
    const key = `${root.file}#${root.line} ${document.ns}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.symbols.addDocument(document);
    const references = root.children.filter(
      (node) => node.ns === XSD && /^(import|include|redefine)$/.test(node.local),
    );
    pending.push(...references.reverse().map((node) => ({ node, document })));
  }

  async #follow({ node, document }: Reference, pending: Reference[]): Promise<void> {
    const name = node.attributes.get('schemaLocation') ?? node.attributes.get('namespace') ?? '';
    if (node.local === 'redefine') this.#redefinitions.push({ node, document });
    const root = await this.#rootOf(node);
    if (root === undefined) return;
    const target = documentOf(root, node.local === 'import' ? undefined : document.ns);
    this.#checkNamespace(node, target, document);
    this.#ledger.supported(`xsd:${node.local}`, name, node);
    this.#enter(target, pending);
  }

  async #rootOf(node: XmlElement): Promise<XmlElement | undefined> {
    const location = node.attributes.get('schemaLocation')?.trim();
    // Bundled schemas are found by their namespace when something refers to them.
    if (hasBundledSchema(node.attributes.get('namespace') ?? '') || !location) return undefined;
    try {
      const root = await this.#read(location, node.file);
      if (root.ns === XSD && root.local === 'schema') return root;
      this.#unread.push({ node, note: `${location} is not a schema, its root is ${root.name}.` });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#unread.push({ node, note: `${location} could not be read: ${error.message}` });
    }
    return undefined;
  }

  #checkNamespace(node: XmlElement, target: SchemaDocument, document: SchemaDocument): void {
    const expected = node.local === 'import' ? (node.attributes.get('namespace') ?? '') : document.ns;
    if (expected === target.ns) return;
    this.#ledger.approximated(
      `xsd:${node.local}`,
      target.root.file,
      node,
      `Its target namespace is "${target.ns}", not "${expected}"; its own is used.`,
    );
  }

  #redefine(node: XmlElement, document: SchemaDocument): void {
    for (const child of node.children) {
      const kind = child.ns === XSD ? REDEFINED.get(child.local) : undefined;
      if (kind !== undefined) this.symbols.redefine(kind, child, document);
    }
  }

  #reportUnread(node: XmlElement, note: string): void {
    const name = node.attributes.get('schemaLocation') ?? '';
    if (node.local === 'import' && this.symbols.hasNamespace(node.attributes.get('namespace') ?? '')) {
      this.#ledger.approximated(
        'xsd:import',
        name,
        node,
        `${note} Its namespace is declared by another schema, which is used.`,
      );
    } else this.#ledger.refused(`xsd:${node.local}`, name, node, `${note} What needs it is refused.`);
  }
}

/** Several schema documents, with all that they refer to, as one symbol table. */
export const loadSchemas = (roots: XmlElement[], read: ReadDocument, ledger: LedgerBook): Promise<Symbols> =>
  new SchemaLoader(read, ledger).load(roots);
