import { Failure, type Value } from '@bailey/contract';

const decoder = new TextDecoder('utf-8', { fatal: true });

// Deeper than any legacy structure, shallow enough for every recursive reader after us.
const MAX_DEPTH = 128;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

const malformed = (detail: string, cause?: unknown): Failure =>
  Failure.of('MALFORMED_JSON', `Reading the body: ${detail}`, cause === undefined ? {} : { cause });

/** One pass over the bytes: how many members the text writes, and that it is not nested without end. */
const countMembers = (bytes: Uint8Array): number => {
  let members = 0;
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      for (at++; at < bytes.length && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
    } else if (byte === COLON) members++;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > MAX_DEPTH) throw malformed(`it is nested deeper than ${MAX_DEPTH} levels. Send a flatter body.`);
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return members;
};

const countKept = (value: Value): number => {
  if (value === null || typeof value !== 'object') return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countKept(item), 0);
  let kept = 0;
  for (const name in value) {
    if (name === '__proto__') throw malformed('"__proto__" is not accepted as a name. Leave it out.');
    kept += 1 + countKept(value[name]!);
  }
  return kept;
};

const parseText = (bytes: Uint8Array): Value => {
  try {
    return JSON.parse(decoder.decode(bytes)) as Value;
  } catch (cause) {
    throw malformed('it is not valid JSON in UTF-8. Correct it and send it again.', cause);
  }
};

/**
 * Strict JSON (RFC 8259): UTF-8 only, no name twice in one object (readers differ in which they keep), no
 * `__proto__`. Throws `MALFORMED_JSON`.
 */
export const parseJson = (bytes: Uint8Array): Value => {
  const members = countMembers(bytes);
  const value = parseText(bytes);
  if (countKept(value) !== members) throw malformed('an object has the same name twice. Send each name once.');
  return value;
};
