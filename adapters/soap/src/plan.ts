import type { QName, SchemaPlan, ShapeRef } from '@bailey/codec';

/** The wire plan of a SOAP bridge: one port, compiled. Plain JSON, stored with the revision. */
export interface SoapPlan extends SchemaPlan {
  service: string;
  port: string;
  /** `soap:address`; empty when the WSDL has no service. `connection.endpoint` overrides it. */
  endpoint: string;
  soapVersion: '1.1' | '1.2';
  operations: SoapOperation[];
}

export interface SoapOperation {
  /** API name: the key of the contract's operation. */
  name: string;
  native: string;
  soapAction: string;
  oneWay: boolean;
  input: SoapMessage;
  output?: SoapMessage;
  faults: SoapFault[];
}

/** The JSON object of a message is the content of its body, plus `$headers: {name: content}` where there are any. */
export interface SoapMessage {
  body: SoapBody;
  headers: SoapHeader[];
}

export type SoapBody =
  /** Nothing in soap:Body. JSON `{}`. */
  | { kind: 'empty' }
  /**
   * Document/literal, one element. Complex type: its content is the object (the wrapper is gone);
   * simple type: `{"value": …}`.
   */
  | { kind: 'element'; element: QName; type: ShapeRef; nillable?: boolean }
  /** Document/literal with several element parts: an object with one property a part. */
  | { kind: 'elements'; parts: { name: string; element: QName; type: ShapeRef; nillable?: boolean }[] }
  /** Document/literal with `part type=`: the content of soap:Body itself is of this type. */
  | { kind: 'content'; type: ShapeRef }
  /** Rpc: wrapper element, then the parts as unqualified elements. */
  | { kind: 'rpc'; wrapper: QName; encoded: boolean; parts: { name: string; local: string; type: ShapeRef }[] };

export interface SoapHeader {
  /** Property of `$headers`. */
  name: string;
  element: QName;
  type: ShapeRef;
  required: boolean;
}

export interface SoapFault {
  /** UPPER_SNAKE, as in the contract's declared fault. */
  code: string;
  native: string;
  /** The element in soap:detail; absent for rpc faults with `part type=`. */
  element?: QName;
  type: ShapeRef;
}
