import type { SimpleShape } from './plan.ts';
import type { JsonOutput } from './decode-output.ts';
import { isBase64Text, isHexText, isLexical } from './lexical.ts';
import { isSpace } from '../xml/scanner.ts';

/** How a single value goes from XML text to JSON text. Compiled from a {@link SimpleShape}. */
export interface ValueRule {
  /** Text that keeps its white space is the common case, and has a loop of its own. */
  preserve: boolean;
  write(source: Source, start: number, end: number, json: JsonOutput): boolean;
  /** In words, for the message about a value that does not fit. */
  expected: string;
}

/** Where the value stands, and how a prefix in it is resolved. */
export interface Source {
  bytes: Uint8Array;
  expandQName(text: string): string;
}

type Write = ValueRule['write'];

const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const QUOTE = 0x22;

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= 0x39;

const textOf = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');

const trimStart = (bytes: Uint8Array, start: number, end: number): number => {
  while (start < end && isSpace(bytes[start]!)) start++;
  return start;
};

const trimEnd = (bytes: Uint8Array, start: number, end: number): number => {
  while (end > start && isSpace(bytes[end - 1]!)) end--;
  return end;
};

/** Every value but text is written from its trimmed range. */
const trimmed =
  (write: Write): Write =>
  (source, start, end, json) => {
    const from = trimStart(source.bytes, start, end);
    return write(source, from, trimEnd(source.bytes, from, end), json);
  };

const quoted = (json: JsonOutput, bytes: Uint8Array, start: number, end: number): true => {
  json.byte(QUOTE);
  json.range(bytes, start, end);
  json.byte(QUOTE);
  return true;
};

const writeText: Write = (source, start, end, json) => {
  json.string(source.bytes, start, end);
  return true;
};

const writeReplaced: Write = (source, start, end, json) => {
  json.ensure((end - start) * 6 + 2);
  json.quote();
  for (let at = start; at < end; at++)
    isSpace(source.bytes[at]!) ? json.byte(0x20) : json.escape(source.bytes, at, at + 1);
  json.quote();
  return true;
};

/** Runs of white space are one blank; none at the ends. */
const writeCollapsed: Write = (source, start, end, json) => {
  const { bytes } = source;
  json.quote();
  for (let at = trimStart(bytes, start, end), first = true; at < end; first = false) {
    const from = at;
    while (at < end && !isSpace(bytes[at]!)) at++;
    if (!first) json.byte(0x20);
    json.escape(bytes, from, at);
    at = trimStart(bytes, at, end);
  }
  json.quote();
  return true;
};

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

const writeBoolean: Write = ({ bytes }, start, end, json) => {
  const text = end - start > 5 ? '' : textOf(bytes, start, end);
  if (text === 'true' || text === '1') json.raw(TRUE);
  else if (text === 'false' || text === '0') json.raw(FALSE);
  else return false;
  return true;
};

/** Behind leading zeros, but never behind the last digit. */
const skipZeros = (bytes: Uint8Array, at: number, end: number): number => {
  while (at < end - 1 && bytes[at] === ZERO) at++;
  return at;
};

const allDigits = (bytes: Uint8Array, start: number, end: number): boolean => {
  for (let at = start; at < end; at++) if (!isDigit(bytes[at]!)) return false;
  return end > start;
};

/** `+007` → `7`: JSON numbers have no sign to spare and no leading zeros. */
const writeNumber =
  (limit: { min: number; max: number }): Write =>
  ({ bytes }, start, end, json) => {
    const signed = bytes[start] === MINUS || bytes[start] === PLUS;
    const from = skipZeros(bytes, signed ? start + 1 : start, end);
    if (!allDigits(bytes, from, end) || end - from > 16) return false;
    const isNegative = bytes[start] === MINUS && bytes[from] !== ZERO;
    if (end - from > 9 && !within(Number(textOf(bytes, from, end)) * (isNegative ? -1 : 1), limit)) return false;
    if (isNegative) json.byte(MINUS);
    json.range(bytes, from, end);
    return true;
  };

