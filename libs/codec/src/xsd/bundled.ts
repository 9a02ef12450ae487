import { parseXmlTree, type XmlElement } from '../xml/tree.ts';
import { BUILTINS } from './builtins.ts';

/**
 * Schemas that the world's WSDLs refer to by URLs on the net. They are bundled, cut down to what messages use, so that
 * no description ever needs the network for them.
 */
const schema = (ns: string, body: string, prefix = 'tns'): [string, string] => [
  ns,
  `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:${prefix}="${ns}" targetNamespace="${ns}" elementFormDefault="qualified">${body}</xs:schema>`,
];

const ANY_ELEMENTS = '<xs:sequence><xs:any minOccurs="0" maxOccurs="unbounded" processContents="lax"/></xs:sequence>';
const OPEN_TYPE = `${ANY_ELEMENTS}<xs:anyAttribute processContents="lax"/>`;

const openElements = (...names: string[]): string =>
  names.map((name) => `<xs:element name="${name}"><xs:complexType>${OPEN_TYPE}</xs:complexType></xs:element>`).join('');

const uriElements = (...names: string[]): string =>
  names.map((name) => `<xs:element name="${name}" type="tns:AttributedURIType"/>`).join('');

const ADDRESSING = `
<xs:complexType name="AttributedURIType"><xs:simpleContent><xs:extension base="xs:anyURI"><xs:anyAttribute/></xs:extension></xs:simpleContent></xs:complexType>
<xs:complexType name="AttributedUnsignedLongType"><xs:simpleContent><xs:extension base="xs:unsignedLong"><xs:anyAttribute/></xs:extension></xs:simpleContent></xs:complexType>
<xs:complexType name="AttributedQNameType"><xs:simpleContent><xs:extension base="xs:QName"><xs:anyAttribute/></xs:extension></xs:simpleContent></xs:complexType>
<xs:complexType name="AttributedAnyType">${OPEN_TYPE}</xs:complexType>
<xs:complexType name="ReferenceParametersType">${OPEN_TYPE}</xs:complexType>
<xs:complexType name="MetadataType">${OPEN_TYPE}</xs:complexType>
<xs:simpleType name="RelationshipType"><xs:restriction base="xs:anyURI"/></xs:simpleType>
<xs:simpleType name="RelationshipTypeOpenEnum"><xs:restriction base="xs:anyURI"/></xs:simpleType>
<xs:complexType name="RelatesToType"><xs:simpleContent><xs:extension base="xs:anyURI"><xs:attribute name="RelationshipType" type="xs:anyURI"/><xs:anyAttribute/></xs:extension></xs:simpleContent></xs:complexType>
<xs:complexType name="ProblemActionType"><xs:sequence><xs:element name="Action" type="tns:AttributedURIType" minOccurs="0"/><xs:element name="SoapAction" type="xs:anyURI" minOccurs="0"/></xs:sequence><xs:anyAttribute/></xs:complexType>
<xs:element name="EndpointReference" type="tns:EndpointReferenceType"/>
<xs:element name="ReferenceParameters" type="tns:ReferenceParametersType"/><xs:element name="Metadata" type="tns:MetadataType"/>
<xs:element name="ReplyTo" type="tns:EndpointReferenceType"/><xs:element name="From" type="tns:EndpointReferenceType"/><xs:element name="FaultTo" type="tns:EndpointReferenceType"/>
<xs:element name="RelatesTo" type="tns:RelatesToType"/><xs:element name="RetryAfter" type="tns:AttributedUnsignedLongType"/>
<xs:element name="ProblemHeaderQName" type="tns:AttributedQNameType"/><xs:element name="ProblemIRI" type="tns:AttributedURIType"/><xs:element name="ProblemAction" type="tns:ProblemActionType"/>
<xs:attribute name="IsReferenceParameter" type="xs:boolean"/>${uriElements('MessageID', 'To', 'Action')}`;

