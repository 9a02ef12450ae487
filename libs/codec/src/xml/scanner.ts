import { isUtf8 } from 'node:buffer';
import { Failure } from '@bailey/contract';

/**
 * The lowest layer of the decoder: tags, attributes, namespaces, character data, straight on UTF-8 bytes that arrive
 * in chunks. A token that is not whole yet throws {@link INCOMPLETE}; the owner goes back to the token's start and
 * waits for more. A zero byte stands behind the last byte, so that no inner loop needs a bounds check: zero is legal
 * nowhere in XML, and ends every scan.
 */
export const INCOMPLETE = new Error('more bytes are needed');

export const LIMITS = { depth: 100, attributes: 256, declarations: 64, bindings: 256, nameBytes: 1024 } as const;

export const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
export const XML_NS = 'http://www.w3.org/XML/1998/namespace';

export const LT = 0x3c;
export const GT = 0x3e;
export const SLASH = 0x2f;
export const BANG = 0x21;
export const QUESTION = 0x3f;
const AMP = 0x26;
const HASH = 0x23;
const SEMICOLON = 0x3b;
const COLON = 0x3a;
const EQUALS = 0x3d;
const CR = 0x0d;
const LF = 0x0a;

/** 1: goes into JSON as it is; 0: ends the fast loop (markup, escapes, controls, the zero behind the end). */
export const PLAIN = new Uint8Array(256).fill(1, 0x20);
for (const special of [LT, AMP, 0x22, 0x5c]) PLAIN[special] = 0;

const SPACE = new Uint8Array(256);
for (const space of [0x20, 0x09, CR, LF]) SPACE[space] = 1;

/** 1: starts a name, 2: goes on in a name. Beyond ASCII all is let through: names are only compared. */
const NAME = new Uint8Array(256).fill(1, 0x80);
for (const c of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_') NAME[c.charCodeAt(0)] = 1;
for (const c of '0123456789-.') NAME[c.charCodeAt(0)] = 2;

export const isSpace = (byte: number): boolean => SPACE[byte] === 1;

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'utf8');

const CDATA_START = bytesOf('<![CDATA[');
const COMMENT_START = bytesOf('<!--');
const XMLNS = bytesOf('xmlns');

/** The hash that names are looked up by; the scanner computes it while it reads the name. */
export const hashName = (bytes: Uint8Array): number => {
  let hash = 0;
  for (const byte of bytes) hash = (Math.imul(hash, 31) + byte) | 0;
  return hash;
};

/** The references that exist without a DTD (XML 1.0 section 4.6), commonest first. */
const ENTITIES: readonly (readonly [Uint8Array, number])[] = [
  [bytesOf('amp;'), AMP],
  [bytesOf('lt;'), LT],
  [bytesOf('gt;'), GT],
  [bytesOf('quot;'), 0x22],
  [bytesOf('apos;'), 0x27],
];
const LONGEST_ENTITY = 5;

/** Value of a hexadecimal digit; 255: none. */
const DIGIT = new Uint8Array(256).fill(255);
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  DIGIT[digit.charCodeAt(0)] = DIGIT[digit.toUpperCase().charCodeAt(0)] = value;
}

/** XML 1.0 production 2, Char. */
export const isXmlChar = (code: number): boolean =>
  code >= 0x20
    ? code < 0xd800 || (code > 0xdfff && code !== 0xfffe && code !== 0xffff && code <= 0x10ffff)
    : code === 9 || code === LF || code === CR;

const INITIAL_BYTES = 16 * 1024;

/** Namespace names become small numbers, so that a name is compared by a number and its bytes. Unknown ones are -1. */
export type NamespaceIds = ReadonlyMap<string, number>;

export class XmlScanner {
  buf = new Uint8Array(INITIAL_BYTES);
  pos = 0;
  end = 0;
  /** No more bytes will come: what is incomplete now is truncated. */
  closed = false;
  #checked = 0;

  // The tag read last.
  nameStart = 0;
  nameEnd = 0;
  /** Where the local name starts. */
  localStart = 0;
  /** Hash of the local name. */
  hash = 0;
  #prefixHash = 0;
  selfClosing = false;

