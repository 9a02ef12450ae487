import { EncodePlan, isBareValue, type ElementWriter, type Shape, type ShapeRef, type XmlOutput } from '@bailey/codec';
import { Failure, type Value } from '@bailey/contract';
import { ENVELOPE_NS, HEADERS, SOAP_ENCODING } from './envelope.ts';
import type { SoapBody, SoapHeader, SoapOperation, SoapPlan } from './plan.ts';

type Input = { [name: string]: Value };
type WriteBody = (input: Input, out: XmlOutput) => void;

/** JSON input → request envelope. `security` is header XML of our own making. */
export type RequestWriter = (input: Value, security: string) => string;

const isObject = (value: Value | undefined): value is Input =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Encoders of a plan: types are compiled once for all its operations, on first use. */
export class RequestWriters {
  readonly #plan: SoapPlan;
  readonly #shapes: Shape[];
  readonly #wrappers = new Map<SoapOperation, ShapeRef>();
  #literal: EncodePlan | undefined;
  #encoded: EncodePlan | undefined;

  constructor(plan: SoapPlan) {
    this.#plan = plan;
    this.#shapes = [...plan.shapes];
    for (const operation of plan.operations) this.#wrap(operation, operation.input.body);
  }

  /** Parts become the members of a type, so that they are checked like any other. */
  #wrap(operation: SoapOperation, body: SoapBody): void {
    if (body.kind === 'element' || body.kind === 'content') return;
    const particles =
      body.kind === 'rpc'
        ? body.parts.map(({ name, local, type }) => ({
            kind: 'element' as const,
            name,
            ns: '',
            local,
            type,
            min: body.encoded ? 0 : 1,
            max: 1,
          }))
        : body.kind === 'elements'
          ? body.parts.map(({ name, element, type, nillable = false }) => ({
              kind: 'element' as const,
              name,
              ...element,
              type,
              nillable,
              min: 1,
              max: 1,
            }))
          : [];
    this.#wrappers.set(operation, this.#shapes.length);
    this.#shapes.push({ kind: 'complex', attributes: [], content: { kind: 'sequence', min: 1, max: 1, particles } });
  }

  #encoder(isEncoded: boolean): EncodePlan {
    if (isEncoded) return (this.#encoded ??= new EncodePlan(this.#shapes, { encoded: true }));
    return (this.#literal ??= new EncodePlan(this.#shapes));
  }

  of(operation: SoapOperation): RequestWriter {
    const { body, headers } = operation.input;
    const isEncoded = body.kind === 'rpc' && body.encoded;
    const encoder = this.#encoder(isEncoded);
    const ns = ENVELOPE_NS[this.#plan.soapVersion];
    const writeBody = this.#body(operation, body, encoder);
    const writeHeaders = headersWriter(headers, encoder);
    const encodingStyle = isEncoded ? ` soapenv:encodingStyle="${SOAP_ENCODING}"` : '';
    return (input, security) => {
      const out = encoder.output();
      const { [HEADERS]: given, ...content } = isObject(input) ? input : {};
      if (!isObject(input)) out.error('must be an object');
      writeHeaders(given, out);
      const header = out.text + security;
      out.text = '';
      writeBody(content, out);
      if (out.errors.length > 0)
        throw Failure.of('INVALID_INPUT', 'Encoding the request: the input does not fit the operation.', {
          errors: out.errors,
          phase: 'before',
          outcome: 'notDone',
        });
      const head = header === '' ? '' : `<soapenv:Header>${header}</soapenv:Header>`;
      return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="${ns}"${out.declarations()}>${head}<soapenv:Body${encodingStyle}>${out.text}</soapenv:Body></soapenv:Envelope>`;
    };
  }

  #body(operation: SoapOperation, body: SoapBody, encoder: EncodePlan): WriteBody {
    if (body.kind === 'element')
      return this.#root(
        encoder.element({ ...body.element, type: body.type, nillable: body.nillable ?? false }),
        body.type,
      );
    if (body.kind === 'rpc') return encoder.element({ ...body.wrapper, type: this.#wrappers.get(operation)! });
    const write = encoder.element({
      ns: '',
      local: CONTENT,
      type: body.kind === 'content' ? body.type : this.#wrappers.get(operation)!,
    });
    const writeContent = body.kind === 'content' ? this.#root(write, body.type) : write;
    return (input, out) => {
      writeContent(input, out);
      out.text = withoutTags(out.text);
    };
  }

  #root(write: ElementWriter, type: ShapeRef): WriteBody {
    const shape = this.#shapes[type]!;
    if (shape.kind === 'complex' && !isBareValue(shape)) return write;
    return (input, out) => {
      const { value, ...others } = input;
      for (const name of Object.keys(others)) out.error('is not known here', name);
      out.enter('value');
      write(value, out);
      out.leave();
    };
  }
}

/** Holds what stands in soap:Body without an element of its own, until its tags are taken off. */
const CONTENT = 'content';

const withoutTags = (xml: string): string =>
  xml.endsWith('/>') && !xml.includes(`</${CONTENT}>`) ? '' : xml.slice(xml.indexOf('>') + 1, -`</${CONTENT}>`.length);

const headersWriter = (
  headers: readonly SoapHeader[],
  encoder: EncodePlan,
): ((value: Value | undefined, out: XmlOutput) => void) => {
  const writers = new Map(
    headers.map((header) => [
      header.name,
      { header, write: encoder.element({ ...header.element, type: header.type }) },
    ]),
  );
  return (value, out) => {
    out.enter(HEADERS);
    if (value !== undefined && !isObject(value)) out.error('must be an object');
    const given = isObject(value) ? value : {};
    for (const name of Object.keys(given)) if (!writers.has(name)) out.error('is not known here', name);
    for (const [name, { header, write }] of writers) {
      const one = Object.hasOwn(given, name) ? given[name] : undefined;
      if (one === undefined && !header.required) continue;
      out.enter(name);
      write(one, out);
      out.leave();
    }
    out.leave();
  };
};
