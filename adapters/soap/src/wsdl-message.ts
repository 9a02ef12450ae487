import {
  Refusal,
  type LedgerBook,
  type QName,
  type SchemaCompiler,
  type ShapeRef,
  type XmlElement,
} from '@bailey/codec';
import { camelName, NameScope } from '@bailey/contract';
import type { SoapBody, SoapHeader, SoapMessage } from './plan.ts';
import { isTrue, nameOf, SOAP11, SOAP12, wsdlChildren, type WsdlDocuments } from './wsdl-document.ts';

const MIME = 'http://schemas.xmlsoap.org/wsdl/mime/';

/** What a part refers to: an element, or a type under the part's own name. */
export interface PartContent {
  part: string;
  node: XmlElement;
  element?: QName;
  type: ShapeRef;
  nillable: boolean;
}

/** How the binding says that a message is written. */
export interface MessageStyle {
  style: 'document' | 'rpc';
  /** Local name of the rpc wrapper. */
  wrapper: string;
}

export const soapChildren = (node: XmlElement, local: string): XmlElement[] =>
  node.children.filter((child) => (child.ns === SOAP11 || child.ns === SOAP12) && child.local === local);

/** Compiles WSDL messages into what the envelope's body and headers hold. WSDL 1.1 sections 2.3 and 3. */
export class Messages {
  readonly #documents: WsdlDocuments;
  readonly #compiler: SchemaCompiler;
  readonly #ledger: LedgerBook;

  constructor(documents: WsdlDocuments, compiler: SchemaCompiler, ledger: LedgerBook) {
    this.#documents = documents;
    this.#compiler = compiler;
    this.#ledger = ledger;
  }

  /** `declared` is the portType's input or output, `bound` the binding's, where it has one. */
  message(declared: XmlElement, bound: XmlElement | undefined, style: MessageStyle): SoapMessage {
    const attachments = bound?.children.find((child) => child.ns === MIME);
    if (attachments !== undefined)
      throw new Refusal(
        `mime:${attachments.local}`,
        style.wrapper,
        attachments,
        'Messages with MIME attachments are not spoken.',
      );
    const message = this.#messageNode(declared.attributes.get('message'), declared);
    const headers = bound === undefined ? [] : soapChildren(bound, 'header');
    const body = bound && soapChildren(bound, 'body')[0];
    const parts = this.#bodyParts(message, body, headers);
    return { body: this.#body(parts, body ?? bound ?? declared, style, body), headers: this.#headers(headers) };
  }

  /** All parts of the message that a `message` attribute names. */
  parts(text: string | undefined, node: XmlElement): XmlElement[] {
    return wsdlChildren(this.#messageNode(text, node), 'part');
  }

  content(part: XmlElement): PartContent {
    const [element, type] = [part.attributes.get('element'), part.attributes.get('type')];
    if (element !== undefined) {
      const global = this.#compiler.element(element, part);
      return { part: nameOf(part), node: part, element: global.qname, type: global.type, nillable: global.nillable };
    }
    if (type === undefined) throw new Refusal('wsdl:part', nameOf(part), part, 'It has neither an element nor a type.');
    return { part: nameOf(part), node: part, type: this.#compiler.type(type, part), nillable: false };
  }

  #messageNode(text: string | undefined, node: XmlElement): XmlElement {
    const found = text === undefined ? undefined : this.#documents.find('message', text, node);
    if (found === undefined)
      throw new Refusal(`wsdl:${node.local}`, text ?? '', node, `The message ${text ?? ''} is not declared.`);
    if (!found.exact)
      this.#ledger.approximated(
        'wsdl:message',
        text!,
        node,
        'Its namespace is not declared so; the one message of that name is taken.',
      );
    return found.definition.node;
  }

  /** The parts that `soap:body` lists, else all that no header of the same message takes. */
  #bodyParts(message: XmlElement, body: XmlElement | undefined, headers: XmlElement[]): XmlElement[] {
    const parts = wsdlChildren(message, 'part');
    const listed = body?.attributes.get('parts')?.split(/\s+/);
    if (listed !== undefined) return parts.filter((part) => listed.includes(nameOf(part)));
    const taken = headers
      .filter(
        (header) =>
          this.#documents.find('message', header.attributes.get('message') ?? '', header)?.definition.node === message,
      )
      .map((header) => header.attributes.get('part'));
    return parts.filter((part) => !taken.includes(nameOf(part)));
  }

