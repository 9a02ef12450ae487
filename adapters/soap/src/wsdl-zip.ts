import { inflateRawSync } from 'node:zlib';
import { sourceRefused } from '@bailey/codec';
import type { Failure } from '@bailey/contract';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;

/** One archive may hold this much: beyond is a bomb, or not a WSDL. */
const LIMITS = { entries: 2000, entryBytes: 64 * 1024 * 1024, totalBytes: 128 * 1024 * 1024, ratio: 100 } as const;

// A tiny entry may well be packed better than 100:1; its size is no danger.
const SMALL = 64 * 1024;

interface Entry {
  name: string;
  method: number;
  packed: number;
  size: number;
  offset: number;
}

/** The end record stands in the last 64 kB, before a comment of any length (APPNOTE 4.3.16). */
const endOfDirectory = (zip: Buffer): number => {
  for (let at = zip.length - 22; at >= Math.max(0, zip.length - 22 - 0xffff); at--) {
    if (zip.readUInt32LE(at) === END_OF_DIRECTORY) return at;
  }
  return -1;
};

const isSafe = (name: string): boolean =>
  !name.includes('\0') &&
  !name.includes('\\') &&
  !name.startsWith('/') &&
  !/^[A-Za-z]:/.test(name) &&
  !name.split('/').includes('..');

const directoryEntry = (zip: Buffer, at: number): Entry & { next: number } => {
  const [nameLength, extraLength, commentLength] = [
    zip.readUInt16LE(at + 28),
    zip.readUInt16LE(at + 30),
    zip.readUInt16LE(at + 32),
  ];
  return {
    name: zip.toString('utf8', at + 46, at + 46 + nameLength),
    method: zip.readUInt16LE(at + 10),
    packed: zip.readUInt32LE(at + 20),
    size: zip.readUInt32LE(at + 24),
    offset: zip.readUInt32LE(at + 42),
    next: at + 46 + nameLength + extraLength + commentLength,
  };
};

const checked = (entry: Entry, refuse: (message: string) => Failure): Entry => {
  if (!isSafe(entry.name)) throw refuse('an entry has a path that leaves the archive.');
  if (entry.size > LIMITS.entryBytes) throw refuse(`${entry.name} is larger than 64 MB.`);
  if (entry.size > SMALL && entry.size > entry.packed * LIMITS.ratio)
    throw refuse(`${entry.name} is packed more than 100:1.`);
  return entry;
};

const unpack = (zip: Buffer, entry: Entry, refuse: (message: string) => Failure): Uint8Array => {
  if (zip.readUInt32LE(entry.offset) !== LOCAL_HEADER) throw refuse(`${entry.name} is not where the directory says.`);
  const start = entry.offset + 30 + zip.readUInt16LE(entry.offset + 26) + zip.readUInt16LE(entry.offset + 28);
  const packed = zip.subarray(start, start + entry.packed);
  if (entry.method === 0) return packed;
  if (entry.method !== 8) throw refuse(`${entry.name} is packed by a method other than deflate.`);
  // The bound holds whatever size the directory claims.
  const bytes = inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.size) });
  if (bytes.length !== entry.size) throw refuse(`${entry.name} is not as long as the directory says.`);
  return bytes;
};

const readEntries = (zip: Buffer, refuse: (message: string) => Failure): Map<string, Uint8Array> => {
  const end = endOfDirectory(zip);
  if (end < 0) throw refuse('it is not a zip archive, or it is cut off.');
  const count = zip.readUInt16LE(end + 10);
  if (count > LIMITS.entries) throw refuse('it holds more than 2,000 entries.');
  const entries = new Map<string, Uint8Array>();
  let total = 0;
  for (let left = count, at = zip.readUInt32LE(end + 16); left > 0; left--) {
    if (zip.readUInt32LE(at) !== DIRECTORY_ENTRY) throw refuse('its directory is broken.');
    const { next, ...entry } = directoryEntry(zip, at);
    at = next;
    if (entry.name.endsWith('/')) continue;
    total += checked(entry, refuse).size;
    if (total > LIMITS.totalBytes) throw refuse('it unpacks to more than 128 MB.');
    entries.set(entry.name, unpack(zip, entry, refuse));
  }
  return entries;
};

/**
 * The files of a zip archive by path, unpacked. ZIP64 and encryption are not read.
 * @throws Failure `SOURCE_REFUSED`: broken, too large, packed suspiciously well, or with paths that lead out of it.
 */
export const readZip = (bytes: Uint8Array, file: string): Map<string, Uint8Array> => {
  const refuse = (message: string): Failure => sourceRefused({ file, line: 1 }, 'zip', message);
  try {
    return readEntries(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), refuse);
  } catch (error) {
    // Offsets that point outside the file, and data that does not inflate.
    if (error instanceof RangeError || (error as NodeJS.ErrnoException).code?.startsWith('Z'))
      throw refuse('it is broken or cut off.');
    throw error;
  }
};
