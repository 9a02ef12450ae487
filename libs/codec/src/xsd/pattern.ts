/**
 * XSD regular expressions (part 2, appendix F) → ECMAScript ones with the `u` flag, anchored at both ends. Class
 * subtraction becomes a look-ahead, so that JSON Schema validators, which know no `v` flag, can run the result.
 */

const BLOCKS: Readonly<Record<string, string>> = {
  BasicLatin: '\\u{0}-\\u{7F}',
  'Latin-1Supplement': '\\u{80}-\\u{FF}',
  'LatinExtended-A': '\\u{100}-\\u{17F}',
  'LatinExtended-B': '\\u{180}-\\u{24F}',
  IPAExtensions: '\\u{250}-\\u{2AF}',
  SpacingModifierLetters: '\\u{2B0}-\\u{2FF}',
  CombiningDiacriticalMarks: '\\u{300}-\\u{36F}',
  Greek: '\\u{370}-\\u{3FF}',
  Cyrillic: '\\u{400}-\\u{4FF}',
  Armenian: '\\u{530}-\\u{58F}',
  Hebrew: '\\u{590}-\\u{5FF}',
  Arabic: '\\u{600}-\\u{6FF}',
  Thai: '\\u{E00}-\\u{E7F}',
  GeneralPunctuation: '\\u{2000}-\\u{206F}',
  CurrencySymbols: '\\u{20A0}-\\u{20CF}',
  Hiragana: '\\u{3040}-\\u{309F}',
  Katakana: '\\u{30A0}-\\u{30FF}',
  CJKUnifiedIdeographs: '\\u{4E00}-\\u{9FFF}',
  HangulSyllables: '\\u{AC00}-\\u{D7A3}',
};

const NAME_START = '_:\\p{L}\\p{Nl}';
const NAME = `${NAME_START}\\-.\\u{B7}\\p{Nd}\\p{Mc}\\p{Mn}\\p{Lm}`;
const WORD_EXCLUDED = '\\p{P}\\p{Z}\\p{C}';

/** Escapes of several characters: inside a class, and negated. */
const CLASSES: Readonly<Record<string, string>> = { s: ' \\t\\n\\r', d: '\\p{Nd}', i: NAME_START, c: NAME };
const SYNTAX = /[\^$\\.*+?()[\]{}|/]/;

class PatternError extends Error {}

/** A character class as alternatives of plain `u` classes; `without` is what was subtracted. */
class PatternTranslator {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  translate(): string {
    let result = '';
    while (this.#at < this.#source.length) result += this.#atom();
    return result;
  }

  #atom(): string {
    const character = this.#next();
    if (character === '[') return this.#characterClass();
    if (character === '\\') return this.#escape(false);
    if (character === '.') return '[^\\n\\r]';
    if (character === '^' || character === '$') return `\\${character}`;
    // A capture would cost time and give nothing; a group that says (?: already cannot stand in an XSD pattern.
    return character === '(' ? '(?:' : character;
  }

  #next(): string {
    const character = String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0);
    if (this.#at >= this.#source.length) throw new PatternError('it ends too early');
    this.#at += character.length;
    return character;
  }

  #escape(inClass: boolean): string {
    const letter = this.#next();
    if (letter === 'n' || letter === 'r' || letter === 't') return `\\${letter}`;
    if (letter === 'p' || letter === 'P') return this.#property(letter, inClass);
    if (letter === 'w') return inClass ? '\\p{L}\\p{M}\\p{N}\\p{S}' : `[^${WORD_EXCLUDED}]`;
    if (letter === 'W') return inClass ? WORD_EXCLUDED : `[${WORD_EXCLUDED}]`;
    const positive = CLASSES[letter];
    if (positive !== undefined) return inClass ? positive : `[${positive}]`;
    const negative = CLASSES[letter.toLowerCase()];
    if (negative === undefined) return this.#literal(letter, inClass);
    if (!inClass) return `[^${negative}]`;
    if (letter === 'D') return '\\P{Nd}';
    if (letter === 'S') return '\\S';
    throw new PatternError(`\\${letter} within a class is not translated`);
  }

  #property(letter: string, inClass: boolean): string {
    const end = this.#source.indexOf('}', this.#at);
    const name = this.#source.slice(this.#at + 1, end);
    if (this.#source[this.#at] !== '{' || end < 0) throw new PatternError('\\p lacks its braces');
    this.#at = end + 1;
    if (!name.startsWith('Is')) return `\\${letter}{${name}}`;
    const block = BLOCKS[name.slice(2)];
    if (block === undefined || (inClass && letter === 'P'))
      throw new PatternError(`the block ${name} is not translated`);
    return inClass ? block : `[${letter === 'P' ? '^' : ''}${block}]`;
  }

  #literal(character: string, inClass: boolean): string {
    return SYNTAX.test(character) || (inClass && character === '-') ? `\\${character}` : character;
  }

  #characterClass(): string {
    const negated = this.#source[this.#at] === '^';
    if (negated) this.#at++;
    let members = '';
    for (;;) {
      const character = this.#next();
      if (character === ']') return `[${negated ? '^' : ''}${members}]`;
      if (character === '-' && this.#source[this.#at] === '[') {
        this.#at++;
        const without = this.#characterClass();
        if (this.#next() !== ']') throw new PatternError('a subtraction must end its class');
        return `(?:(?!${without})[${negated ? '^' : ''}${members}])`;
      }
      members += character === '\\' ? this.#escape(true) : this.#member(character, members);
    }
  }

  #member(character: string, before: string): string {
    if (character === '-') return before === '' || this.#source[this.#at] === ']' ? '\\-' : '-';
    return SYNTAX.test(character) ? `\\${character}` : character;
  }
}

/** An anchored ECMAScript pattern for the `u` flag, or why there is none. */
export const translatePattern = (source: string): { pattern: string } | { problem: string } => {
  try {
    const pattern = `^(?:${new PatternTranslator(source).translate()})$`;
    new RegExp(pattern, 'u');
    return { pattern };
  } catch (error) {
    return { problem: error instanceof PatternError ? error.message : 'it is not a valid regular expression' };
  }
};
