import { Refusal, type LedgerBook, type XmlElement } from '@bailey/codec';
import { camelName, NameScope, upperSnakeName } from '@bailey/contract';
import type { SoapFault, SoapOperation } from './plan.ts';
import { documentationOf, nameOf, wsdlChild, wsdlChildren, type WsdlDocuments } from './wsdl-document.ts';
import { soapChildren, type Messages, type MessageStyle } from './wsdl-message.ts';
import type { ChosenPort } from './wsdl-port.ts';

/** An operation whose shapes are asked for, but not yet known to be usable. */
export interface OperationDraft extends SoapOperation {
  node: XmlElement;
  description?: string;
}

/** Compiles the operations of one binding; each is refused alone. WSDL 1.1 sections 2.4, 2.5 and 3.4. */
export class Operations {
  readonly #documents: WsdlDocuments;
  readonly #messages: Messages;
  readonly #ledger: LedgerBook;
  readonly #names = new NameScope();

  constructor(documents: WsdlDocuments, messages: Messages, ledger: LedgerBook) {
    this.#documents = documents;
    this.#messages = messages;
    this.#ledger = ledger;
  }

  ofPort(port: ChosenPort): OperationDraft[] {
    const portType = this.#portType(port);
    if (portType === undefined) return [];
    const declared = wsdlChildren(portType, 'operation');
    const bound = wsdlChildren(port.binding.node, 'operation');
    for (const operation of declared) {
      if (bound.some((one) => nameOf(one) === nameOf(operation))) continue;
      this.#ledger.refused(
        'wsdl:operation',
        nameOf(operation),
        operation,
        `The binding ${port.binding.name} does not bind it.`,
      );
    }
    return bound
      .map((node, index) => this.#attempt(node, declared, bound.slice(0, index), port))
      .filter((draft) => draft !== undefined);
  }

  #portType({ binding }: ChosenPort): XmlElement | undefined {
    const text = binding.node.attributes.get('type') ?? '';
    const found = this.#documents.find('portType', text, binding.node);
    if (found === undefined)
      this.#ledger.refused('wsdl:binding', binding.name, binding.node, `Its portType ${text} is not declared.`);
    else if (!found.exact)
      this.#ledger.approximated(
        'wsdl:binding',
        binding.name,
        binding.node,
        `The namespace of its portType ${text} is not declared so; the one of that name is taken.`,
      );
    return found?.definition.node;
  }

  #attempt(
    node: XmlElement,
    declared: XmlElement[],
    before: XmlElement[],
    port: ChosenPort,
  ): OperationDraft | undefined {
    try {
      return this.#operation(node, this.#declarationOf(node, declared, before), port);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refuseOperation(this.#ledger, nameOf(node), node, error);
      return undefined;
    }
  }

  /** Overloaded operations are told apart by the names of their input and output, else by their order. */
  #declarationOf(node: XmlElement, declared: XmlElement[], before: XmlElement[]): XmlElement {
    const named = declared.filter((operation) => nameOf(operation) === nameOf(node));
    const [first] = named;
    if (first === undefined)
      throw new Refusal('wsdl:operation', nameOf(node), node, 'The portType does not declare it.');
    if (named.length === 1) return first;
    const fits = named.find((operation) =>
      ['input', 'output'].every(
        (side) => sideName(node, side) === undefined || sideName(node, side) === sideName(operation, side),
      ),
    );
    const place = before.filter((operation) => nameOf(operation) === nameOf(node)).length;
    return (sideName(node, 'input') === undefined ? named[place] : fits) ?? first;
  }

  #operation(node: XmlElement, declared: XmlElement, port: ChosenPort): OperationDraft {
    const native = nameOf(node);
    const [input, output] = [wsdlChild(declared, 'input'), wsdlChild(declared, 'output')];
    if (input === undefined)
      throw new Refusal(
        'wsdl:operation',
        native,
        declared,
        'It is a notification: the service calls, nobody calls it.',
      );
    if (output !== undefined && declared.children.indexOf(output) < declared.children.indexOf(input)) {
      throw new Refusal(
        'wsdl:operation',
        native,
        declared,
        'It is a solicit-response: the service calls and we would answer.',
      );
    }
    const soapOperation = soapChildren(node, 'operation')[0];
    const style = this.#style(soapOperation, port);
    const description = documentationOf(declared) ?? documentationOf(node);
    const request = this.#messages.message(input, wsdlChild(node, 'input'), { style, wrapper: native });
    const reply =
      output && this.#messages.message(output, wsdlChild(node, 'output'), { style, wrapper: `${native}Response` });
    const faults = this.#faults(declared);
    return {
      name: this.#claim(native, node),
      native,
      soapAction: soapOperation?.attributes.get('soapAction') ?? '',
      oneWay: reply === undefined,
      input: request,
      ...(reply && { output: reply }),
      faults,
      node,
      ...(description !== undefined && { description }),
    };
  }

  #style(soapOperation: XmlElement | undefined, { soapBinding }: ChosenPort): MessageStyle['style'] {
    return (soapOperation?.attributes.get('style') ?? soapBinding.attributes.get('style')) === 'rpc'
      ? 'rpc'
      : 'document';
  }

  #claim(native: string, node: XmlElement): string {
    const wanted = camelName(native);
    const name = this.#names.claim(wanted);
    if (name !== wanted)
      this.#ledger.approximated(
        'name',
        native,
        node,
        `Its API name is ${name}: another operation has the shorter one.`,
      );
    return name;
  }

  #faults(declared: XmlElement): SoapFault[] {
    const codes = new NameScope();
    const faults: SoapFault[] = [];
    for (const node of wsdlChildren(declared, 'fault')) {
      try {
        faults.push(this.#fault(node, codes));
        this.#ledger.supported('wsdl:fault', faults.at(-1)!.native, node);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        refuseFault(this.#ledger, nameOf(node), node, error);
      }
    }
    return faults;
  }

  #fault(node: XmlElement, codes: NameScope): SoapFault {
    const [part] = this.#messages.parts(node.attributes.get('message'), node);
    const native = nameOf(node) || node.attributes.get('message')?.replace(/^.*:/, '') || 'Fault';
    if (part === undefined) throw new Refusal('wsdl:fault', native, node, 'Its message has no part.');
    const { element, type } = this.#messages.content(part);
    return { code: codes.claim(upperSnakeName(native)), native, ...(element && { element }), type };
  }
}

const sideName = (operation: XmlElement, side: string): string | undefined =>
  wsdlChild(operation, side)?.attributes.get('name');

const because = ({ entry }: Refusal): string =>
  `${entry.construct} ${entry.name} (${entry.where.file}, line ${entry.where.line}): ${entry.note}`;

export const refuseOperation = (ledger: LedgerBook, name: string, node: XmlElement, refusal: Refusal): void =>
  ledger.refused('wsdl:operation', name, node, because(refusal));

/** The operation stays; this fault of it is met as an undeclared one. */
export const refuseFault = (ledger: LedgerBook, name: string, node: XmlElement, refusal: Refusal): void =>
  ledger.refused('wsdl:fault', name, node, `It is answered as an undeclared fault. ${because(refusal)}`);
