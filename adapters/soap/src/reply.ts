import { inlineReferences, openTranscoder, type Decoder, type DecodeStream } from '@bailey/codec';
import { Failure, type DeclaredFault, type JsonBytes, type Value } from '@bailey/contract';
import { BODY, compileReply, FAULT, isBareRoot, MARKS, ROOT } from './envelope.ts';
import { faultFailure } from './fault.ts';
import type { SoapOperation, SoapPlan } from './plan.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');

const BODY_KEY = bytes(`"${BODY}":`);
const BODY_START = bytes(`{"${BODY}":`);
const ROOT_START = bytes(`{"${ROOT}":`);
const OPEN_VALUE = bytes('{"value":');
const CLOSE = bytes('}');
const NULL = bytes('null');
const EMPTY = bytes('{}');
const COMMA = bytes(',');

const broken = (native: string, detail: string): Failure =>
  Failure.of('PROTOCOL_ERROR', `Calling ${native}: ${detail}`, { phase: 'after', outcome: 'unknown' });

/** A reply on its way in: JSON of an answer, `undefined` for an empty body, a fault as a thrown {@link Failure}. */
export interface ReplyStream {
  write(chunk: Uint8Array): void;
  end(): JsonBytes | undefined;
}

/** Decodes the replies of one operation; compiled on first use. */
export class ReplyReader {
  readonly #plan: SoapPlan;
  readonly #operation: SoapOperation;
  readonly #faults: readonly DeclaredFault[];
  readonly #isSecured: boolean;
  #decoder: Decoder | undefined;

  constructor(plan: SoapPlan, operation: SoapOperation, faults: readonly DeclaredFault[], isSecured: boolean) {
    this.#plan = plan;
    this.#operation = operation;
    this.#faults = faults;
    this.#isSecured = isSecured;
  }

  get #isEncoded(): boolean {
    const body = this.#operation.output?.body;
    return body?.kind === 'rpc' && body.encoded;
  }

  open(charset: string | undefined): ReplyStream {
    this.#decoder ??= compileReply(this.#plan, this.#operation, this.#isSecured);
    const decoder = this.#decoder;
    return this.#isEncoded ? this.#openEncoded(decoder, charset) : this.#openLiteral(decoder.open({ charset }));
  }

  #openLiteral(stream: DecodeStream): ReplyStream {
    let size = 0;
    return {
      write: (chunk) => {
        size += chunk.length;
        stream.write(chunk);
      },
      end: () => (size === 0 ? undefined : this.#judge(stream.end(), stream.mark)),
    };
  }

  /** References may point forward, so an encoded reply must be whole before it can be read. */
  #openEncoded(decoder: Decoder, charset: string | undefined): ReplyStream {
    const transcoder = openTranscoder(charset);
    const chunks: Uint8Array[] = [];
    return {
      write: (chunk) => void chunks.push(Buffer.from(transcoder.write(chunk))),
      end: () => {
        const xml = Buffer.concat([...chunks, transcoder.end()]);
        if (xml.length === 0) return undefined;
        const stream = decoder.open({ charset: 'utf-8' });
        stream.write(inlineReferences(xml));
        return this.#judge(stream.end(), stream.mark);
      },
    };
  }

  #judge(envelope: Uint8Array, mark: string | undefined): JsonBytes {
    if (mark === MARKS.fault) throw this.#fault(envelope);
    const { output, native } = this.#operation;
    if (output === undefined) return EMPTY;
    const isMarked = output.body.kind !== 'empty' && output.body.kind !== 'content';
    if (isMarked && mark === undefined) throw broken(native, 'soap:Body of the answer is empty.');
    return this.#answer(Buffer.from(envelope.buffer, envelope.byteOffset, envelope.length));
  }

  #fault(envelope: Uint8Array): Failure {
    const parsed = JSON.parse(new TextDecoder().decode(envelope)) as { [BODY]: { [FAULT]: Record<string, Value> } };
    return faultFailure(parsed[BODY][FAULT], this.#operation, this.#faults);
  }

  /**
   * Cuts the answer out of `{"$headers":…,"$body":{"$root":…}}` without parsing it. No text can look like these keys:
   * a quote inside a JSON string is escaped, and no name of a schema has a `$` before it.
   */
  #answer(envelope: Buffer): JsonBytes {
    const { output } = this.#operation;
    const at = envelope.subarray(0, BODY_START.length).equals(BODY_START) ? 1 : envelope.indexOf(BODY_KEY);
    const content = this.#content(envelope.subarray(at + BODY_KEY.length, -1));
    if (at === 1 || output!.headers.length === 0) return content;
    return withHeaders(envelope.subarray(0, at - 1), content);
  }

  #content(body: Buffer): JsonBytes {
    const { output } = this.#operation;
    const kind = output!.body.kind;
    if (kind !== 'element' && kind !== 'rpc') return body;
    const root = body.subarray(ROOT_START.length, -1);
    return isBareRoot(this.#plan, output!) ? Buffer.concat([OPEN_VALUE, root, CLOSE]) : root;
  }
}

/** `headers` is `{"$headers":{…}`, still open. */
const withHeaders = (headers: Buffer, content: Uint8Array): JsonBytes => {
  if (NULL.equals(content)) return Buffer.concat([headers, CLOSE]);
  return EMPTY.equals(content) ? Buffer.concat([headers, CLOSE]) : Buffer.concat([headers, COMMA, content.subarray(1)]);
};
