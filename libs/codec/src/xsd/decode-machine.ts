import {
  GT,
  INCOMPLETE,
  LIMITS,
  LT,
  BANG,
  PLAIN,
  QUESTION,
  SLASH,
  XmlScanner,
  XSI,
  type NamespaceIds,
} from '../xml/scanner.ts';
import {
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  escapeByte,
  gatherArrays,
  JsonOutput,
  OPEN_ARRAY,
  OPEN_OBJECT,
} from './decode-output.ts';
import {
  ARRAY,
  FRAME,
  INNER_XML,
  MIXED,
  OUTER_XML,
  VALUE,
  VALUE_OBJECT,
  XSI_ID,
  type AttributeRule,
  type Content,
  type Entry,
  type Slot,
  type TypeRule,
} from './decode-plan.ts';
import type { Source, ValueRule } from './decode-value.ts';
import { InnerXml } from './decode-inner.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LINE_FEED = 0x0a;
const TAB = 0x09;
const NULL = Buffer.from('null');
const EMPTY_ARRAY = Buffer.from('[]');
const VALUE_KEY = Buffer.from('"value":');
const NIL = Buffer.from('nil');
const TYPE = Buffer.from('type');
const MUST_UNDERSTAND = Buffer.from('mustUnderstand');

/** An element (or one occurrence of a repeating group) that is open. */
class Frame {
  /** undefined: an unknown element, skipped with all it holds. */
  content: Content | undefined = undefined;
  rule: TypeRule | undefined = undefined;
  /** One occurrence of a repeating group: it has no tags of its own. */
  isOccurrence = false;
  counts = new Int32Array(8);
  chosen = new Int32Array(4);
  /** Order of the member that came last. */
  cursor = -1;
  /** The array that is open in the output. */
  array: Slot | undefined = undefined;
  /** The same array was opened twice. */
  isScattered = false;
  jsonStart = 0;
  /** The byte that ends it in JSON; 0 for none. */
  closing = 0;
  nameStart = 0;
  bindings = 0;

  open(content: Content | undefined, jsonStart: number): void {
    this.content = content;
    this.jsonStart = jsonStart;
    this.cursor = -1;
    this.array = undefined;
    this.isScattered = false;
    this.isOccurrence = false;
    if (content !== undefined) this.#clear(content);
  }

  #clear({ slots, choices }: Content): void {
    if (this.counts.length < slots) this.counts = new Int32Array(slots * 2);
    else for (let i = 0; i < slots; i++) this.counts[i] = 0;
    if (this.chosen.length < choices) this.chosen = new Int32Array(choices * 2);
    if (choices > 0) this.chosen.fill(-1, 0, choices);
  }

  isTaken(path: readonly number[]): boolean {
    for (let i = 0; i < path.length; i += 2) if (this.chosen[path[i]!] !== path[i + 1]) return false;
    return true;
  }

  #isOpenTo(path: readonly number[]): boolean {
    for (let i = 0; i < path.length; i += 2) {
      const branch = this.chosen[path[i]!]!;
      if (branch !== -1 && branch !== path[i + 1]) return false;
    }
    return true;
  }

  /** Whether the content model has room for this member behind what came already. */
  hasRoom(slot: Slot): boolean {
    if (!slot.repeats && this.counts[slot.index]! > 0) return false;
    if (this.content!.ordered && slot.order < this.cursor) return false;
    return slot.path.length === 0 || this.#isOpenTo(slot.path);
  }

  take(slot: Slot): void {
    this.counts[slot.index]!++;
    this.cursor = slot.order;
    const { path } = slot;
    for (let i = 0; i < path.length; i += 2) this.chosen[path[i]!] = path[i + 1]!;
  }
}

/**
 * The decoder's work space and state machine: one pass over the bytes, JSON text behind it. The stack is explicit, so
 * it can stop between any two tokens and go on when more bytes have come; what is incomplete is begun anew then.
 *
 *     tag ──► element: find its member, write key and opening ──► leaf: text or inner XML, up to its end tag
 *      ▲                        │ object, array, frame                              │
 *      └────────────────────────┴───────────────◄───────────────────────────────────┘
 */
