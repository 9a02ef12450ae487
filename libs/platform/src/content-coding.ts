import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import type { Transform } from 'node:stream';

export interface DecoderEvents {
  chunk(decoded: Uint8Array): void;
  end(): void;
  error(error: Error): void;
}

export interface Decoder {
  write(chunk: Uint8Array): void;
  end(): void;
  destroy(): void;
}

// RFC 9110 section 8.4.1.2 means zlib (RFC 1950); many servers send the bare stream (RFC 1951). CM is 8 in the former.
const isZlib = (first: Uint8Array): boolean => ((first[0] ?? 0) & 0x0f) === 8;

const OPENERS = new Map<string, (first: Uint8Array) => Transform>([
  ['gzip', () => createGunzip()],
  ['x-gzip', () => createGunzip()],
  ['deflate', (first) => (isZlib(first) ? createInflate() : createInflateRaw())],
  ['br', () => createBrotliDecompress()],
]);

/**
 * Decodes piecemeal, so that a bomb is noticed at its first bytes beyond the bound. Undefined for a coding that is
 * not known: those bytes are handed on as they are, their header with them.
 */
export const createDecoder = (coding: string, events: DecoderEvents): Decoder | undefined => {
  const open = OPENERS.get(coding.trim().toLowerCase());
  if (open === undefined) return undefined;
  // Opened at the first byte: an empty body is empty in every coding.
  let stream: Transform | undefined;
  return {
    write(chunk) {
      stream ??= open(chunk).on('data', events.chunk).on('end', events.end).on('error', events.error);
      stream.write(chunk);
    },
    end: () => (stream === undefined ? events.end() : void stream.end()),
    destroy: () => void stream?.removeAllListeners('data').destroy(),
  };
};