  attributeCount = 0;
  readonly attributeStart = new Int32Array(LIMITS.attributes);
  readonly attributeLocal = new Int32Array(LIMITS.attributes);
  readonly attributeEnd = new Int32Array(LIMITS.attributes);
  readonly attributeHash = new Int32Array(LIMITS.attributes);
  readonly #attributePrefixHash = new Int32Array(LIMITS.attributes);
  readonly valueStart = new Int32Array(LIMITS.attributes);
  readonly valueEnd = new Int32Array(LIMITS.attributes);

  // In-scope namespace bindings, innermost last; the prefix bytes lie one after another in the arena.
  bindings = 0;
  ids: NamespaceIds = new Map();
  readonly bindingUri: string[] = [];
  readonly #bindingId = new Int32Array(LIMITS.bindings);
  readonly #bindingHash = new Int32Array(LIMITS.bindings);
  readonly #bindingStart = new Int32Array(LIMITS.bindings + 1);
  #prefixes = new Uint8Array(1024);
  #default = -2;
  readonly #uris = new Map<number, { bytes: Uint8Array; text: string }>();

  /** Character data of the slow path: entities, CDATA, comments and carriage returns are resolved in it. */
  scratch = new Uint8Array(1024);
  scratchEnd = 0;
  #codePoint = 0;

  resetScanner(ids: NamespaceIds): void {
    this.pos = this.end = this.#checked = 0;
    this.buf[0] = 0;
    this.closed = false;
    this.bindings = 0;
    this.#default = -2;
    this.ids = ids;
  }

  /** Adds bytes behind what is there; what lies before `keep` is given up. */
  append(chunk: Uint8Array, keep: number): void {
    const pending = this.end - keep;
    const needed = pending + chunk.length + 1;
    if (needed > this.buf.length) {
      const wider = new Uint8Array(Math.max(needed, this.buf.length * 2));
      wider.set(this.buf.subarray(keep, this.end));
      this.buf = wider;
    } else if (keep > 0) this.buf.copyWithin(0, keep, this.end);
    this.buf.set(chunk, pending);
    this.end = pending + chunk.length;
    this.buf[this.end] = 0;
    this.#moveBy(-keep);
  }