export class Decoding extends XmlScanner implements Source {
  readonly json = new JsonOutput();
  readonly #inner = new InnerXml(this);
  mark: string | undefined = undefined;

  #frames: Frame[] = [new Frame()];
  #top = 0;
  #depth = 0;
  #isRootSeen = false;
  #isStarted = false;

  /** Names of the open elements, one after another: end tags are compared with them. */
  #names = new Uint8Array(2048);
  #namesEnd = 0;

  // The element whose text or inner XML is being read.
  #leaf: Entry | undefined;
  #leafRule: TypeRule | undefined;
  #leafStart = 0;
  #leafNameStart = 0;
  #leafNameEnd = 0;
  #leafIsEmpty = false;
  #leafJson = 0;
  #leafCloses = false;
  #leafBindings = 0;
  #tagStart = 0;

  /** Bindings before the token that is being read. */
  #bindingsBefore = 0;
  /** Not before this many bytes are there is an incomplete token tried again: the work stays linear. */
  #retryAt = 0;

  /** `Source`: where values of the slow path stand. */
  bytes: Uint8Array = this.scratch;

  get sizeBytes(): number {
    return this.buf.length + this.json.bytes.length + this.scratch.length;
  }

  begin(root: Content, ids: NamespaceIds): void {
    this.resetScanner(ids);
    this.json.reset();
    this.mark = undefined;
    this.#top = this.#depth = this.#namesEnd = 0;
    this.#isRootSeen = this.#isStarted = false;
    this.#leaf = undefined;
    this.#retryAt = 0;
    this.#frames[0]!.open(root, 0);
    this.#frames[0]!.rule = undefined;
    this.#frames[0]!.closing = 0;
  }