const within = (value: number, { min, max }: { min: number; max: number }): boolean => value >= min && value <= max;

/** Text of an integer of any size; only a leading `+` goes. */
const writeInteger: Write = ({ bytes }, start, end, json) => {
  const from = bytes[start] === PLUS ? start + 1 : start;
  const digits = bytes[start] === MINUS ? start + 1 : from;
  return allDigits(bytes, digits, end) && quoted(json, bytes, from, end);
};

const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

/** unsignedLong shares the kind, so the range is the union of both. */
const writeInt64: Write = (source, start, end, json) => {
  if (end - start > 18 && allDigits(source.bytes, isDigit(source.bytes[start]!) ? start : start + 1, end)) {
    const value = BigInt(textOf(source.bytes, source.bytes[start] === PLUS ? start + 1 : start, end));
    if (value < INT64_MIN || value > UINT64_MAX) return false;
  }
  return writeInteger(source, start, end, json);
};

/** The scale is part of the value: `123.40` stays as it is. */
const writeDecimal: Write = ({ bytes }, start, end, json) => {
  const from = bytes[start] === PLUS ? start + 1 : start;
  let at = bytes[start] === MINUS ? start + 1 : from;
  let digits = 0;
  for (let dots = 0; at < end; at++) {
    if (isDigit(bytes[at]!)) digits++;
    else if (bytes[at] !== DOT || ++dots > 1) return false;
  }
  return digits > 0 && quoted(json, bytes, from, end);
};

const FLOAT = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const SPECIAL: Readonly<Record<string, string>> = Object.assign(Object.create(null) as Record<string, string>, {
  INF: '"INF"',
  '+INF': '"INF"',
  '-INF': '"-INF"',
  NaN: '"NaN"',
});

/** A number that JSON can write as it stands: `-?` digits without a leading zero, and a fraction of at least one digit. */
const isJsonNumber = (bytes: Uint8Array, start: number, end: number): boolean => {
  let at = bytes[start] === MINUS ? start + 1 : start;
  const first = at;
  while (at < end && isDigit(bytes[at]!)) at++;
  if (at === first || (bytes[first] === ZERO && at - first > 1)) return false;
  return at === end || (bytes[at] === DOT && allDigits(bytes, at + 1, end));
};

const MAX_PLAIN_DIGITS = 300;

const writeFloat: Write = ({ bytes }, start, end, json) => {
  if (end - start < MAX_PLAIN_DIGITS && isJsonNumber(bytes, start, end)) {
    json.range(bytes, start, end);
    return true;
  }
  const text = textOf(bytes, start, end);
  const special = SPECIAL[text];
  if (special === undefined && !FLOAT.test(text)) return false;
  json.text(special ?? floatText(Number(text)));
  return true;
};

/** Beyond the range of a double a value is infinite, by XSD part 2 section 3.2.5. */
const floatText = (value: number): string => (Number.isFinite(value) ? String(value) : value > 0 ? '"INF"' : '"-INF"');

/** `dddd-dd-dd`, by far the commonest spelling, needs no regular expression unless the day may not exist. */
const isPlainDate = (bytes: Uint8Array, start: number): boolean =>
  bytes[start + 4] === MINUS &&
  bytes[start + 7] === MINUS &&
  allDigits(bytes, start, start + 4) &&
  bytes[start] !== ZERO &&
  allDigits(bytes, start + 5, start + 7) &&
  allDigits(bytes, start + 8, start + 10) &&
  isPlainMonthAndDay(
    (bytes[start + 5]! - ZERO) * 10 + bytes[start + 6]! - ZERO,
    (bytes[start + 8]! - ZERO) * 10 + bytes[start + 9]! - ZERO,
  );

const isPlainMonthAndDay = (month: number, day: number): boolean => month >= 1 && month <= 12 && day >= 1 && day <= 28;