const ADDRESSING_2005 = `${ADDRESSING}
<xs:complexType name="EndpointReferenceType"><xs:sequence><xs:element name="Address" type="tns:AttributedURIType"/><xs:element ref="tns:ReferenceParameters" minOccurs="0"/><xs:element ref="tns:Metadata" minOccurs="0"/><xs:any namespace="##other" minOccurs="0" maxOccurs="unbounded"/></xs:sequence><xs:anyAttribute namespace="##other"/></xs:complexType>`;

const ADDRESSING_2004 = `${ADDRESSING}
<xs:complexType name="ReferencePropertiesType">${OPEN_TYPE}</xs:complexType>
<xs:complexType name="ServiceNameType"><xs:simpleContent><xs:extension base="xs:QName"><xs:attribute name="PortName" type="xs:NCName"/><xs:anyAttribute/></xs:extension></xs:simpleContent></xs:complexType>
<xs:complexType name="EndpointReferenceType"><xs:sequence><xs:element name="Address" type="tns:AttributedURIType"/><xs:element name="ReferenceProperties" type="tns:ReferencePropertiesType" minOccurs="0"/><xs:element name="ReferenceParameters" type="tns:ReferenceParametersType" minOccurs="0"/><xs:element name="PortType" type="tns:AttributedQNameType" minOccurs="0"/><xs:element name="ServiceName" type="tns:ServiceNameType" minOccurs="0"/><xs:any namespace="##other" minOccurs="0" maxOccurs="unbounded"/></xs:sequence><xs:anyAttribute namespace="##other"/></xs:complexType>`;

// SOAP 1.1 section 5: each built-in type again, as an element and as a type that may carry id and href.
const ENCODED_TYPES = [...BUILTINS.keys()].filter((name) => !name.startsWith('any'));
const SOAP_ENCODING = `
<xs:attribute name="arrayType" type="xs:string"/><xs:attribute name="offset" type="xs:string"/><xs:attribute name="position" type="xs:string"/><xs:attribute name="root" type="xs:boolean"/>
<xs:attributeGroup name="commonAttributes"><xs:anyAttribute namespace="##other" processContents="lax"/></xs:attributeGroup>
<xs:attributeGroup name="arrayAttributes"><xs:attribute ref="tns:arrayType"/><xs:attribute ref="tns:offset"/></xs:attributeGroup>
<xs:attributeGroup name="arrayMemberAttributes"><xs:attribute ref="tns:position"/></xs:attributeGroup>
<xs:group name="Array">${ANY_ELEMENTS}</xs:group><xs:group name="Struct">${ANY_ELEMENTS}</xs:group>
<xs:complexType name="Array">${ANY_ELEMENTS}</xs:complexType><xs:complexType name="Struct">${ANY_ELEMENTS}</xs:complexType>
<xs:simpleType name="base64"><xs:restriction base="xs:base64Binary"/></xs:simpleType><xs:element name="Array" type="tns:Array"/><xs:element name="Struct" type="tns:Struct"/>
${ENCODED_TYPES.map((name) => `<xs:simpleType name="${name}"><xs:restriction base="xs:${name}"/></xs:simpleType><xs:element name="${name}" type="tns:${name}" nillable="true"/>`).join('')}`;

const SOAP_ENVELOPE = `<xs:attribute name="mustUnderstand" type="xs:boolean"/><xs:attribute name="actor" type="xs:anyURI"/><xs:attribute name="role" type="xs:anyURI"/><xs:attribute name="relay" type="xs:boolean"/><xs:attribute name="encodingStyle" type="xs:anyURI"/>
<xs:attributeGroup name="encodingStyle"><xs:attribute ref="tns:encodingStyle"/></xs:attributeGroup>${openElements('Envelope', 'Header', 'Body', 'Fault')}
<xs:complexType name="Envelope">${OPEN_TYPE}</xs:complexType><xs:complexType name="Header">${OPEN_TYPE}</xs:complexType><xs:complexType name="Body">${OPEN_TYPE}</xs:complexType><xs:complexType name="Fault">${OPEN_TYPE}</xs:complexType><xs:complexType name="detail">${OPEN_TYPE}</xs:complexType>`;

