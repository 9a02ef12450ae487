const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const HEX = Buffer.from('0123456789abcdef');

/** The second character of a two-character JSON escape, by byte; 0: none. */
const SHORT = new Uint8Array(256);
for (const [byte, letter] of [
  [QUOTE, '"'],
  [BACKSLASH, '\\'],
  [0x0a, 'n'],
  [0x0d, 'r'],
  [0x09, 't'],
] as const) {
  SHORT[byte] = letter.charCodeAt(0);
}

/** Bytes that a JSON string must escape. */
const ESCAPED = new Uint8Array(256).fill(1, 0, 0x20);
ESCAPED[QUOTE] = ESCAPED[BACKSLASH] = 1;

export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
export const OPEN_ARRAY = 0x5b;
export const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;

/** JSON text in the making: one growing buffer, reused from call to call. */
export class JsonOutput {
  bytes = new Uint8Array(32 * 1024);
  end = 0;

  reset(): void {
    this.end = 0;
  }

  ensure(more: number): void {
    if (this.end + more <= this.bytes.length) return;
    const wider = new Uint8Array(Math.max(this.bytes.length * 2, this.end + more));
    wider.set(this.bytes.subarray(0, this.end));
    this.bytes = wider;
  }

  byte(byte: number): void {
    this.ensure(1);
    this.bytes[this.end++] = byte;
  }

  /** A comma, unless this is the first member of its object or array, or the whole document. */
  separate(): void {
    const last = this.end === 0 ? OPEN_OBJECT : this.bytes[this.end - 1];
    if (last !== OPEN_OBJECT && last !== OPEN_ARRAY) this.byte(COMMA);
  }

  raw(text: Uint8Array): void {
    this.ensure(text.length);
    const { bytes } = this;
    let { end } = this;
    for (let i = 0; i < text.length; i++) bytes[end++] = text[i]!;
    this.end = end;
  }

  range(source: Uint8Array, start: number, end: number): void {
    this.ensure(end - start);
    for (let at = start; at < end; at++) this.bytes[this.end++] = source[at]!;
  }

  quote(): void {
    this.byte(QUOTE);
  }

  /** The inside of a JSON string. */
  escape(source: Uint8Array, start: number, stop: number): void {
    this.ensure((stop - start) * 6);
    const { bytes } = this;
    let { end } = this;
    for (let at = start; at < stop; at++) {
      const c = source[at]!;
      if (ESCAPED[c] === 0) bytes[end++] = c;
      else end = escapeByte(bytes, end, c);
    }
    this.end = end;
  }

  string(source: Uint8Array, start: number, stop: number): void {
    this.quote();
    this.escape(source, start, stop);
    this.quote();
  }

  text(text: string): void {
    this.raw(Buffer.from(text, 'utf8'));
  }
}

/** Writes the escape of `byte` at `end`, and says where it ends. */
export const escapeByte = (bytes: Uint8Array, end: number, byte: number): number => {
  bytes[end++] = BACKSLASH;
  const short = SHORT[byte]!;
  if (short !== 0) {
    bytes[end++] = short;
    return end;
  }
  for (const digit of [0x75, 0x30, 0x30, HEX[byte >> 4]!, HEX[byte & 15]!]) bytes[end++] = digit;
  return end;
};

interface Member {
  key: string;
  start: number;
  end: number;
}

/** Behind the JSON value at `at`; the text is our own, so it is well-formed. */
const valueEnd = (bytes: Uint8Array, at: number): number => {
  let depth = 0;
  for (; ; at++) {
    const c = bytes[at]!;
    if (c === QUOTE) at = stringEnd(bytes, at) - 1;
    else if (c === OPEN_OBJECT || c === OPEN_ARRAY) depth++;
    else if (c === CLOSE_OBJECT || c === CLOSE_ARRAY) {
      if (depth-- === 0) return at;
    } else if (c === COMMA && depth === 0) return at;
  }
};

const stringEnd = (bytes: Uint8Array, at: number): number => {
  at++;
  while (bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at + 1;
};

const membersOf = (bytes: Uint8Array): Member[] => {
  const members: Member[] = [];
  for (let at = 1; bytes[at] !== CLOSE_OBJECT;) {
    const colon = stringEnd(bytes, at);
    const end = valueEnd(bytes, colon + 1);
    members.push({ key: Buffer.from(bytes.subarray(at, colon)).toString('utf8'), start: colon + 1, end });
    at = bytes[end] === COMMA ? end + 1 : end;
  }
  return members;
};

/**
 * Joins the parts of arrays that the document scattered over an object (its elements came out of schema order): the
 * object from `start` to the output's end has such an array several times. Linear in the object's length.
 */
export const gatherArrays = (json: JsonOutput, start: number): void => {
  const source = json.bytes.slice(start, json.end);
  const grouped = new Map<string, Member[]>();
  for (const member of membersOf(source)) {
    const parts = grouped.get(member.key);
    if (parts === undefined) grouped.set(member.key, [member]);
    else parts.push(member);
  }
  json.end = start + 1;
  for (const [key, parts] of grouped) {
    json.separate();
    json.text(`${key}:`);
    writeParts(json, source, parts);
  }
  json.byte(CLOSE_OBJECT);
};

const writeParts = (json: JsonOutput, source: Uint8Array, parts: Member[]): void => {
  if (parts.length === 1) return json.range(source, parts[0]!.start, parts[0]!.end);
  json.byte(OPEN_ARRAY);
  for (const part of parts) {
    json.separate();
    json.range(source, part.start + 1, part.end - 1);
  }
  json.byte(CLOSE_ARRAY);
};
