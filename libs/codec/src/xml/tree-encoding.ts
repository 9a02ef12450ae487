/** XML 1.0 appendix F: which encoding the bytes are in, from the byte order mark, else the declaration, else UTF-8. */

const DECLARED = /^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']/;
const LATIN1 = new Set(['iso-8859-1', 'iso8859-1', 'latin1', 'latin-1', 'us-ascii', 'ascii', 'iso_8859-1']);

const startsWith = (bytes: Uint8Array, ...mark: number[]): boolean => mark.every((byte, index) => bytes[index] === byte);

const markedEncoding = (bytes: Uint8Array): string | undefined => {
  if (startsWith(bytes, 0xef, 0xbb, 0xbf)) return 'utf-8';
  if (startsWith(bytes, 0xff, 0xfe) || startsWith(bytes, 0x3c, 0x00)) return 'utf-16le';
  if (startsWith(bytes, 0xfe, 0xff) || startsWith(bytes, 0x00, 0x3c)) return 'utf-16be';
  return undefined;
};

const declaredEncoding = (bytes: Uint8Array): string => {
  const head = String.fromCharCode(...bytes.subarray(0, 200));
  const declared = DECLARED.exec(head)?.[1]?.toLowerCase() ?? 'utf-8';
  // Bytes that could be read this far are not UTF-16, whatever the declaration says.
  return declared.startsWith('utf-16') ? 'utf-8' : declared;
};

/** Name of the encoding in lower case; `charset` is the transport's word for it (RFC 7303: it wins, save a mark). */
export const xmlEncoding = (bytes: Uint8Array, charset?: string): string =>
  markedEncoding(bytes) ?? charset?.toLowerCase() ?? declaredEncoding(bytes);

/**
 * XML bytes as text, without the byte order mark.
 * @throws RangeError when the encoding is unknown, TypeError when the bytes are not in it.
 */
export const decodeXmlText = (bytes: Uint8Array, charset?: string): string => {
  const encoding = xmlEncoding(bytes, charset);
  // WHATWG reads ISO-8859-1 as windows-1252, which differs in 0x80 to 0x9F.
  if (LATIN1.has(encoding)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return new TextDecoder(encoding, { fatal: true }).decode(bytes);
};