  write(chunk: Uint8Array): void {
    this.#append(chunk);
    if (this.end >= this.#retryAt) this.#run();
  }

  finish(rest: Uint8Array): void {
    this.#append(rest);
    this.closed = true;
    this.#run();
    if (!this.#isRootSeen) this.fail('the answer is empty.');
    if (this.#depth > 0) this.stop(this.end, '');
  }

  #append(chunk: Uint8Array): void {
    const keep = this.#leaf === undefined ? this.pos : Math.min(this.pos, this.#tagStart);
    this.append(chunk, keep);
    this.#leafStart -= keep;
    this.#leafNameStart -= keep;
    this.#leafNameEnd -= keep;
    this.#tagStart -= keep;
    this.#retryAt -= keep;
  }

  override place(): string {
    const names: string[] = [];
    for (let i = 1; i <= this.#top; i++) {
      const frame = this.#frames[i]!;
      if (!frame.isOccurrence)
        names.push(Buffer.from(this.#names.subarray(frame.nameStart, this.#nameEnd(i))).toString('utf8'));
    }
    if (this.#leaf !== undefined) names.push(this.text(this.nameStart, this.nameEnd));
    return `/${names.join('/')}`;
  }

  #nameEnd(index: number): number {
    for (let i = index + 1; i <= this.#top; i++) if (!this.#frames[i]!.isOccurrence) return this.#frames[i]!.nameStart;
    return this.#namesEnd;
  }

  #run(): void {
    try {
      if (!this.#isStarted) this.#start();
      for (;;) {
        if (this.#leaf !== undefined) this.#readLeaf(this.#leaf);
        this.pos = this.#skipCharacters(this.pos);
        if (this.pos >= this.end) break;
        this.#readMarkup();
      }
    } catch (error) {
      if (error !== INCOMPLETE) throw error;
      this.unbindTo(this.#bindingsBefore);
      if (this.#leaf !== undefined) this.#restartLeaf();
    }
    this.checkUtf8();
    this.#retryAt = this.end + ((this.end - this.pos) >> 2);
  }

  /** Inner XML has read other tags since. */
  #restartLeaf(): void {
    this.json.end = this.#leafJson;
    this.pos = this.#leafStart;
    this.nameStart = this.#leafNameStart;
    this.nameEnd = this.#leafNameEnd;
  }

  /** A byte order mark is not part of the document. */
  #start(): void {
    if (this.end < 3 && !this.closed) throw INCOMPLETE;
    this.#isStarted = true;
    if (this.buf[0] === 0xef && this.buf[1] === 0xbb && this.buf[2] === 0xbf) this.pos = 3;
  }

  /** Between the tags of element content stands white space; elsewhere text is ignored where unknown content is. */
  #skipCharacters(at: number): number {
    const { buf } = this;
    at = this.skipSpace(at);
    if (buf[at] === LT || at >= this.end) return at;
    if (!this.#mayIgnoreText()) this.stop(at, 'text stands where elements are declared.');
    return this.#inner.skipText(at);
  }

  #mayIgnoreText(): boolean {
    const frame = this.#frames[this.#top]!;
    return this.#depth > 0 && (frame.content === undefined || frame.rule?.kind === FRAME);
  }

  #readMarkup(): void {
    const next = this.buf[this.pos + 1]!;
    if (next === SLASH) this.#endTag();
    else if (next === BANG && this.isCdata(this.pos)) this.#skipCdata();
    else if (next === BANG || next === QUESTION) this.pos = this.skipMarkup(this.pos);
    else this.#startTag();
  }

  #skipCdata(): void {
    if (!this.#mayIgnoreText()) this.fail('text stands where elements are declared.');
    this.pos = this.cdataEnd(this.pos);
  }

  // Elements

  #startTag(): void {
    const before = this.bindings;
    this.#bindingsBefore = before;
    const tagStart = this.pos;
    this.readStartTag();
    if (this.#depth >= LIMITS.depth) this.fail(`elements are nested deeper than ${LIMITS.depth}.`);
    if (this.#depth === 0 && this.#isRootSeen) this.fail('there is a second root element.');
    this.#isRootSeen = true;
    const binding = this.elementBinding();
    const entry = this.#find(this.idOf(binding), binding);
    if (entry === undefined) this.#unknown(before, binding);
    else this.#open(entry, before, tagStart);
    this.#bindingsBefore = this.bindings;
  }

  /** The member that the element just read stands for, its key written; occurrences of groups open and close here. */
  #find(ns: number, binding: number): Entry | undefined {
    for (let level = this.#top; ; level--) {
      const frame = this.#frames[level]!;
      if (frame.content === undefined) return undefined;
      const entry = this.#lookup(frame, ns) ?? this.#wildcard(frame.content, binding);
      if (entry !== undefined) return this.#enter(entry, level, ns, binding);
      if (!frame.isOccurrence) return undefined;
    }
  }

  /** The first member of this name that has room; where none has, the first of the name. */
  #lookup(frame: Frame, ns: number): Entry | undefined {
    const { buckets, mask, positional } = frame.content!;
    if (positional !== undefined) return positional;
    let found: Entry | undefined;
    for (let entry = buckets[this.hash & mask]; entry !== undefined; entry = entry.next) {
      if (entry.hash !== this.hash || entry.ns !== ns || !this.is(this.localStart, this.nameEnd, entry.local)) continue;
      if (frame.hasRoom(entry.slot)) return entry;
      found ??= entry;
    }
    return found;
  }

  #wildcard({ wildcards }: Content, binding: number): Entry | undefined {
    for (const { entry, allows } of wildcards) if (allows(this.uriOf(binding))) return entry;
    return undefined;
  }

  #enter(found: Entry, level: number, ns: number, binding: number): Entry {
    while (this.#top > level) this.#closeOccurrence();
    let entry = found;
    for (;;) {
      const frame = this.#frames[this.#top]!;
      if (frame.isOccurrence && !frame.hasRoom(entry.slot)) this.#nextOccurrence(frame);
      this.#writeKey(frame, entry);
      if (entry.into === undefined) return entry;
      this.#openOccurrence(entry.into);
      entry = this.#lookup(this.#frames[this.#top]!, ns) ?? this.#wildcard(entry.into, binding)!;
    }
  }

  #writeKey(frame: Frame, entry: Entry): void {
    const { slot } = entry;
    const { json } = this;
    if (slot.repeats) this.#continueArray(frame, slot);
    else {
      if (this.#frames[this.#top]!.rule?.kind === ARRAY) json.separate();
      else this.#writeSingleKey(frame, slot);
    }
    frame.take(slot);
  }

  #writeSingleKey(frame: Frame, slot: Slot): void {
    if (frame.counts[slot.index]! > 0) this.fail(`\`${slot.name}\` is there twice.`);
    if (frame.array !== undefined) this.#closeArray(frame);
    this.json.separate();
    this.json.raw(slot.key);
  }

  #continueArray(frame: Frame, slot: Slot): void {
    const { json } = this;
    if (frame.array === slot) return json.separate();
    if (frame.array !== undefined) this.#closeArray(frame);
    if (frame.counts[slot.index]! > 0) frame.isScattered = true;
    json.separate();
    json.raw(slot.key);
    json.byte(OPEN_ARRAY);
    frame.array = slot;
  }