/** Dates travel as the text they are: no zone is added, moved or dropped. */
const writeLexical =
  (builtin: string): Write =>
  ({ bytes }, start, end, json) => {
    const isPlain = builtin === 'date' && end - start === 10 && isPlainDate(bytes, start);
    return (isPlain || isLexical(builtin, textOf(bytes, start, end))) && quoted(json, bytes, start, end);
  };

const withoutSpace = (bytes: Uint8Array, start: number, end: number): string => {
  const text = textOf(bytes, start, end);
  return /\s/.test(text) ? text.replace(/\s+/g, '') : text;
};

const BASE64 = new Uint8Array(256);
for (const c of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/') BASE64[c.charCodeAt(0)] = 1;

/** Without line breaks and padding there is nothing to look up: the bytes are copied. */
const isPlainBase64 = (bytes: Uint8Array, start: number, end: number): boolean => {
  for (let at = start; at < end; at++) if (BASE64[bytes[at]!] === 0) return false;
  return (end - start) % 4 === 0;
};

const writeBase64: Write = ({ bytes }, start, end, json) => {
  if (isPlainBase64(bytes, start, end)) return quoted(json, bytes, start, end);
  const text = withoutSpace(bytes, start, end);
  if (!isBase64Text(text)) return false;
  json.text(`"${text}"`);
  return true;
};

const writeHex: Write = ({ bytes }, start, end, json) => {
  const text = withoutSpace(bytes, start, end);
  if (!isHexText(text)) return false;
  json.text(`"${text}"`);
  return true;
};

const writeQName: Write = (source, start, end, json) => {
  if (start === end) return false;
  json.text(JSON.stringify(source.expandQName(textOf(source.bytes, start, end))));
  return true;
};

const writeList =
  (item: ValueRule): Write =>
  (source, start, end, json) => {
    const { bytes } = source;
    json.byte(0x5b);
    for (let at = trimStart(bytes, start, end); at < end; at = trimStart(bytes, at, end)) {
      const from = at;
      while (at < end && !isSpace(bytes[at]!)) at++;
      json.separate();
      if (!item.write(source, from, at, json)) return false;
    }
    json.byte(0x5d);
    return true;
  };

const INT32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };
const INT53 = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };

const textWriter = (whiteSpace: SimpleShape['whiteSpace']): Write =>
  whiteSpace === 'preserve' ? writeText : whiteSpace === 'replace' ? writeReplaced : writeCollapsed;

const writerOf = (shape: SimpleShape, item: ValueRule | undefined): Write => {
  if (item !== undefined) return writeList(item);
  switch (shape.scalar) {
    case 'boolean':
      return trimmed(writeBoolean);
    case 'int32':
      return trimmed(writeNumber(INT32));
    case 'int53':
      return trimmed(writeNumber(INT53));
    case 'int64':
      return trimmed(writeInt64);
    case 'integer':
      return trimmed(writeInteger);
    case 'decimal':
      return trimmed(writeDecimal);
    case 'float':
    case 'double':
      return trimmed(writeFloat);
    case 'date':
      return trimmed(writeLexical('date'));
    case 'time':
      return trimmed(writeLexical('time'));
    case 'dateTime':
    case 'localDateTime':
    case 'xsdDateTime':
      return trimmed(writeLexical('dateTime'));
    case 'duration':
      return trimmed(writeLexical('duration'));
    case 'base64':
      return trimmed(writeBase64);
    case 'hex':
      return trimmed(writeHex);
    case 'text':
    case 'json':
      return shape.builtin === 'QName' || shape.builtin === 'NOTATION'
        ? trimmed(writeQName)
        : textWriter(shape.whiteSpace);
  }
};

/** `item` is the compiled item type of a list. */
export const compileValue = (shape: SimpleShape, item: ValueRule | undefined): ValueRule => {
  const write = writerOf(shape, item);
  return {
    preserve: write === writeText,
    write,
    expected: item === undefined ? shape.builtin : `list of ${item.expected}`,
  };
};
