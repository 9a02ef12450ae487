import { Failure } from '@bailey/contract';

/** Bytes of any encoding in, UTF-8 bytes out. `end` hands over what was held back. */
export interface Transcoder {
  write(chunk: Uint8Array): Uint8Array;
  end(): Uint8Array;
}

const NOTHING = new Uint8Array(0);
// An XML declaration with all three pseudo-attributes fits; without a `>` by then there is none.
const PROLOGUE_BYTES = 256;

const same: Transcoder = { write: (chunk) => chunk, end: () => NOTHING };

const refused = (detail: string, cause?: unknown): Failure =>
  Failure.of('PROTOCOL_ERROR', `Reading the encoding of the answer: ${detail}`, { phase: 'after', cause });

/** What windows-1252 puts at 0x80-0x9F; five places are unassigned and stay C1 controls, as in the WHATWG table. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

const singleByte = (high: (byte: number) => number): Transcoder => {
  const table = Array.from({ length: 128 }, (_, index) => Buffer.from(String.fromCodePoint(high(index + 128))));
  const write = (chunk: Uint8Array): Uint8Array => {
    const utf8 = new Uint8Array(chunk.length * 3);
    let end = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (byte < 128) utf8[end++] = byte;
      else for (const part of table[byte - 128]!) utf8[end++] = part;
    }
    return utf8.subarray(0, end);
  };
  return { write, end: () => NOTHING };
};

const byTextDecoder = (label: string): Transcoder => {
  const decoder = openDecoder(label);
  const text = (chunk?: Uint8Array): Uint8Array => {
    try {
      return Buffer.from(chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true }), 'utf8');
    } catch (cause) {
      throw refused(`the bytes are not ${label}.`, cause);
    }
  };
  return { write: text, end: () => text() };
};

const openDecoder = (label: string) => {
  try {
    return new TextDecoder(label, { fatal: true });
  } catch (cause) {
    throw refused(`the encoding ${JSON.stringify(label.slice(0, 40))} is not known. UTF-8 is safe.`, cause);
  }
};

/** US-ASCII is read as UTF-8, its superset: what calls itself ASCII and is not, is nearly always UTF-8. */
const transcoderFor = (label: string): Transcoder => {
  switch (label.toLowerCase()) {
    case 'utf-8':
    case 'utf8':
    case 'us-ascii':
    case 'ascii':
      return same;
    case 'iso-8859-1':
    case 'iso8859-1':
    case 'iso_8859-1':
    case 'latin1':
      return singleByte((byte) => byte);
    case 'windows-1252':
    case 'cp1252':
      return singleByte((byte) => (byte < 160 ? WINDOWS_1252.charCodeAt(byte - 128) : byte));
    default:
      return byTextDecoder(label);
  }
};

/** XML 1.0 appendix F: a byte order mark, or the zero bytes that `<` has in UTF-16. */
const labelOfBytes = (head: Uint8Array): string | undefined => {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  if (head[0] === 0x3c && head[1] === 0) return 'utf-16le';
  if (head[0] === 0 && head[1] === 0x3c) return 'utf-16be';
  return undefined;
};

const labelOfDeclaration = (head: Uint8Array): string | undefined => {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, PROLOGUE_BYTES)).toString('latin1');
  const declaration = /^<\?xml\s[^>]*?>/.exec(text)?.[0];
  const label = /\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']/.exec(declaration ?? '')?.[1];
  // A declaration that could be read as single bytes cannot be in UTF-16, whatever it says of itself.
  return label !== undefined && /^utf-?16/i.test(label) ? 'utf-8' : label;
};

/** A bare `UTF-16` of the HTTP header does not say the byte order; big-endian by RFC 2781 section 4.3. */
const labelOfHeader = (charset: string | undefined): string | undefined =>
  charset === undefined ? undefined : /^utf-?16$/i.test(charset) ? 'utf-16be' : charset;

const startsDeclaration = (head: Uint8Array): boolean => head[0] === 0x3c && head[1] === 0x3f;

const isDecidable = (head: Uint8Array): boolean =>
  head.length >= PROLOGUE_BYTES || (head.length >= 4 && (!startsDeclaration(head) || head.includes(0x3e)));

const choose = (head: Uint8Array, charset: string | undefined): Transcoder =>
  transcoderFor(labelOfBytes(head) ?? labelOfHeader(charset) ?? labelOfDeclaration(head) ?? 'utf-8');

/**
 * Turns an XML entity of any encoding into UTF-8, as it arrives. A byte order mark beats the HTTP charset, which
 * beats the XML declaration (RFC 7303 section 3). Throws `PROTOCOL_ERROR` for an unknown encoding or bad bytes.
 */
export const openTranscoder = (charset?: string): Transcoder => {
  let head: Uint8Array | undefined = NOTHING;
  let chosen: Transcoder = same;
  const decide = (bytes: Uint8Array): Uint8Array => {
    head = undefined;
    chosen = choose(bytes, charset);
    return chosen.write(bytes);
  };
  return {
    write: (chunk) => {
      if (head === undefined) return chosen.write(chunk);
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      return isDecidable(head) ? decide(head) : NOTHING;
    },
    end: () => (head === undefined ? chosen.end() : Buffer.concat([decide(head), chosen.end()])),
  };
};

/** The charset of a `Content-Type`, if it names one. */
export const charsetOf = (contentType: string | undefined): string | undefined =>
  /;\s*charset\s*=\s*"?([^";\s]+)"?/i.exec(contentType ?? '')?.[1];
