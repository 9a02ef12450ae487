/**
 * Native names → API names. The table in `names.test.ts` is the specification; every adapter names through here,
 * so that a column, a copybook item and an XML element of one name meet under one API name.
 */

const COMBINING_MARKS = /\p{M}+/gu;
const LETTER = /\p{L}/u;

/** ASCII letters and digits stay; diacritics go; other letters become `u` + hex; all else separates words. */
const toAscii = (native: string): string => {
  let ascii = '';
  for (const character of native.normalize('NFD').replace(COMBINING_MARKS, '')) {
    if (/[A-Za-z0-9]/.test(character)) ascii += character;
    else ascii += LETTER.test(character) ? `u${character.codePointAt(0)!.toString(16)}` : ' ';
  }
  return ascii;
};

/** `URLPath` → `URL`, `Path`; `Line1Text` → `Line1`, `Text`: a digit belongs to the word before it. */
const wordsOf = (native: string): string[] =>
  toAscii(native)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .split(' ')
    .filter((word) => word !== '');

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();

const legal = (name: string): string => (name === '' ? '_' : /^[0-9]/.test(name) ? `_${name}` : name);

/** `CUST-ID` → `custId`: properties, operations, arguments. */
export const camelName = (native: string): string => {
  const [first = '', ...rest] = wordsOf(native);
  return legal(first.toLowerCase() + rest.map(capitalised).join(''));
};

/** `policy-status` → `PolicyStatus`: types. */
export const pascalName = (native: string): string => legal(wordsOf(native).map(capitalised).join(''));

/** `PolicyNotFound` → `POLICY_NOT_FOUND`: fault codes. */
export const upperSnakeName = (native: string): string => legal(wordsOf(native).join('_').toUpperCase());

/** Gives each name once: a second `id` becomes `id2`, in the order asked. One instance a scope (object, contract). */
export class NameScope {
  readonly #taken = new Set<string>();

  constructor(reserved: Iterable<string> = []) {
    for (const name of reserved) this.#taken.add(name);
  }

  /** The free name nearest to `wanted`; the caller notes it in the ledger when the two differ. */
  claim(wanted: string): string {
    let name = wanted;
    for (let next = 2; this.#taken.has(name); next++) name = `${wanted}${next}`;
    this.#taken.add(name);
    return name;
  }
}
