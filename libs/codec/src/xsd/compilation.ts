import type { LedgerBook } from './ledger-book.ts';
import { BUILTINS, XSD, XSD_DRAFTS } from './builtins.ts';
import type { QName, Shape, ShapeRef } from './plan.ts';
import { Refusal } from './refusal.ts';
import { referenceIn, type Component, type SchemaDocument, type Symbols } from './symbols.ts';
import type { XmlElement } from '../xml/tree.ts';

/** Where a construct stands: its node, and the document that gives unprefixed names and forms their meaning. */
export interface Site {
  node: XmlElement;
  document: SchemaDocument;
  /** The named component it is part of, for redefinitions. */
  within?: Component | undefined;
}

const ANY_TYPE: Shape = { kind: 'anyType' };

// A chain of this many base types or groups is generated to harm; real ones have fewer than 20 links.
const MAX_CHAIN = 200;

/**
 * The state of one compilation: shapes by index, types in the making. A type is reserved first and compiled from a
 * queue, so that neither recursion nor the depth of nesting touches the stack; a refusal stays with the shape it hit.
 */
export class Compilation {
  readonly symbols: Symbols;
  readonly ledger: LedgerBook;
  readonly shapes: (Shape | undefined)[] = [];
  readonly refusals = new Map<ShapeRef, Refusal>();
  /** Text of `xsd:documentation`, by the shape, particle or attribute it stands on. */
  readonly documentation = new WeakMap<object, string>();
  readonly #queue: (() => void)[] = [];
  readonly #named = new Map<Component | string, ShapeRef>();
  readonly #anonymous = new Map<SchemaDocument, Map<XmlElement, ShapeRef>>();
  readonly #chain: unknown[] = [];

  constructor(symbols: Symbols, ledger: LedgerBook) {
    this.symbols = symbols;
    this.ledger = ledger;
  }

  /** A new index whose shape is made later; what refuses while it is made is kept for those that use it. */
  reserve(make: () => Shape): ShapeRef {
    const ref = this.shapes.push(undefined) - 1;
    this.#queue.push(() => {
      this.shapes[ref] = this.#attempt(ref, make);
    });
    return ref;
  }

  drain(): void {
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) next();
  }

  /** One index a named component or built-in type. */
  named(key: Component | string, make: () => Shape): ShapeRef {
    let ref = this.#named.get(key);
    if (ref === undefined) this.#named.set(key, (ref = this.reserve(make)));
    return ref;
  }

  /** One index an anonymous type, however often the group that holds it is used: that closes cycles. */
  anonymous({ node, document }: Site, make: () => Shape): ShapeRef {
    let known = this.#anonymous.get(document);
    if (known === undefined) this.#anonymous.set(document, (known = new Map()));
    let ref = known.get(node);
    if (ref === undefined) known.set(node, (ref = this.reserve(make)));
    return ref;
  }

  builtin(local: string): ShapeRef {
    if (local === 'anyType') return this.named(`{${XSD}}anyType`, () => ANY_TYPE);
    return this.named(`{${XSD}}${local}`, () => {
      const { listOf, ...type } = BUILTINS.get(local)!;
      return {
        kind: 'simple',
        ...type,
        qname: { ns: XSD, local },
        ...(listOf !== undefined && { list: this.builtin(listOf) }),
      };
    });
  }

  /** The local name of a built-in type, when the QName means one. */
  builtinName(qname: QName, node: XmlElement): string | undefined {
    if (qname.ns !== XSD && !XSD_DRAFTS.has(qname.ns)) return undefined;
    if (qname.local === 'anyType' || BUILTINS.has(qname.local)) return qname.local;
    if (qname.local === 'ur-type') return 'anyType';
    throw new Refusal(`xsd:${node.local}`, qname.local, node, `XML Schema has no type ${qname.local}.`);
  }

  reference(site: Site, text: string): QName {
    return referenceIn(site.document, site.node, text);
  }

  /** True within the definition that `step` stands for. */
  isWithin(step: unknown): boolean {
    return this.#chain.includes(step);
  }

  /** Runs a step along a chain of definitions; a circle or an endless chain is refused where it closes. */
  link<T>(step: unknown, { node }: Site, run: () => T): T {
    const name = node.attributes.get('name') ?? node.attributes.get('ref') ?? node.local;
    if (this.#chain.includes(step)) throw new Refusal(`xsd:${node.local}`, name, node, 'It is defined by itself.');
    if (this.#chain.length > MAX_CHAIN)
      throw new Refusal(`xsd:${node.local}`, name, node, `More than ${MAX_CHAIN} definitions are chained.`);
    this.#chain.push(step);
    try {
      return run();
    } finally {
      this.#chain.pop();
    }
  }

  document(target: object, node: XmlElement): void {
    const annotation = node.children.find((child) => child.local === 'annotation');
    const text = annotation?.children.find((child) => child.local === 'documentation')?.text.trim();
    if (text) this.documentation.set(target, text.replace(/\s+/g, ' '));
  }

  #attempt(ref: ShapeRef, make: () => Shape): Shape {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.refusals.set(ref, error);
      return ANY_TYPE;
    }
  }
}
