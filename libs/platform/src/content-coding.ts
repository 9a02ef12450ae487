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

/** Decodes piecemeal, so that a bomb is noticed at its first bytes beyond the bound. */
const streaming = (stream: Transform, events: DecoderEvents): Decoder => {
  stream.on('data', events.chunk).on('end', events.end).on('error', events.error);
  return {
    write: (chunk) => void stream.write(chunk),
    end: () => void stream.end(),
    destroy: () => void stream.removeAllListeners('data').destroy(),
  };
};

// RFC 9110 section 8.4.1.2 means zlib (RFC 1950); many servers send the bare stream (RFC 1951). CM is 8 in the former.
const isZlib = (first: number): boolean => (first & 0x0f) === 8;

const deflate = (events: DecoderEvents): Decoder => {
  let inner: Decoder | undefined;
  return {
    write(chunk) {
      inner ??= streaming(isZlib(chunk[0] ?? 0) ? createInflate() : createInflateRaw(), events);
      inner.write(chunk);
    },
    end: () => (inner === undefined ? events.end() : inner.end()),
    destroy: () => inner?.destroy(),
  };
};

/** Undefined for a coding that is not known: those bytes are handed on as they are, their header with them. */
export const createDecoder = (coding: string, events: DecoderEvents): Decoder | undefined => {
  switch (coding.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return streaming(createGunzip(), events);
    case 'deflate':
      return deflate(events);
    case 'br':
      return streaming(createBrotliDecompress(), events);
    default:
      return undefined;
  }
};