  #closeArray(frame: Frame): void {
    this.json.byte(CLOSE_ARRAY);
    frame.array = undefined;
  }

  #push(): Frame {
    const frame = (this.#frames[++this.#top] ??= new Frame());
    frame.rule = undefined;
    frame.closing = 0;
    return frame;
  }

  #openOccurrence(content: Content): void {
    const frame = this.#push();
    frame.open(content, this.json.end);
    frame.isOccurrence = true;
    frame.closing = CLOSE_OBJECT;
    this.json.byte(OPEN_OBJECT);
  }

  #nextOccurrence(frame: Frame): void {
    const content = frame.content!;
    this.#finish(frame);
    this.json.separate();
    frame.open(content, this.json.end);
    frame.isOccurrence = true;
    this.json.byte(OPEN_OBJECT);
  }

  #closeOccurrence(): void {
    this.#finish(this.#frames[this.#top]!);
    this.#top--;
  }

  /** Opens the value of the element just read. */
  #open(entry: Entry, before: number, tagStart: number): void {
    if (entry.mark !== undefined) this.mark = entry.mark;
    let rule = entry.type;
    if (rule.prepare !== undefined) prepare(rule);
    if (this.attributeCount > 0) {
      if (this.#isNil()) return this.#openNil(before);
      if (rule.derived !== undefined) rule = this.#derivedRule(rule);
    }
    if (rule.abstract) this.fail('the type is abstract, and xsi:type does not name a concrete one.');
    if (rule.kind === VALUE || rule.kind === INNER_XML || rule.kind === OUTER_XML)
      this.#openBare(entry, rule, before, tagStart);
    else this.#openStructure(entry, rule, before, tagStart);
  }

  #openBare(entry: Entry, rule: TypeRule, before: number, tagStart: number): void {
    const isMember = entry.elementMember !== undefined;
    if (isMember) {
      this.json.byte(OPEN_OBJECT);
      this.json.raw(entry.elementMember!);
      this.json.separate();
      this.json.raw(VALUE_KEY);
    }
    this.#openLeaf(entry, rule, isMember, before, tagStart);
  }

  #openStructure(entry: Entry, rule: TypeRule, before: number, tagStart: number): void {
    const { json } = this;
    const start = json.end;
    if (rule.kind === ARRAY) json.byte(OPEN_ARRAY);
    else this.#openObject(entry, rule);
    if (rule.kind === VALUE_OBJECT || rule.kind === MIXED) {
      json.separate();
      json.raw(rule.valueKey);
      return this.#openLeaf(entry, rule, true, before, tagStart);
    }
    this.#pushElement(rule, start, before);
  }

  #openObject(entry: Entry, rule: TypeRule): void {
    const { json } = this;
    json.byte(OPEN_OBJECT);
    if (entry.elementMember !== undefined) json.raw(entry.elementMember);
    if (rule.typeMember !== undefined) {
      json.separate();
      json.raw(rule.typeMember);
    }
    if (rule.attributes.length > 0 || rule.anyAttributeKey !== undefined) this.#writeAttributes(rule);
  }

  #pushElement(rule: TypeRule | undefined, jsonStart: number, before: number): void {
    const frame = this.#push();
    frame.open(rule?.content, jsonStart);
    frame.rule = rule;
    frame.closing = rule === undefined ? 0 : rule.kind === ARRAY ? CLOSE_ARRAY : CLOSE_OBJECT;
    frame.bindings = before;
    frame.nameStart = this.#namesEnd;
    this.#depth++;
    if (this.selfClosing) this.#closeElement();
    else this.#keepName();
  }

  #keepName(): void {
    const length = this.nameEnd - this.nameStart;
    if (this.#namesEnd + length > this.#names.length) {
      const wider = new Uint8Array((this.#namesEnd + length) * 2);
      wider.set(this.#names);
      this.#names = wider;
    }
    const names = this.#names;
    for (let at = this.nameStart; at < this.nameEnd; at++) names[this.#namesEnd++] = this.buf[at]!;
  }

  #unknown(before: number, binding: number): void {
    const frame = this.#frames[this.#top]!;
    const policy = this.#depth === 0 ? 'refuse' : (frame.rule?.unknown ?? 'skip');
    if (policy === 'refuse') this.#refuse(binding);
    if (policy === 'refuseIfMustUnderstand' && this.#mustUnderstand())
      this.fail(`the header ${this.#described(binding)} must be understood, but is not known.`);
    this.#pushElement(undefined, this.json.end, before);
  }

  #described(binding: number): string {
    const local = this.text(this.localStart, this.nameEnd);
    return binding < 0 ? `\`${local}\`` : `\`{${this.uriOf(binding).slice(0, 200)}}${local.slice(0, 100)}\``;
  }

  #refuse(binding: number): never {
    return this.fail(`the element ${this.#described(binding)} is not what the contract says.`);
  }

  // xsi attributes

  #xsiAttribute(name: Uint8Array): number {
    for (let i = 0; i < this.attributeCount; i++) {
      if (
        this.attributeLocal[i] === this.attributeStart[i] ||
        !this.is(this.attributeLocal[i]!, this.attributeEnd[i]!, name)
      )
        continue;
      if (this.idOf(this.attributeBinding(i)) === XSI_ID) return i;
    }
    return -1;
  }

  #isNil(): boolean {
    const index = this.#xsiAttribute(NIL);
    if (index < 0) return false;
    const text = this.attributeText(index).trim();
    return text === 'true' || text === '1';
  }

  /** What a nil element holds is nothing, or not meant. */
  #openNil(before: number): void {
    this.json.raw(NULL);
    this.#pushElement(undefined, this.json.end, before);
  }

  #derivedRule(rule: TypeRule): TypeRule {
    const index = this.#xsiAttribute(TYPE);
    if (index < 0) return rule;
    const derived = rule.derived!.get(this.expandQName(this.attributeText(index).trim()));
    if (derived?.prepare !== undefined) prepare(derived);
    return derived ?? rule;
  }

  #mustUnderstand(): boolean {
    for (let i = 0; i < this.attributeCount; i++) {
      const isNamed = this.is(this.attributeLocal[i]!, this.attributeEnd[i]!, MUST_UNDERSTAND);
      if (isNamed && /^(?:1|true)$/.test(this.attributeText(i).trim())) return true;
    }
    return false;
  }

  // Attributes

  #writeAttributes(rule: TypeRule): void {
    const others: number[] = [];
    let seen = 0;
    for (let i = 0; i < this.attributeCount; i++) {
      const attribute = this.#attributeRule(rule, i);
      if (attribute === undefined) others.push(i);
      else {
        seen++;
        this.#writeAttribute(attribute, i);
      }
    }
    if (seen < rule.attributes.length) this.#writeAbsent(rule);
    if (rule.anyAttributeKey !== undefined) this.#writeOthers(rule.anyAttributeKey, others);
  }

  #attributeRule(rule: TypeRule, index: number): AttributeRule | undefined {
    for (const attribute of rule.attributes) if (this.#isAttribute(attribute, index)) return attribute;
    return undefined;
  }

  #isAttribute(rule: AttributeRule, index: number): boolean {
    if (
      rule.hash !== this.attributeHash[index] ||
      !this.is(this.attributeLocal[index]!, this.attributeEnd[index]!, rule.local)
    )
      return false;
    return this.attributeUri(index) === rule.ns;
  }

  #writeAttribute(rule: AttributeRule, index: number): void {
    this.gatherAttribute(index);
    this.json.separate();
    this.json.raw(rule.key);
    this.bytes = this.scratch;
    if (!rule.value.write(this, 0, this.scratchEnd, this.json))
      this.fail(`the attribute \`${rule.name}\` is not of type ${rule.value.expected}.`);
  }

  #writeAbsent(rule: TypeRule): void {
    for (const attribute of rule.attributes) {
      if (this.#has(attribute)) continue;
      if (attribute.required) this.fail(`the attribute \`${attribute.name}\` is missing.`);
      if (attribute.default === undefined) continue;
      this.json.separate();
      this.json.raw(attribute.key);
      this.#writeText(attribute.value, attribute.default);
    }
  }

  #has(rule: AttributeRule): boolean {
    for (let i = 0; i < this.attributeCount; i++) if (this.#isAttribute(rule, i)) return true;
    return false;
  }

  /** A value that stands in the schema, not in the document. */
  #writeText(value: ValueRule, text: Uint8Array): void {
    this.bytes = text;
    if (!value.write(this, 0, text.length, this.json)) this.fail(`the default is not of type ${value.expected}.`);
  }

  #writeOthers(key: Uint8Array, indexes: readonly number[]): void {
    const { json } = this;
    json.separate();
    json.raw(key);
    json.byte(OPEN_OBJECT);
    for (const index of indexes) {
      const uri = this.attributeUri(index);
      if (uri === XSI) continue;
      const local = this.text(this.attributeLocal[index]!, this.attributeEnd[index]!);
      json.separate();
      json.text(
        `${JSON.stringify(uri === '' ? local : `{${uri}}${local}`)}:${JSON.stringify(this.attributeText(index))}`,
      );
    }
    json.byte(CLOSE_OBJECT);
  }

  // Leaves: elements whose content is one value

  #openLeaf(entry: Entry, rule: TypeRule, closes: boolean, before: number, tagStart: number): void {
    this.#leaf = entry;
    this.#leafRule = rule;
    this.#leafCloses = closes;
    this.#leafStart = this.pos;
    this.#leafNameStart = this.nameStart;
    this.#leafNameEnd = this.nameEnd;
    this.#leafIsEmpty = this.selfClosing;
    if (rule.kind === OUTER_XML) this.#inner.begin(before);
    this.#leafBindings = before;
    this.#leafJson = this.json.end;
    this.#tagStart = tagStart;
  }

  #readLeaf(entry: Entry): void {
    const rule = this.#leafRule!;
    this.#bindingsBefore = this.bindings;
    const end = rule.value === undefined ? this.#readInner(rule) : this.#readValue(entry, rule.value);
    if (this.#leafCloses) this.json.byte(CLOSE_OBJECT);
    this.pos = end;
    this.#leaf = undefined;
    this.unbindTo(this.#leafBindings);
    this.#bindingsBefore = this.bindings;
  }

  #readInner(rule: TypeRule): number {
    const inner = this.#inner;
    const start = this.#leafStart;
    const isOuter = rule.kind === OUTER_XML;
    const end = this.#leafIsEmpty
      ? start
      : inner.scan(start, this.#depth + 1, isOuter ? this.#leafBindings : this.bindings, isOuter);
    if (isOuter) inner.writeOuter(this.#tagStart, this.#leafNameEnd, end, this.json);
    else if (this.#leafIsEmpty) inner.writeNothing(this.json);
    else inner.write(start, this.json);
    return end;
  }

  #readValue(entry: Entry, value: ValueRule): number {
    if (this.#leafIsEmpty) return this.#emptyValue(entry, value, this.#leafStart);
    if (value.preserve && entry.default === undefined) {
      const end = this.#readPlainText();
      if (end >= 0) return end;
      this.json.end = this.#leafJson;
    }
    return this.#readGathered(entry, value);
  }

  /** The hot loop: text without entities, straight from input to output. -1: it is not that plain. */
  #readPlainText(): number {
    const { buf, json } = this;
    let at = this.#leafStart;
    json.ensure((this.end - at) * 2 + 64);
    const out = json.bytes;
    let end = json.end;
    out[end++] = QUOTE;
    for (;;) {
      const c = buf[at]!;
      if (PLAIN[c] === 1) {
        out[end++] = c;
        at++;
      } else if (c === QUOTE || c === BACKSLASH || c === LINE_FEED || c === TAB) {
        end = escapeByte(out, end, c);
        at++;
      } else break;
    }
    if (buf[at] !== LT || buf[at + 1] !== SLASH) return at + 1 >= this.end ? this.stop(this.end, '') : -1;
    out[end++] = QUOTE;
    json.end = end;
    return this.#leafEnd(at);
  }

  #readGathered(entry: Entry, value: ValueRule): number {
    const { buf } = this;
    const start = this.#leafStart;
    let at = start;
    while (PLAIN[buf[at]!] === 1 || buf[at] === LINE_FEED || buf[at] === TAB) at++;
    const isPlain = buf[at] === LT && buf[at + 1] === SLASH && !value.preserve;
    if (!isPlain) at = this.gatherText(start);
    const end = this.#leafEnd(at);
    if (at === start || (!isPlain && this.scratchEnd === 0)) return this.#emptyValue(entry, value, end);
    this.bytes = isPlain ? buf : this.scratch;
    const isWritten = isPlain
      ? value.write(this, start, at, this.json)
      : value.write(this, 0, this.scratchEnd, this.json);
    if (!isWritten) this.#doesNotFit(value);
    return end;
  }

  #doesNotFit(value: ValueRule): never {
    return this.fail(`the value is not of type ${value.expected}.`);
  }

  /** XSD part 1 section 3.3.1: an empty element has its default value. */
  #emptyValue(entry: Entry, value: ValueRule, end: number): number {
    if (entry.default !== undefined) this.#writeText(value, entry.default);
    else {
      this.bytes = this.scratch;
      if (!value.write(this, 0, 0, this.json)) this.#doesNotFit(value);
    }
    return end;
  }

  /** Behind the end tag at `at`, which must be that of the leaf. */
  #leafEnd(at: number): number {
    const { buf } = this;
    at += 2;
    for (let name = this.nameStart; name < this.nameEnd; name++, at++) {
      if (buf[at] !== buf[name]) this.stop(at, 'the end tag does not match.');
    }
    return this.#tagEnd(at);
  }

  #tagEnd(at: number): number {
    if (this.buf[at] !== GT) at = this.skipSpace(at);
    if (this.buf[at] !== GT) this.stop(at, 'the end tag does not match.');
    return at + 1;
  }

  // End tags

  #endTag(): void {
    if (this.#depth === 0) this.fail('there is an end tag without a start tag.');
    let level = this.#top;
    while (this.#frames[level]!.isOccurrence) level--;
    const end = this.#frameEnd(this.pos + 2, this.#frames[level]!.nameStart);
    while (this.#top > level) this.#closeOccurrence();
    this.#closeElement();
    this.pos = end;
  }

  #frameEnd(at: number, nameStart: number): number {
    const { buf } = this;
    const names = this.#names;
    for (let name = nameStart; name < this.#namesEnd; name++, at++) {
      if (buf[at] !== names[name]) this.stop(at, 'the end tag does not match.');
    }
    return this.#tagEnd(at);
  }

  #closeElement(): void {
    const frame = this.#frames[this.#top]!;
    this.#finish(frame);
    this.unbindTo(frame.bindings);
    this.#bindingsBefore = this.bindings;
    this.#namesEnd = frame.nameStart;
    this.#top--;
    this.#depth--;
  }

  /** Ends the JSON of a frame: what never came is written as `[]`, or is missing. */
  #finish(frame: Frame): void {
    if (frame.array !== undefined) this.#closeArray(frame);
    if (frame.content !== undefined) this.#close(frame, frame.content);
    if (frame.closing !== 0) this.json.byte(frame.closing);
    if (frame.isScattered) gatherArrays(this.json, frame.jsonStart);
  }

  #close(frame: Frame, { closers }: Content): void {
    const { counts } = frame;
    for (let i = 0; i < closers.length; i++) {
      const closer = closers[i]!;
      if (counts[closer.slot.index]! > 0 || !frame.isTaken(closer.path)) continue;
      if (!closer.array) this.fail(`\`${closer.slot.name}\` is missing.`);
      this.json.separate();
      this.json.raw(closer.slot.key);
      this.json.raw(EMPTY_ARRAY);
    }
  }
}

const prepare = (rule: TypeRule): void => {
  const fill = rule.prepare;
  rule.prepare = undefined;
  fill?.();
};

/** The finished JSON in bytes of its own. */
export const bufferOf = ({ json }: Decoding): Uint8Array => json.bytes.slice(0, json.end);
