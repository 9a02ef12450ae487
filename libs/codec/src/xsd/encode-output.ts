import type { PointerError } from '@bailey/contract';

/** What is wrong with a value, in words that follow its pointer. */
export type Problem = string;

/** A document full of mistakes is not worth more words than these. */
const MAX_ERRORS = 50;

/** Everything but the characters of XML 1.0; a surrogate without its partner is none. */
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
const TEXT_SPECIAL = /[&<>\r]/;
const ATTRIBUTE_SPECIAL = /[&<>"\t\n\r]/;

/** XML 1.0 production 2: these cannot be written at all, not even as references. */
export const hasForbiddenCharacter = (text: string): boolean => FORBIDDEN.test(text);

export const escapeText = (text: string): string =>
  TEXT_SPECIAL.test(text)
    ? text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#13;')
    : text;

/** White space is written as references: a parser would turn it into blanks (XML 1.0 section 3.3.3). */
export const escapeAttribute = (text: string): string =>
  ATTRIBUTE_SPECIAL.test(text)
    ? escapeText(text).replaceAll('"', '&quot;').replaceAll('\t', '&#9;').replaceAll('\n', '&#10;')
    : text;

const pointerSegment = (segment: string | number): string =>
  String(segment).replaceAll('~', '~0').replaceAll('/', '~1');

/** One prefix a namespace, the same in every document of a plan. There is never a default namespace. */
export class Prefixes {
  readonly #prefixes = new Map<string, string>();

  of(ns: string): string {
    const known = this.#prefixes.get(ns);
    if (known !== undefined) return known;
    const prefix = `n${this.#prefixes.size}`;
    this.#prefixes.set(ns, prefix);
    return prefix;
  }

  known(ns: string): string | undefined {
    return this.#prefixes.get(ns);
  }

  set(ns: string, prefix: string): void {
    this.#prefixes.set(ns, prefix);
  }
}

/** XML text in the making, with the namespaces it uses and what was found wrong on the way. */
export class XmlOutput {
  text = '';
  readonly errors: PointerError[] = [];
  readonly #path: (string | number)[] = [];
  readonly #used = new Map<string, string>();
  readonly #prefixes: Prefixes;

  constructor(prefixes: Prefixes) {
    this.#prefixes = prefixes;
  }

  /** The prefix of a namespace, which the root element will declare. */
  prefix(ns: string): string {
    return this.#used.get(ns) ?? this.#use(ns, this.#prefixes.of(ns));
  }

  /** Values of callers may name namespaces that no schema knows; their prefixes live for one document. */
  foreignPrefix(ns: string): string {
    return this.#used.get(ns) ?? this.#use(ns, this.#prefixes.known(ns) ?? `q${this.#used.size}`);
  }

  #use(ns: string, prefix: string): string {
    this.#used.set(ns, prefix);
    return prefix;
  }

  /** ` xmlns:…="…"` for all that was used so far. */
  declarations(): string {
    let text = '';
    for (const [ns, prefix] of this.#used) text += ` xmlns:${prefix}="${escapeAttribute(ns)}"`;
    return text;
  }

  enter(segment: string | number): void {
    this.#path.push(segment);
  }

  leave(): void {
    this.#path.pop();
  }

  /** Notes what is wrong with the value we are at, or with its member `name`. */
  error(message: Problem, name?: string | number): void {
    if (this.errors.length >= MAX_ERRORS) return;
    const path = name === undefined ? this.#path : [...this.#path, name];
    this.errors.push({ pointer: path.map((segment) => `/${pointerSegment(segment)}`).join(''), message });
  }
}