const MEDIA = `<xs:attribute name="contentType" type="xs:string"/><xs:attribute name="expectedContentTypes" type="xs:string"/>
<xs:complexType name="base64Binary"><xs:simpleContent><xs:extension base="xs:base64Binary"><xs:attribute ref="tns:contentType"/></xs:extension></xs:simpleContent></xs:complexType>
<xs:complexType name="hexBinary"><xs:simpleContent><xs:extension base="xs:hexBinary"><xs:attribute ref="tns:contentType"/></xs:extension></xs:simpleContent></xs:complexType>`;

const UTILITY = `<xs:attribute name="Id" type="xs:ID"/><xs:attributeGroup name="commonAtts"><xs:attribute ref="tns:Id"/><xs:anyAttribute namespace="##other"/></xs:attributeGroup>
<xs:complexType name="AttributedDateTime"><xs:simpleContent><xs:extension base="xs:string"><xs:attributeGroup ref="tns:commonAtts"/></xs:extension></xs:simpleContent></xs:complexType>
<xs:complexType name="AttributedURI"><xs:simpleContent><xs:extension base="xs:anyURI"><xs:attributeGroup ref="tns:commonAtts"/></xs:extension></xs:simpleContent></xs:complexType>
<xs:complexType name="TimestampType"><xs:sequence><xs:element ref="tns:Created" minOccurs="0"/><xs:element ref="tns:Expires" minOccurs="0"/></xs:sequence><xs:attributeGroup ref="tns:commonAtts"/></xs:complexType>
<xs:element name="Created" type="tns:AttributedDateTime"/><xs:element name="Expires" type="tns:AttributedDateTime"/><xs:element name="Timestamp" type="tns:TimestampType"/>`;

const SECURITY = `${openElements('Security', 'SecurityTokenReference', 'BinarySecurityToken', 'Reference', 'KeyIdentifier', 'Embedded')}
<xs:complexType name="AttributedString"><xs:simpleContent><xs:extension base="xs:string"><xs:anyAttribute/></xs:extension></xs:simpleContent></xs:complexType>
<xs:complexType name="PasswordString"><xs:simpleContent><xs:extension base="tns:AttributedString"><xs:attribute name="Type" type="xs:anyURI"/></xs:extension></xs:simpleContent></xs:complexType>
<xs:complexType name="UsernameTokenType"><xs:sequence><xs:element name="Username" type="tns:AttributedString"/><xs:any minOccurs="0" maxOccurs="unbounded"/></xs:sequence><xs:anyAttribute/></xs:complexType>
<xs:complexType name="SecurityHeaderType">${OPEN_TYPE}</xs:complexType><xs:complexType name="SecurityTokenReferenceType">${OPEN_TYPE}</xs:complexType>
<xs:element name="UsernameToken" type="tns:UsernameTokenType"/><xs:element name="Password" type="tns:PasswordString"/><xs:element name="Nonce" type="tns:AttributedString"/>`;

const SIGNATURE =
  openElements('Signature', 'SignedInfo', 'KeyInfo', 'Object', 'X509Data', 'KeyValue', 'Reference', 'Transforms') +
  ['SignatureType', 'KeyInfoType', 'X509DataType', 'KeyValueType', 'ObjectType', 'ReferenceType']
    .map((name) => `<xs:complexType name="${name}">${OPEN_TYPE}</xs:complexType>`)
    .join('') +
  '<xs:simpleType name="CryptoBinary"><xs:restriction base="xs:base64Binary"/></xs:simpleType><xs:element name="X509Certificate" type="xs:base64Binary"/><xs:element name="DigestValue" type="xs:base64Binary"/>';

