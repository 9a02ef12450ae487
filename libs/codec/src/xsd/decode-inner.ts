import { BANG, GT, isSpace, LIMITS, LT, QUESTION, SLASH, type XmlScanner } from '../xml/scanner.ts';
import type { JsonOutput } from './decode-output.ts';

const AMP = 0x26;

/** A child of the fragment, and the bindings from outside that it lives on. */
interface Piece {
  /** Behind the name of its start tag. */
  at: number;
  needs: Set<number>;
}

const attributeEscaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** XML that travels as it stands: checked for well-formedness, and given the namespace declarations it needs. */
export class InnerXml {
  readonly #scanner: XmlScanner;
  #pieces: Piece[] = [];
  #outer: Piece = { at: 0, needs: new Set() };
  /** Where the content ends and the end tag of its element starts. */
  #contentEnd = 0;

  constructor(scanner: XmlScanner) {
    this.#scanner = scanner;
  }

  /** Text that nobody reads, up to the next tag; it must be well-formed all the same. */
  skipText(at: number): number {
    const scanner = this.#scanner;
    const { buf } = scanner;
    for (;;) {
      const c = buf[at]!;
      if (c === LT || at >= scanner.end) return at;
      if (c === AMP) at = scanner.entityEnd(at);
      else if (c < 0x20 && !isSpace(c)) scanner.stop(at, 'there is a control character.');
      else at++;
    }
  }

  /** The element whose start tag was read last is part of the fragment; bindings below `outside` are not. */
  begin(outside: number): void {
    this.#outer = { at: 0, needs: new Set() };
    this.#noteNeeds(this.#outer, outside);
  }

  /**
   * Reads the content from `at` to behind the end tag of the element whose start tag was read last. Bindings below
   * `outside` are not part of the fragment; `withElement`: the element itself is.
   */
  scan(at: number, depth: number, outside: number, withElement: boolean): number {
    const scanner = this.#scanner;
    const { nameStart, nameEnd } = scanner;
    this.#pieces = [];
    const end = this.#scanContent(at, depth, outside, withElement);
    scanner.nameStart = nameStart;
    scanner.nameEnd = nameEnd;
    return end;
  }

  #scanContent(start: number, depth: number, outside: number, withElement: boolean): number {
    const scanner = this.#scanner;
    const { buf } = scanner;
    const names: number[] = [scanner.nameStart, scanner.nameEnd];
    const scopes: number[] = [];
    for (let at = start; ;) {
      at = this.skipText(at);
      const next = buf[at + 1]!;
      if (at + 1 >= scanner.end) scanner.stop(scanner.end, '');
      if (next === SLASH) {
        const tag = at;
        at = this.#endTag(at, names);
        if (names.length === 0) return this.#finish(tag, at);
        scanner.unbindTo(scopes.pop()!);
      } else if (next === QUESTION || next === BANG)
        at = next === BANG && scanner.isCdata(at) ? scanner.cdataEnd(at) : scanner.skipMarkup(at);
      else {
        if (depth + scopes.length >= LIMITS.depth) scanner.fail(`elements are nested deeper than ${LIMITS.depth}.`);
        at = this.#startTag(at, names, scopes, outside, withElement);
      }
    }
  }

  #finish(tag: number, end: number): number {
    this.#contentEnd = tag;
    return end;
  }

  #startTag(at: number, names: number[], scopes: number[], outside: number, withElement: boolean): number {
    const scanner = this.#scanner;
    const before = scanner.bindings;
    scanner.pos = at;
    scanner.readStartTag();
    if (!withElement && scopes.length === 0) this.#pieces.push({ at: scanner.nameEnd, needs: new Set() });
    this.#noteNeeds(withElement ? this.#outer : this.#pieces.at(-1)!, outside);
    if (scanner.selfClosing) scanner.unbindTo(before);
    else {
      names.push(scanner.nameStart, scanner.nameEnd);
      scopes.push(before);
    }
    return scanner.pos;
  }

  /** Which bindings from outside the element, its attributes and its xsi:type use. */
  #noteNeeds(piece: Piece, outside: number): void {
    const scanner = this.#scanner;
    this.#need(piece, scanner.elementBinding(), outside);
    for (let i = 0; i < scanner.attributeCount; i++) {
      this.#need(piece, scanner.attributeBinding(i), outside);
      const prefix = /^\s*([^\s:]+):[^\s:/]+\s*$/.exec(scanner.attributeText(i))?.[1];
      if (prefix !== undefined) this.#needPrefix(piece, prefix, outside);
    }
  }

  #need(piece: Piece, binding: number, outside: number): void {
    if (binding >= 0 && binding < outside && this.#scanner.bindingUri[binding] !== '') piece.needs.add(binding);
  }

  /** A value that looks like a qualified name may be one: a declaration too many does no harm. */
  #needPrefix(piece: Piece, prefix: string, outside: number): void {
    for (let index = this.#scanner.bindings - 1; index >= 0; index--) {
      if (this.#scanner.prefixText(index) === prefix) return this.#need(piece, index, outside);
    }
  }

  #endTag(at: number, names: number[]): number {
    const scanner = this.#scanner;
    const { buf } = scanner;
    const nameEnd = names.pop()!;
    at += 2;
    for (let name = names.pop()!; name < nameEnd; name++, at++) {
      if (buf[at] !== buf[name]) scanner.stop(at, 'the end tag does not match.');
    }
    at = scanner.skipSpace(at);
    if (buf[at] !== GT) scanner.stop(at, 'the end tag does not match.');
    return at + 1;
  }

  /** The content scanned last, from `start`, as a JSON string. */
  write(start: number, json: JsonOutput): void {
    this.#writePieces(start, this.#contentEnd, this.#pieces, json);
  }

  writeNothing(json: JsonOutput): void {
    this.#writePieces(0, 0, [], json);
  }

  /** The element from its `<` at `start` to `end`, as a JSON string. */
  writeOuter(start: number, nameEnd: number, end: number, json: JsonOutput): void {
    this.#writePieces(start, end, [{ at: nameEnd, needs: this.#outer.needs }], json);
  }

  #writePieces(start: number, end: number, pieces: readonly Piece[], json: JsonOutput): void {
    const { buf } = this.#scanner;
    let from = start;
    json.quote();
    for (const { at, needs } of pieces) {
      json.escape(buf, from, at);
      for (const binding of needs) this.#writeDeclaration(binding, json);
      from = at;
    }
    json.escape(buf, from, end);
    json.quote();
  }

  #writeDeclaration(binding: number, json: JsonOutput): void {
    const prefix = this.#scanner.prefixText(binding);
    const uri = attributeEscaped(this.#scanner.bindingUri[binding]!);
    const declaration = Buffer.from(` xmlns${prefix === '' ? '' : `:${prefix}`}="${uri}"`, 'utf8');
    json.escape(declaration, 0, declaration.length);
  }
}
