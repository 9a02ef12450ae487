import {
  compileDecoder,
  isBareValue,
  type ComplexShape,
  type Decoder,
  type FrameShape,
  type Particle,
  type ShapeRef,
  type WireElement,
  type WireShape,
} from '@bailey/codec';
import type { SoapFault, SoapMessage, SoapOperation, SoapPlan } from './plan.ts';

export const ENVELOPE_NS = {
  '1.1': 'http://schemas.xmlsoap.org/soap/envelope/',
  '1.2': 'http://www.w3.org/2003/05/soap-envelope',
} as const;

export const SOAP_ENCODING = 'http://schemas.xmlsoap.org/soap/encoding/';

/** The members of the JSON that an envelope decodes to. `$` keeps them apart from what schemas name. */
export const BODY = '$body';
export const ROOT = '$root';
export const FAULT = '$fault';
export const HEADERS = '$headers';

/** What the decoder saw in soap:Body. */
export const MARKS = { answer: 'answer', fault: 'fault' } as const;

const WSSE = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';

type Version = keyof typeof ENVELOPE_NS;

const element = (
  name: string,
  ns: string,
  local: string,
  type: ShapeRef,
  more: Partial<WireElement> = {},
): WireElement => ({
  kind: 'element',
  name,
  ns,
  local,
  type,
  min: 0,
  max: 1,
  ...more,
});

const inAnyOrder = (particles: Particle[]): Particle => ({ kind: 'all', min: 1, max: 1, particles });

const oneOf = (particles: Particle[]): Particle => ({ kind: 'choice', min: 1, max: 1, particles });

/** Shapes of a plan and those of the transport around them. */
class EnvelopeShapes {
  readonly shapes: WireShape[];
  readonly #text: ShapeRef;

  constructor(plan: SoapPlan) {
    this.shapes = [...plan.shapes];
    this.#text = this.add({ kind: 'simple', scalar: 'text', builtin: 'token', whiteSpace: 'collapse' });
  }

  add(shape: WireShape): ShapeRef {
    return this.shapes.push(shape) - 1;
  }

  #frame(particles: Particle[], unknown: FrameShape['unknown'] = 'skip'): ShapeRef {
    return this.add({ kind: 'frame', content: inAnyOrder(particles), unknown });
  }

  /** Section 4.4 of SOAP 1.1. Some services qualify the children, so both forms are read. */
  fault11(ns: string, faults: readonly SoapFault[]): ShapeRef {
    const detail = this.#detail(faults);
    const children = (namespace: string): Particle[] => [
      element('code', namespace, 'faultcode', this.#text),
      element('reason', namespace, 'faultstring', this.#text),
      element('detail', namespace, 'detail', detail),
    ];
    return this.#frame([...children(''), ...children(ns)]);
  }

  /** Section 5.4 of SOAP 1.2 part 1. */
  fault12(ns: string, faults: readonly SoapFault[]): ShapeRef {
    const value = element('value', ns, 'Value', this.#text);
    const subcode = this.#frame([value]);
    const code = this.#frame([value, element('subcode', ns, 'Subcode', subcode)]);
    const reason = this.#frame([element('text', ns, 'Text', this.#text, { max: -1 })]);
    return this.#frame([
      element('code', ns, 'Code', code),
      element('reason', ns, 'Reason', reason),
      element('detail', ns, 'Detail', this.#detail(faults)),
    ]);
  }

  /** Each declared fault by its place in the plan; of what is undeclared nothing is read. */
  #detail(faults: readonly SoapFault[]): ShapeRef {
    return this.#frame(
      faults.flatMap((fault, index) => {
        const { ns, local } = fault.element ?? { ns: '', local: fault.native };
        return [element(String(index), ns, local, fault.type)];
      }),
    );
  }

  envelope(version: Version, operation: SoapOperation, isSecured: boolean): ShapeRef {
    const ns = ENVELOPE_NS[version];
    const fault = version === '1.1' ? this.fault11(ns, operation.faults) : this.fault12(ns, operation.faults);
    const body = this.#body(operation.output, element(FAULT, ns, 'Fault', fault, { mark: MARKS.fault }));
    return this.#frame([
      element(HEADERS, ns, 'Header', this.#headers(operation.output, isSecured)),
      element(BODY, ns, 'Body', body, { min: 1 }),
    ]);
  }

  /** A header that we asked for by sending credentials is one that we understand, though nothing in it is read. */
  #headers(message: SoapMessage | undefined, isSecured: boolean): ShapeRef {
    const declared = (message?.headers ?? []).map(({ name, element: { ns, local }, type }) =>
      element(name, ns, local, type),
    );
    const security = isSecured ? [element('$security', WSSE, 'Security', this.#frame([]))] : [];
    return this.#frame([...declared, ...security], 'refuseIfMustUnderstand');
  }

  #body(message: SoapMessage | undefined, fault: WireElement): ShapeRef {
    const content = this.#content(message);
    const particle = content.particle === undefined ? oneOf([fault]) : oneOf([content.particle, fault]);
    return this.add({ kind: 'frame', content: particle, unknown: content.unknown });
  }

  #content(message: SoapMessage | undefined): { particle?: Particle; unknown: FrameShape['unknown'] } {
    const body = message?.body ?? { kind: 'empty' };
    const mark = MARKS.answer;
    switch (body.kind) {
      case 'empty':
        return { unknown: 'skip' };
      case 'element':
        return { particle: element(ROOT, body.element.ns, body.element.local, body.type, { mark }), unknown: 'refuse' };
      case 'elements':
        return {
          particle: inAnyOrder(
            body.parts.map(({ name, element: { ns, local }, type }) =>
              element(name, ns, local, type, { min: 1, mark }),
            ),
          ),
          unknown: 'refuse',
        };
      case 'content':
        return this.#typedBody(body.type);
      case 'rpc': {
        // An encoded answer has its multi-reference values beside the wrapper.
        const parts = inAnyOrder(
          body.parts.map(({ name, local, type }) => element(name, '', local, type, { min: body.encoded ? 0 : 1 })),
        );
        const wrapper = this.add({ kind: 'complex', attributes: [], content: parts });
        return {
          particle: element(ROOT, body.wrapper.ns, body.wrapper.local, wrapper, { mark }),
          unknown: body.encoded ? 'skip' : 'refuse',
        };
      }
    }
  }

  /** `part type=`: what the type's content model holds stands in soap:Body directly. */
  #typedBody(type: ShapeRef): { particle?: Particle; unknown: FrameShape['unknown'] } {
    const shape = this.shapes[type] as ComplexShape;
    return shape.kind === 'complex' && shape.content !== undefined
      ? { particle: shape.content, unknown: 'refuse' }
      : { unknown: 'skip' };
  }
}

/** Compiles the decoder of an operation's replies: an envelope of either version, since faults may come in another. */
export const compileReply = (plan: SoapPlan, operation: SoapOperation, isSecured: boolean): Decoder => {
  const shapes = new EnvelopeShapes(plan);
  const roots = (['1.1', '1.2'] as const).map((version) =>
    element('envelope', ENVELOPE_NS[version], 'Envelope', shapes.envelope(version, operation, isSecured)),
  );
  return compileDecoder(shapes.shapes, roots);
};

/** Whether a message of one element is that value alone, so that JSON needs an object around it. */
export const isBareRoot = (plan: SoapPlan, message: SoapMessage): boolean => {
  if (message.body.kind !== 'element') return false;
  const shape = plan.shapes[message.body.type]!;
  return shape.kind !== 'complex' || isBareValue(shape);
};