  #body(
    parts: XmlElement[],
    place: XmlElement,
    { style, wrapper }: MessageStyle,
    body: XmlElement | undefined,
  ): SoapBody {
    const encoded = body?.attributes.get('use') === 'encoded';
    this.#ledger.supported(`${style}/${encoded ? 'encoded' : 'literal'}`, wrapper, place);
    return style === 'rpc'
      ? this.#rpc(parts, place, wrapper, encoded, body?.attributes.get('namespace'))
      : this.#document(parts, place, wrapper);
  }

  #document(parts: XmlElement[], place: XmlElement, name: string): SoapBody {
    const contents = parts.map((part) => this.content(part));
    const [first] = contents;
    if (first === undefined) return { kind: 'empty' };
    if (contents.length === 1) {
      if (first.element === undefined) return { kind: 'content', type: first.type };
      return { kind: 'element', element: first.element, type: first.type, ...(first.nillable && { nillable: true }) };
    }
    const scope = new NameScope();
    const named = contents.map(({ part, node, element, type, nillable }) => {
      if (element === undefined)
        throw new Refusal(
          'wsdl:part',
          part,
          node,
          `Document style allows one part with a type; ${name} has ${parts.length} parts.`,
        );
      return { name: this.#claim(scope, part, node), element, type, ...(nillable && { nillable }) };
    });
    this.#ledger.supported('soap:body with several parts', name, place);
    return { kind: 'elements', parts: named };
  }

  #rpc(
    parts: XmlElement[],
    place: XmlElement,
    local: string,
    encoded: boolean,
    namespace: string | undefined,
  ): SoapBody {
    const scope = new NameScope();
    const ns = namespace ?? this.#documents.root.attributes.get('targetNamespace') ?? '';
    if (namespace === undefined)
      this.#ledger.approximated(
        'soap:body',
        local,
        place,
        'It declares no namespace for the rpc wrapper; the target namespace of the WSDL is used.',
      );
    const named = parts.map((node) => {
      const { part, element, type } = this.content(node);
      if (element !== undefined)
        this.#ledger.approximated(
          'wsdl:part',
          part,
          node,
          'An rpc part should name a type; the content of its element is written under the name of the part.',
        );
      return { name: this.#claim(scope, part, node), local: part, type };
    });
    return { kind: 'rpc', wrapper: { ns, local }, encoded, parts: named };
  }

  #headers(nodes: XmlElement[]): SoapHeader[] {
    const scope = new NameScope();
    const headers: SoapHeader[] = [];
    for (const node of nodes) {
      try {
        headers.push(this.#header(node, scope));
        this.#ledger.supported('soap:header', headers.at(-1)!.element.local, node);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (isTrue(node.attributes.get('{http://schemas.xmlsoap.org/wsdl/}required'))) throw error;
        this.#ledger.add(error.entry);
        this.#ledger.refused(
          'soap:header',
          node.attributes.get('part') ?? '',
          node,
          'It is left out of the operation: what it needs is refused.',
        );
      }
    }
    return headers;
  }

  #header(node: XmlElement, scope: NameScope): SoapHeader {
    const name = node.attributes.get('part') ?? '';
    const part = this.parts(node.attributes.get('message'), node).find((one) => nameOf(one) === name);
    if (part === undefined) throw new Refusal('soap:header', name, node, `Its message has no part ${name}.`);
    const { element, type } = this.content(part);
    if (element === undefined)
      this.#ledger.approximated(
        'soap:header',
        name,
        node,
        'Its part names a type, not an element; the element is named after the part.',
      );
    const qname = element ?? { ns: node.attributes.get('namespace') ?? '', local: name };
    return {
      name: this.#claim(scope, qname.local, node),
      element: qname,
      type,
      required: isTrue(node.attributes.get('{http://schemas.xmlsoap.org/wsdl/}required')),
    };
  }

  #claim(scope: NameScope, native: string, node: XmlElement): string {
    const wanted = camelName(native);
    const name = scope.claim(wanted);
    if (name !== wanted)
      this.#ledger.approximated(
        'name',
        native,
        node,
        `Its API name is ${name}: the shorter one is taken in the same message.`,
      );
    return name;
  }
}