  #moveBy(distance: number): void {
    this.pos += distance;
    this.nameStart += distance;
    this.nameEnd += distance;
    this.localStart += distance;
    this.#checked = Math.max(0, this.#checked + distance);
  }

  /** Checks what was consumed since the last time; tokens end at ASCII bytes, so no character is ever cut. */
  checkUtf8(): void {
    if (this.pos > this.#checked && !isUtf8(this.buf.subarray(this.#checked, this.pos)))
      this.fail('the bytes are not UTF-8.');
    this.#checked = Math.max(this.#checked, this.pos);
  }

  /** Where we are, in words; the decoder knows the path. */
  place(): string {
    return `byte ${this.pos}`;
  }

  fail(detail: string): never {
    throw Failure.of('PROTOCOL_ERROR', `Reading the XML at ${this.place()}: ${detail}`, { phase: 'after' });
  }

  /** The scan stopped at `at` on something unexpected: either the bytes end here, or they are wrong. */
  stop(at: number, detail: string): never {
    if (at < this.end) this.fail(this.buf[at] === 0 ? 'there is a zero byte.' : detail);
    if (this.closed) this.fail('the document ends too early.');
    throw INCOMPLETE;
  }

  text(start: number, end: number): string {
    return Buffer.from(this.buf.buffer, this.buf.byteOffset + start, end - start).toString('utf8');
  }

  skipSpace(at: number): number {
    const buf = this.buf;
    while (SPACE[buf[at]!] === 1) at++;
    return at;
  }

  /** Reads a qualified name at `at`; leaves where its local part starts and the hashes of both parts. */
  #scanName(at: number): number {
    const { buf } = this;
    const start = at;
    let hash = 0;
    this.localStart = at;
    this.#prefixHash = 0;
    if (NAME[buf[at]!] !== 1) this.stop(at, 'a name was expected.');
    for (;;) {
      const c = buf[at]!;
      if (NAME[c] !== 0) {
        hash = (Math.imul(hash, 31) + c) | 0;
        at++;
      } else if (c === COLON && this.localStart === start && at > start) {
        this.#prefixHash = hash;
        hash = 0;
        this.localStart = ++at;
        if (NAME[buf[at]!] !== 1) this.stop(at, 'a name was expected after the prefix.');
      } else break;
    }
    if (at >= this.end) this.stop(at, '');
    if (at - start > LIMITS.nameBytes) this.fail(`a name is longer than ${LIMITS.nameBytes} bytes.`);
    this.hash = hash;
    return at;
  }

  /** Reads the start tag at `pos`, declares its namespaces, and stands behind it. */
  readStartTag(): void {
    const { buf } = this;
    const start = this.pos + 1;
    let at = this.#scanName(start);
    const nameEnd = at;
    const { localStart, hash } = this;
    const prefixHash = this.#prefixHash;
    this.attributeCount = 0;
    let c = buf[at]!;
    if (c !== GT) {
      at = this.#readAttributes(at);
      c = buf[at]!;
    }
    this.selfClosing = c === SLASH;
    if (c === SLASH && buf[at + 1] !== GT) this.stop(at + 1, '`/` is not followed by `>`.');
    this.nameStart = start;
    this.localStart = localStart;
    this.hash = hash;
    this.#prefixHash = prefixHash;
    this.nameEnd = nameEnd;
    this.pos = c === SLASH ? at + 2 : at + 1;
  }

  /** Attributes up to `>` or `/`, where it stops. */
  #readAttributes(at: number): number {
    const { buf } = this;
    let declarations = 0;
    for (;;) {
      const spaced = this.skipSpace(at);
      const c = buf[spaced]!;
      if (c === GT || c === SLASH) return spaced;
      if (spaced === at) this.stop(at, 'the tag is malformed.');
      at = this.#readAttribute(spaced);
      if (this.#isDeclaration(spaced)) {
        if (++declarations > LIMITS.declarations)
          this.fail(`an element declares more than ${LIMITS.declarations} namespaces.`);
        this.#declare(this.attributeCount);
      } else this.#keepAttribute();
    }
  }

  /** Reads one attribute into the place behind the kept ones. */
  #readAttribute(start: number): number {
    const { buf, attributeCount: index } = this;
    if (index >= LIMITS.attributes) this.fail(`an element has more than ${LIMITS.attributes} attributes.`);
    const nameEnd = this.#scanName(start);
    this.attributeStart[index] = start;
    this.attributeLocal[index] = this.localStart;
    this.attributeEnd[index] = nameEnd;
    this.attributeHash[index] = this.hash;
    this.#attributePrefixHash[index] = this.#prefixHash;
    let at = this.skipSpace(nameEnd);
    if (buf[at] !== EQUALS) this.stop(at, 'an attribute has no value.');
    at = this.skipSpace(at + 1);
    const quote = buf[at]!;
    if (quote !== 0x22 && quote !== 0x27) this.stop(at, 'an attribute value is not quoted.');
    this.valueStart[index] = ++at;
    while (buf[at] !== quote) {
      if (buf[at] === LT || buf[at] === 0) this.stop(at, '`<` stands in an attribute value.');
      at++;
    }
    this.valueEnd[index] = at;
    return at + 1;
  }

  #keepAttribute(): void {
    const index = this.attributeCount++;
    for (let other = 0; other < index; other++) {
      if (this.attributeHash[other] === this.attributeHash[index] && this.#sameName(other, index))
        this.fail('an attribute is given twice.');
    }
  }

  #sameName(one: number, other: number): boolean {
    const start = this.attributeStart[one]!;
    return this.sameBytes(
      start,
      this.attributeEnd[one]!,
      this.buf,
      this.attributeStart[other]!,
      this.attributeEnd[other]!,
    );
  }

  sameBytes(start: number, end: number, other: Uint8Array, otherStart: number, otherEnd: number): boolean {
    const { buf } = this;
    if (end - start !== otherEnd - otherStart) return false;
    while (start < end) if (buf[start++] !== other[otherStart++]) return false;
    return true;
  }

  is(start: number, end: number, name: Uint8Array): boolean {
    return this.sameBytes(start, end, name, 0, name.length);
  }

  startsWith(at: number, start: Uint8Array): boolean {
    const { buf } = this;
    for (let i = 0; i < start.length; i++) if (buf[at + i] !== start[i]) return false;
    return true;
  }

  #isDeclaration(start: number): boolean {
    if (!this.startsWith(start, XMLNS)) return false;
    const after = this.buf[start + 5];
    return after === COLON || this.attributeEnd[this.attributeCount] === start + 5;
  }

  #declare(index: number): void {
    const isDefault = this.attributeLocal[index] === this.attributeStart[index];
    const start = isDefault ? this.attributeEnd[index]! : this.attributeLocal[index]!;
    const uri = this.#uriOf(index);
    if (uri === '' && !isDefault) this.fail('a prefix is bound to no namespace.');
    if (this.bindings >= LIMITS.bindings) this.fail('too many namespaces are in scope.');
    this.bind(start, this.attributeEnd[index]!, isDefault ? 0 : this.attributeHash[index]!, uri);
  }

  bind(start: number, end: number, hash: number, uri: string): void {
    const index = this.bindings++;
    const from = this.#bindingStart[index]!;
    const to = from + end - start;
    if (to > this.#prefixes.length) {
      const wider = new Uint8Array(to * 2);
      wider.set(this.#prefixes);
      this.#prefixes = wider;
    }
    this.#prefixes.set(this.buf.subarray(start, end), from);
    this.#bindingStart[index + 1] = to;
    this.#bindingHash[index] = hash;
    this.#bindingId[index] = this.ids.get(uri) ?? -1;
    this.bindingUri[index] = uri;
    this.#default = -2;
  }

  /** Services that declare a namespace on every element name few of them; their text is made once. */
  #uriOf(index: number): string {
    const start = this.valueStart[index]!;
    const end = this.valueEnd[index]!;
    let hash = end - start;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + this.buf[at]!) | 0;
    const known = this.#uris.get(hash);
    if (known !== undefined && this.is(start, end, known.bytes)) return known.text;
    const text = this.attributeText(index);
    if (this.#uris.size >= 64) this.#uris.clear();
    if (end - start <= LIMITS.nameBytes) this.#uris.set(hash, { bytes: this.buf.slice(start, end), text });
    return text;
  }

  /** Leaves the scope of an element: bindings made since are gone. */
  unbindTo(bindings: number): void {
    if (bindings === this.bindings) return;
    this.bindings = bindings;
    this.#default = -2;
  }

  /** Index of the binding of a prefix, -1 when there is none. An empty range is the default namespace. */
  binding(start: number, end: number, hash: number): number {
    const length = end - start;
    for (let index = this.bindings - 1; index >= 0; index--) {
      const from = this.#bindingStart[index]!;
      const to = this.#bindingStart[index + 1]!;
      if (
        this.#bindingHash[index] === hash &&
        to - from === length &&
        this.sameBytes(start, end, this.#prefixes, from, to)
      )
        return index;
    }
    return -1;
  }

  prefixText(index: number): string {
    return Buffer.from(this.#prefixes.subarray(this.#bindingStart[index]!, this.#bindingStart[index + 1]!)).toString(
      'utf8',
    );
  }

  #defaultBinding(): number {
    return this.#default === -2 ? (this.#default = this.binding(0, 0, 0)) : this.#default;
  }

  #declared(start: number, local: number, hash: number): number {
    const index = this.binding(start, local - 1, hash);
    if (index < 0 && this.text(start, local - 1) !== 'xml')
      this.fail(`the prefix \`${this.text(start, local - 1)}\` is not declared.`);
    return index;
  }

  /** The binding of the element read last; -1: no namespace. */
  elementBinding(): number {
    if (this.localStart === this.nameStart) return this.#defaultBinding();
    return this.#declared(this.nameStart, this.localStart, this.#prefixHash);
  }

  idOf(binding: number): number {
    if (binding < 0) return 0;
    const id = this.#bindingId[binding]!;
    return id >= 0 ? id : this.#lateId(binding);
  }

  /** The owner compiles what it needs when it needs it, and may have learnt the name since it was bound. */
  #lateId(binding: number): number {
    return (this.#bindingId[binding] = this.ids.get(this.bindingUri[binding]!) ?? -1);
  }

  uriOf(binding: number): string {
    return binding < 0 ? '' : this.bindingUri[binding]!;
  }

  /** The binding of an attribute; an unprefixed one is in no namespace (-1). */
  attributeBinding(index: number): number {
    const start = this.attributeStart[index]!;
    const local = this.attributeLocal[index]!;
    return local === start ? -1 : this.#declared(start, local, this.#attributePrefixHash[index]!);
  }

  /** The namespace of an attribute; `xml:` needs no declaration. */
  attributeUri(index: number): string {
    const binding = this.attributeBinding(index);
    return binding < 0 && this.attributeLocal[index] !== this.attributeStart[index] ? XML_NS : this.uriOf(binding);
  }

  attributeText(index: number): string {
    this.gatherAttribute(index);
    return Buffer.from(this.scratch.buffer, 0, this.scratchEnd).toString('utf8');
  }

  /** `prefix:local` in a value → `{namespace}local`; an undeclared prefix is an error. */
  expandQName(text: string): string {
    const colon = text.indexOf(':');
    const local = text.slice(colon + 1);
    const binding = colon < 0 ? this.#defaultBinding() : this.#bindingOfText(text.slice(0, colon));
    return binding < 0 || this.bindingUri[binding] === '' ? local : `{${this.bindingUri[binding]}}${local}`;
  }

  #bindingOfText(prefix: string): number {
    for (let index = this.bindings - 1; index >= 0; index--) if (this.prefixText(index) === prefix) return index;
    return this.fail(`the prefix \`${prefix.slice(0, 60)}\` of a qualified name is not declared.`);
  }

  // Character data

  ensureScratch(more: number): void {
    if (this.scratchEnd + more <= this.scratch.length) return;
    const wider = new Uint8Array((this.scratchEnd + more) * 2);
    wider.set(this.scratch.subarray(0, this.scratchEnd));
    this.scratch = wider;
  }

  /** An attribute value into `scratch`, normalised by XML 1.0 section 3.3.3. */
  gatherAttribute(index: number): void {
    const { buf } = this;
    const end = this.valueEnd[index]!;
    this.scratchEnd = 0;
    this.ensureScratch(end - this.valueStart[index]! + 4);
    for (let at = this.valueStart[index]!; at < end;) {
      const c = buf[at]!;
      if (c === AMP) at = this.#entity(at);
      else {
        if (c < 0x20 && !isSpace(c)) this.fail('there is a control character.');
        if (c !== CR || buf[at + 1] !== LF) this.scratch[this.scratchEnd++] = c < 0x20 ? 0x20 : c;
        at++;
      }
    }
  }

  /** All character data up to the next end tag into `scratch`; stands at the end tag. A child element is an error. */
  gatherText(start: number): number {
    this.scratchEnd = 0;
    for (let at = start; ;) {
      at = this.#gatherRun(at);
      const next = this.buf[at + 1]!;
      if (next === SLASH) return at;
      if (next === BANG && this.#isAhead(at, CDATA_START)) at = this.#gatherCdata(at + CDATA_START.length);
      else if (next === BANG || next === QUESTION) at = this.skipMarkup(at);
      else this.stop(at + 1, 'an element stands where text is declared.');
    }
  }

  /** Text and entities up to `<`. */
  #gatherRun(at: number): number {
    const { buf } = this;
    this.ensureScratch(this.end - at + 4);
    const { scratch } = this;
    for (;;) {
      const c = buf[at]!;
      if (c === LT) return at;
      if (c === AMP) at = this.#entity(at);
      else if (c >= 0x20 || c === LF || c === 0x09) {
        scratch[this.scratchEnd++] = c;
        at++;
      } else at = this.#lineEnd(at, c);
    }
  }

  /** XML 1.0 section 2.11: CR and CR LF are LF. */
  #lineEnd(at: number, c: number): number {
    if (c !== CR) this.stop(at, 'there is a control character.');
    if (at + 1 >= this.end) this.stop(at + 1, '');
    if (this.buf[at + 1] !== LF) this.scratch[this.scratchEnd++] = LF;
    return at + 1;
  }

  #gatherCdata(at: number): number {
    const { buf } = this;
    this.ensureScratch(this.end - at + 4);
    for (;;) {
      const c = buf[at]!;
      if (c === 0x5d && buf[at + 1] === 0x5d && buf[at + 2] === GT) return at + 3;
      if (c < 0x20 && c !== LF && c !== 0x09) at = this.#lineEnd(at, c);
      else {
        this.scratch[this.scratchEnd++] = c;
        at++;
      }
    }
  }

  /** The reference at `at` as UTF-8 into `scratch`. References only shrink, so the room is there already. */
  #entity(at: number): number {
    const after = this.entityEnd(at);
    const { scratch } = this;
    const code = this.#codePoint;
    let end = this.scratchEnd;
    if (code < 0x80) scratch[end++] = code;
    else if (code < 0x800) {
      scratch[end++] = 0xc0 | (code >> 6);
      scratch[end++] = 0x80 | (code & 63);
    } else if (code < 0x10000) {
      scratch[end++] = 0xe0 | (code >> 12);
      scratch[end++] = 0x80 | ((code >> 6) & 63);
      scratch[end++] = 0x80 | (code & 63);
    } else {
      scratch[end++] = 0xf0 | (code >> 18);
      scratch[end++] = 0x80 | ((code >> 12) & 63);
      scratch[end++] = 0x80 | ((code >> 6) & 63);
      scratch[end++] = 0x80 | (code & 63);
    }
    this.scratchEnd = end;
    return after;
  }

  /** Checks the reference at `at` and says where it ends. */
  entityEnd(at: number): number {
    if (this.buf[at + 1] === HASH) return this.#numericEnd(at);
    for (const [name, code] of ENTITIES) {
      if (!this.startsWith(at + 1, name)) continue;
      this.#codePoint = code;
      return at + 1 + name.length;
    }
    return at + LONGEST_ENTITY >= this.end ? this.stop(this.end, '') : this.#unknownReference(at);
  }

  #numericEnd(at: number): number {
    const { buf } = this;
    const base = buf[at + 2] === 0x78 ? 16 : 10;
    const first = base === 16 ? at + 3 : at + 2;
    let code = 0;
    let end = first;
    for (; DIGIT[buf[end]!]! < base && code <= 0x10ffff; end++) code = code * base + DIGIT[buf[end]!]!;
    if (end >= this.end) this.stop(end, '');
    if (end === first || buf[end] !== SEMICOLON || !isXmlChar(code)) this.#unknownReference(at);
    this.#codePoint = code;
    return end + 1;
  }

  #unknownReference(at: number): never {
    return this.fail(`the reference \`${this.text(at, Math.min(at + 12, this.end)).split(';', 1)[0]}\` is unknown.`);
  }

  // Comments, processing instructions, and what has no place here

  #isAhead(at: number, markup: Uint8Array): boolean {
    if (this.startsWith(at, markup)) return true;
    if (at + markup.length > this.end && this.startsWith(at, markup.subarray(0, this.end - at)))
      this.stop(this.end, '');
    return false;
  }

  isCdata(at: number): boolean {
    return this.#isAhead(at, CDATA_START);
  }

  /** Skips the comment or processing instruction at `at`. A document type declaration is refused, always. */
  skipMarkup(at: number): number {
    if (this.buf[at + 1] === QUESTION) return this.#behind(at + 2, QUESTION, QUESTION, 1);
    if (this.#isAhead(at, COMMENT_START)) return this.#behind(at + 4, 0x2d, 0x2d, 2);
    return this.stop(at + 2, 'a document type declaration or unknown markup is refused.');
  }

  /** Behind `first` (twice when `count` is 2) and `>`. */
  #behind(at: number, first: number, second: number, count: number): number {
    const { buf } = this;
    for (;;) {
      const next = buf.indexOf(first, at);
      if (next < 0 || next + count >= this.end) return this.stop(this.end, '');
      if (count === 1 ? buf[next + 1] === GT : buf[next + 1] === second && buf[next + 2] === GT)
        return next + count + 1;
      at = next + 1;
    }
  }

  /** Behind the CDATA section at `at`. */
  cdataEnd(at: number): number {
    return this.#behind(at + CDATA_START.length, 0x5d, 0x5d, 2);
  }
}
