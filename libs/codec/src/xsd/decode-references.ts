import { Failure } from '@bailey/contract';
import { BANG, LIMITS, QUESTION, SLASH, GT, XmlScanner } from '../xml/scanner.ts';
import { InnerXml } from './decode-inner.ts';

/** An element that stands for another (`href`), or that others stand for (`id`). Offsets into the document. */
interface Node {
  /** Behind the name of the start tag. */
  nameEnd: number;
  nameStart: number;
  contentStart: number;
  contentEnd: number;
  end: number;
  isEmpty: boolean;
  id: string | undefined;
  href: string | undefined;
  /** All other attributes, as they stand. */
  attributes: string;
  children: Node[];
}

const NOT_COPIED = /^(?:id|href)$|(?::|^)(?:root|encodingStyle)$/;

/** Finds the elements of a document that take part in SOAP 1.1 section 5 references. */
class ReferenceScan {
  readonly #scanner = new XmlScanner();
  readonly #inner = new InnerXml(this.#scanner);
  readonly targets = new Map<string, Node>();
  readonly root: Node = {
    nameStart: 0,
    nameEnd: 0,
    contentStart: 0,
    contentEnd: 0,
    end: 0,
    isEmpty: false,
    id: undefined,
    href: undefined,
    attributes: '',
    children: [],
  };

  constructor(xml: Uint8Array) {
    this.#scanner.resetScanner(new Map());
    this.#scanner.append(xml, 0);
    this.#scanner.closed = true;
    this.root.contentEnd = this.root.end = xml.length;
  }

  run(): void {
    const scanner = this.#scanner;
    const open: Node[] = [this.root];
    for (let at = scanner.buf[0] === 0xef ? 3 : 0; ;) {
      at = this.#inner.skipText(at);
      if (at >= scanner.end) return;
      const next = scanner.buf[at + 1]!;
      if (next === SLASH) at = this.#close(at, open);
      else if (next === QUESTION || next === BANG)
        at = next === BANG && scanner.isCdata(at) ? scanner.cdataEnd(at) : scanner.skipMarkup(at);
      else at = this.#open(at, open);
    }
  }

  #open(at: number, open: Node[]): number {
    const scanner = this.#scanner;
    if (open.length > LIMITS.depth) scanner.fail(`elements are nested deeper than ${LIMITS.depth}.`);
    scanner.pos = at;
    scanner.readStartTag();
    scanner.unbindTo(0);
    const node = this.#node();
    if (node.id !== undefined) this.targets.set(node.id, node);
    open.at(-1)!.children.push(node);
    if (!node.isEmpty) open.push(node);
    return scanner.pos;
  }

  #node(): Node {
    const { nameStart, nameEnd, pos, selfClosing } = this.#scanner;
    const id = this.#attribute('id');
    const href = this.#attribute('href');
    const attributes = id === undefined ? '' : this.#copiedAttributes();
    return {
      nameStart,
      nameEnd,
      contentStart: pos,
      contentEnd: pos,
      end: pos,
      isEmpty: selfClosing,
      id,
      href,
      attributes,
      children: [],
    };
  }

  #attribute(name: string): string | undefined {
    const scanner = this.#scanner;
    for (let i = 0; i < scanner.attributeCount; i++) {
      if (scanner.text(scanner.attributeStart[i]!, scanner.attributeEnd[i]!) === name) return scanner.attributeText(i);
    }
    return undefined;
  }

  /** Declarations are copied too: the content may live on them. */
  #copiedAttributes(): string {
    const scanner = this.#scanner;
    const tag = scanner.text(scanner.nameEnd, scanner.pos).replace(/\/?>$/, '');
    return [...tag.matchAll(/\s+([^\s=]+)\s*=\s*("[^"]*"|'[^']*')/g)]
      .filter(([, name]) => !NOT_COPIED.test(name!))
      .map(([, name, value]) => ` ${name}=${value}`)
      .join('');
  }

  #close(at: number, open: Node[]): number {
    const scanner = this.#scanner;
    const node = open.pop()!;
    if (open.length === 0) scanner.fail('there is an end tag without a start tag.');
    let end = at + 2;
    while (scanner.buf[end] !== GT) {
      if (end >= scanner.end) scanner.stop(end, '');
      end++;
    }
    node.contentEnd = at;
    node.end = end + 1;
    return node.end;
  }
}

/** How much longer than the document its expansion may be: references may refer to references. */
const MAX_GROWTH = 8;
const MIN_ROOM = 1 << 20;

class Expansion {
  readonly #xml: Buffer;
  readonly #targets: ReadonlyMap<string, Node>;
  readonly #parts: Buffer[] = [];
  readonly #open = new Set<Node>();
  #room: number;

  constructor(xml: Uint8Array, targets: ReadonlyMap<string, Node>) {
    this.#xml = Buffer.from(xml.buffer, xml.byteOffset, xml.length);
    this.#targets = targets;
    this.#room = Math.max(MIN_ROOM, xml.length * MAX_GROWTH);
  }

  of(root: Node): Uint8Array {
    this.#content(root);
    return Buffer.concat(this.#parts);
  }

  #fail(detail: string): never {
    throw Failure.of('PROTOCOL_ERROR', `Resolving the references of the answer: ${detail}`, { phase: 'after' });
  }

  #write(part: Buffer): void {
    this.#room -= part.length;
    if (this.#room < 0) this.#fail('expanded, it is too large.');
    this.#parts.push(part);
  }

  /** The content of a node, with every reference in it replaced. */
  #content(node: Node): void {
    let from = node.contentStart;
    for (const child of node.children) {
      this.#write(this.#xml.subarray(from, child.nameStart - 1));
      this.#element(child);
      from = child.end;
    }
    this.#write(this.#xml.subarray(from, node.contentEnd));
  }

  #element(node: Node): void {
    if (node.href?.startsWith('#') === true) return this.#reference(node, node.href.slice(1));
    this.#write(this.#xml.subarray(node.nameStart - 1, node.contentStart));
    if (node.isEmpty) return;
    this.#content(node);
    this.#write(this.#xml.subarray(node.contentEnd, node.end));
  }

  #reference(node: Node, id: string): void {
    const target = this.#targets.get(id);
    if (target === undefined) this.#fail(`nothing has the id \`${id.slice(0, 60)}\`.`);
    if (this.#open.has(target)) this.#fail('a value holds itself, which JSON cannot say.');
    this.#open.add(target);
    const name = this.#xml.subarray(node.nameStart, node.nameEnd);
    this.#write(Buffer.concat([Buffer.from('<'), name, Buffer.from(`${target.attributes}>`)]));
    this.#content(target);
    this.#write(Buffer.concat([Buffer.from('</'), name, Buffer.from('>')]));
    this.#open.delete(target);
  }
}

/**
 * SOAP 1.1 section 5.2.1, multi-reference values: an element with `href="#id"` gets the attributes and the content of
 * the one with that `id`. UTF-8 in and out. Throws `PROTOCOL_ERROR` for dangling and circular references, and when
 * the result were many times the size of the document.
 */
export const inlineReferences = (xml: Uint8Array): Uint8Array => {
  const scan = new ReferenceScan(xml);
  scan.run();
  return new Expansion(xml, scan.targets).of(scan.root);
};