const XML_ATTRIBUTES = `<xs:attribute name="lang" type="xs:string"/><xs:attribute name="base" type="xs:anyURI"/><xs:attribute name="id" type="xs:ID"/>
<xs:attribute name="space"><xs:simpleType><xs:restriction base="xs:NCName"><xs:enumeration value="default"/><xs:enumeration value="preserve"/></xs:restriction></xs:simpleType></xs:attribute>
<xs:attributeGroup name="specialAttrs"><xs:attribute ref="xml:base"/><xs:attribute ref="xml:lang"/><xs:attribute ref="xml:space"/><xs:attribute ref="xml:id"/></xs:attributeGroup>`;

const SERIALIZATION = `<xs:simpleType name="char"><xs:restriction base="xs:int"/></xs:simpleType><xs:simpleType name="duration"><xs:restriction base="xs:duration"/></xs:simpleType><xs:simpleType name="guid"><xs:restriction base="xs:string"/></xs:simpleType>
<xs:attribute name="FactoryType" type="xs:QName"/><xs:attribute name="Id" type="xs:ID"/><xs:attribute name="Ref" type="xs:IDREF"/>`;

const SECURITY_2004 = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity';
const SOURCES: ReadonlyMap<string, string> = new Map([
  // .NET DataSets: the schema of the rows comes first in the message, as any XML.
  schema('http://www.w3.org/2001/XMLSchema', '<xs:element name="schema" type="xs:anyType"/>'),
  // The prefix xml is bound by the language; the namespace may not be declared under another.
  schema('http://www.w3.org/XML/1998/namespace', XML_ATTRIBUTES, 'xml'),
  schema('http://schemas.xmlsoap.org/soap/encoding/', SOAP_ENCODING),
  schema('http://www.w3.org/2003/05/soap-encoding', SOAP_ENCODING),
  schema('http://schemas.xmlsoap.org/soap/envelope/', SOAP_ENVELOPE),
  schema('http://www.w3.org/2003/05/soap-envelope', SOAP_ENVELOPE),
  schema(
    'http://schemas.xmlsoap.org/wsdl/',
    '<xs:attribute name="arrayType" type="xs:string"/><xs:attribute name="required" type="xs:boolean"/>',
  ),
  schema('http://www.w3.org/2005/08/addressing', ADDRESSING_2005),
  schema('http://schemas.xmlsoap.org/ws/2004/08/addressing', ADDRESSING_2004),
  schema('http://www.w3.org/2005/05/xmlmime', MEDIA),
  schema('http://www.w3.org/2004/06/xmlmime', MEDIA),
  schema('http://www.w3.org/2004/11/xmlmime', MEDIA),
  schema(
    'http://www.w3.org/2004/08/xop/include',
    '<xs:complexType name="Include"><xs:sequence/><xs:attribute name="href" type="xs:anyURI" use="required"/></xs:complexType><xs:element name="Include" type="tns:Include"/>',
  ),
  schema(
    'http://ws-i.org/profiles/basic/1.1/xsd',
    '<xs:simpleType name="swaRef"><xs:restriction base="xs:anyURI"/></xs:simpleType>',
  ),
  schema(`${SECURITY_2004}-utility-1.0.xsd`, UTILITY),
  schema(`${SECURITY_2004}-secext-1.0.xsd`, SECURITY),
  schema('http://www.w3.org/2000/09/xmldsig#', SIGNATURE),
  schema('http://schemas.microsoft.com/2003/10/Serialization/', SERIALIZATION),
]);

const parsed = new Map<string, XmlElement>();

export const hasBundledSchema = (ns: string): boolean => SOURCES.has(ns);

/** The bundled schema of a namespace, if there is one; parsed on first use and kept. */
export const bundledSchemas = (ns: string): XmlElement | undefined => {
  const source = SOURCES.get(ns);
  if (source === undefined) return undefined;
  let root = parsed.get(ns);
  if (root === undefined) parsed.set(ns, (root = parseXmlTree(source, `bundled:${ns}`)));
  return root;
};
