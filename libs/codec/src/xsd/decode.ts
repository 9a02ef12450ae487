import { bufferOf, Decoding } from './decode-machine.ts';
import { DecodePlan, type Content, type WireElement, type WireShape } from './decode-plan.ts';
import { openTranscoder } from '../xml/encoding.ts';

export type { FrameShape, WireElement, WireShape } from './decode-plan.ts';

export interface DecodeOptions {
  /** The charset of the HTTP header, if it names one. */
  charset?: string | undefined;
}

/** A document on its way in. Throws `PROTOCOL_ERROR` as soon as something is wrong; it is of no use after that. */
export interface DecodeStream {
  write(chunk: Uint8Array): void;
  /** The JSON text (UTF-8); the bytes belong to the caller. */
  end(): Uint8Array;
  /** The `mark` of the marked element that came last. */
  readonly mark: string | undefined;
}

/** XML bytes → JSON bytes for one kind of document; compiled once, used by any number of calls at a time. */
export interface Decoder {
  decode(xml: Uint8Array, options?: DecodeOptions): Uint8Array;
  open(options?: DecodeOptions): DecodeStream;
}

/** Work spaces are kept for the next call, as long as they have not grown beyond what is worth keeping. */
const KEPT_BYTES = 1 << 20;
const KEPT_SPACES = 8;
const spaces: Decoding[] = [];

const release = (decoding: Decoding): void => {
  if (spaces.length < KEPT_SPACES && decoding.sizeBytes <= KEPT_BYTES) spaces.push(decoding);
};

class Stream implements DecodeStream {
  readonly #decoding = spaces.pop() ?? new Decoding();
  readonly #transcoder;
  mark: string | undefined;

  constructor(plan: DecodePlan, root: Content, options: DecodeOptions) {
    this.#transcoder = openTranscoder(options.charset);
    this.#decoding.begin(root, plan.ids);
  }

  write(chunk: Uint8Array): void {
    const utf8 = this.#transcoder.write(chunk);
    if (utf8.length > 0) this.#decoding.write(utf8);
  }

  end(): Uint8Array {
    const decoding = this.#decoding;
    decoding.finish(this.#transcoder.end());
    const json = bufferOf(decoding);
    this.mark = decoding.mark;
    release(decoding);
    return json;
  }
}

/**
 * Compiles a decoder for documents whose root is one of `roots`. The JSON is the root's value alone, without a name
 * around it. Members come in document order; see plan.ts for their forms.
 */
export const compileDecoder = (shapes: readonly WireShape[], roots: readonly WireElement[]): Decoder => {
  const plan = new DecodePlan(shapes);
  const root = plan.root(roots);
  const open = (options: DecodeOptions = {}): DecodeStream => new Stream(plan, root, options);
  const decode = (xml: Uint8Array, options?: DecodeOptions): Uint8Array => {
    const stream = open(options);
    stream.write(xml);
    return stream.end();
  };
  return { decode, open };
};
