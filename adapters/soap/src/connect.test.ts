import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  Failure,
  type AdapterHost,
  type Call,
  type Connection,
  type OutboundRequest,
  type OutboundResponse,
  type Value,
} from '@bailey/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SoapConfig } from './config.ts';
import soap from './index.ts';

const S11 = 'http://schemas.xmlsoap.org/soap/envelope/';
const S12 = 'http://www.w3.org/2003/05/soap-envelope';
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

/** One operation a trap would be a WSDL each; one type with an element a trap says the same. */
const wsdl = (version: '1.1' | '1.2', form: 'qualified' | 'unqualified' = 'qualified'): string => `<?xml version="1.0"?>
<definitions name="Traps" targetNamespace="urn:traps" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="urn:traps" xmlns:o="urn:other"
  xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap${version === '1.2' ? '12' : ''}/">
<types>
<xs:schema targetNamespace="urn:other" elementFormDefault="qualified"><xs:element name="same" type="xs:int"/></xs:schema>
<xs:schema targetNamespace="urn:traps" elementFormDefault="${form}">
  <xs:import namespace="urn:other"/>
  <xs:complexType name="Money"><xs:simpleContent><xs:extension base="xs:decimal"><xs:attribute name="currency" type="xs:string"/></xs:extension></xs:simpleContent></xs:complexType>
  <xs:complexType name="Shape"><xs:sequence><xs:element name="name" type="xs:string"/></xs:sequence><xs:attribute name="id" type="xs:int"/></xs:complexType>
  <xs:complexType name="Circle"><xs:complexContent><xs:extension base="tns:Shape"><xs:sequence><xs:element name="radius" type="xs:double"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
  <xs:complexType name="Mixed" mixed="true"><xs:sequence><xs:any minOccurs="0" maxOccurs="unbounded" processContents="skip"/></xs:sequence></xs:complexType>
  <xs:complexType name="Many"><xs:sequence>
    <xs:element name="a" type="xs:string" minOccurs="0"/><xs:element name="b" type="xs:string" minOccurs="0" nillable="true"/>
    <xs:element name="c" type="xs:string" minOccurs="0"/>
    <xs:element name="list" type="xs:string" minOccurs="0" maxOccurs="unbounded"/>
    <xs:element name="money" type="tns:Money" minOccurs="0"/><xs:element name="shape" type="tns:Shape" minOccurs="0"/>
    <xs:element name="long" type="xs:long" minOccurs="0"/><xs:element name="decimal" type="xs:decimal" minOccurs="0"/>
    <xs:element name="date" type="xs:date" minOccurs="0"/><xs:element name="dateTime" type="xs:dateTime" minOccurs="0"/>
    <xs:element name="int" type="xs:int" minOccurs="0" nillable="true"/><xs:element name="flag" type="xs:boolean" minOccurs="0"/>
    <xs:element name="double" type="xs:double" minOccurs="0"/><xs:element name="base64" type="xs:base64Binary" minOccurs="0"/>
    <xs:element name="hex" type="xs:hexBinary" minOccurs="0"/>
    <xs:element name="same" type="xs:string" minOccurs="0"/><xs:element ref="o:same" minOccurs="0"/>
    <xs:element name="mixed" type="tns:Mixed" minOccurs="0"/>
    <xs:any namespace="##other" minOccurs="0" processContents="lax"/>
  </xs:sequence></xs:complexType>
  <xs:element name="Ask" type="tns:Many"/><xs:element name="AskResponse" type="tns:Many"/>
  <xs:element name="Tell" type="tns:Many"/>
  <xs:element name="NotFound"><xs:complexType><xs:sequence><xs:element name="key" type="xs:long"/></xs:sequence></xs:complexType></xs:element>
  <xs:element name="Ticket" type="xs:string"/><xs:element name="Quota"><xs:complexType><xs:sequence><xs:element name="left" type="xs:int"/></xs:sequence></xs:complexType></xs:element>
</xs:schema></types>
<message name="Ask"><part name="p" element="tns:Ask"/></message><message name="AskHead"><part name="h" element="tns:Ticket"/></message>
<message name="AskResponse"><part name="p" element="tns:AskResponse"/></message><message name="QuotaHead"><part name="h" element="tns:Quota"/></message>
<message name="Tell"><part name="p" element="tns:Tell"/></message><message name="NotFound"><part name="f" element="tns:NotFound"/></message>
<portType name="Traps">
  <operation name="Ask"><input message="tns:Ask"/><output message="tns:AskResponse"/><fault name="NotFound" message="tns:NotFound"/></operation>
  <operation name="AskWithHeaders"><input message="tns:Ask"/><output message="tns:AskResponse"/></operation>
  <operation name="Tell"><input message="tns:Tell"/></operation>
</portType>
<binding name="B" type="tns:Traps"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
  <operation name="Ask"><soap:operation soapAction="urn:traps/Ask"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output><fault name="NotFound"><soap:fault name="NotFound" use="literal"/></fault></operation>
  <operation name="AskWithHeaders"><soap:operation soapAction=""/><input><soap:body use="literal"/><soap:header message="tns:AskHead" part="h" use="literal"/></input><output><soap:body use="literal"/><soap:header message="tns:QuotaHead" part="h" use="literal"/></output></operation>
  <operation name="Tell"><soap:operation soapAction="tell"/><input><soap:body use="literal"/></input></operation>
</binding>
<service name="S"><port name="P" binding="tns:B"><soap:address location="http://127.0.0.1:1/never"/></port></service>
</definitions>`;

const encodedWsdl = `<?xml version="1.0"?>
<definitions name="Old" targetNamespace="urn:old" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="urn:old" xmlns:xs="http://www.w3.org/2001/XMLSchema"
  xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/">
<types><xs:schema targetNamespace="urn:old"><xs:import namespace="http://schemas.xmlsoap.org/soap/encoding/"/>
  <xs:complexType name="Item"><xs:sequence><xs:element name="id" type="xs:int"/><xs:element name="label" type="xs:string"/></xs:sequence></xs:complexType>
  <xs:complexType name="Items"><xs:complexContent><xs:restriction base="soapenc:Array"><xs:attribute ref="soapenc:arrayType" wsdl:arrayType="tns:Item[]"/></xs:restriction></xs:complexContent></xs:complexType>
</xs:schema></types>
<message name="In"><part name="items" type="tns:Items"/></message><message name="Out"><part name="items" type="tns:Items"/><part name="one" type="tns:Item"/></message>
<portType name="P"><operation name="swap"><input message="tns:In"/><output message="tns:Out"/></operation></portType>
<binding name="B" type="tns:P"><soap:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
  <operation name="swap"><soap:operation soapAction="swap"/><input><soap:body use="encoded" namespace="urn:old" encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"/></input><output><soap:body use="encoded" namespace="urn:old" encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"/></output></operation>
</binding>
<service name="S"><port name="P" binding="tns:B"><soap:address location="http://127.0.0.1:1/never"/></port></service>
</definitions>`;

interface Answer {
  status?: number;
  headers?: Record<string, string>;
  chunks: (string | Buffer)[];
}

let answer: Answer = { chunks: [] };
let seen: { request: IncomingMessage; body: string } | undefined;

const legacy = createServer((request: IncomingMessage, response: ServerResponse) => {
  const body: Buffer[] = [];
  request.on('data', (chunk: Buffer) => body.push(chunk));
  request.on('end', () => {
    seen = { request, body: Buffer.concat(body).toString() };
    response.writeHead(answer.status ?? 200, { 'content-type': 'text/xml; charset=utf-8', ...answer.headers });
    for (const chunk of answer.chunks) response.write(chunk);
    response.end();
  });
});

/** The least host there is: real HTTP, chunks handed on as they come. */
const fetchOverHttp = (out: OutboundRequest): Promise<OutboundResponse> =>
  new Promise((resolve, reject) => {
    const request = httpRequest(
      out.url,
      { method: out.method, headers: out.headers, signal: out.signal },
      (response) => {
        const headers = response.headers as Record<string, string>;
        const gzipped: Buffer[] = [];
        const isGzip = headers['content-encoding'] === 'gzip';
        const sink = out.sink?.(response.statusCode!, headers);
        const take = (chunk: Buffer): void => {
          try {
            sink?.(chunk);
          } catch (error) {
            reject(error as Error);
            response.destroy();
          }
        };
        response.on('data', (chunk: Buffer) => (isGzip ? gzipped.push(chunk) : take(chunk)));
        response.on('error', reject);
        response.on('end', () => {
          if (isGzip) take(gunzipSync(Buffer.concat(gzipped)));
          resolve({ status: response.statusCode!, headers, body: Buffer.alloc(0) });
        });
      },
    );
    request.on('error', (cause) => reject(Failure.of('UNREACHABLE', 'Connecting: nobody is there.', { cause })));
    request.end(out.body);
  });

const files = new Map<string, string>([
  ['11.wsdl', wsdl('1.1')],
  ['12.wsdl', wsdl('1.2')],
  ['unqualified.wsdl', wsdl('1.1', 'unqualified')],
  ['encoded.wsdl', encodedWsdl],
]);
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const host: AdapterHost = {
  fetch: fetchOverHttp,
  readFile: async (path) => Buffer.from(files.get(path) ?? ''),
  log: silent,
  clock: { now: () => Date.parse('2026-01-01T00:00:00Z'), monotonic: () => 0, setTimeout: () => ({ cancel() {} }) },
  signal: new AbortController().signal,
};

const lines = new Map<string, Connection>();
let endpoint = '';

const open = async (file: string, config: Partial<SoapConfig> = {}): Promise<Connection> => {
  const full = { wsdl: file, endpoint, ...config };
  return soap.connect(full, await soap.describe(full, host, { operations: {} }), host);
};

const operations = new Map<string, Call['operation']>();

beforeAll(async () => {
  await new Promise<void>((resolve) => legacy.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(legacy.address() as AddressInfo).port}/traps`;
  for (const file of files.keys()) {
    lines.set(file, await open(file));
    const { contract } = await soap.describe({ wsdl: file }, host, { operations: {} });
    for (const operation of contract.operations) operations.set(operation.name, operation);
  }
});

afterAll(() => new Promise((resolve) => legacy.close(resolve)));

const callOf = (name: string, input: Value): Call => ({
  operation: operations.get(name)!,
  caller: { authenticated: false, scopes: new Set() },
  input,
  signal: AbortSignal.timeout(5000),
  deadline: Infinity,
  traceHeaders: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
  incoming: {},
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
});

const invoke = async (
  name: string,
  input: Value = {},
  line: string | Connection = '11.wsdl',
): Promise<Value | undefined> => {
  const connection = typeof line === 'string' ? lines.get(line)! : line;
  return (await connection.invoke!(callOf(name, input))).value();
};

const failureOf = async (promise: Promise<unknown>): Promise<Failure> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Failure) return error;
  throw error ?? new Error('nothing was thrown');
};

const envelope = (body: string, ns = S11, header = ''): string =>
  `<soap:Envelope xmlns:soap="${ns}" xmlns:xsi="${XSI}" xmlns:t="urn:traps">${header}<soap:Body>${body}</soap:Body></soap:Envelope>`;

const reply = (inner: string): string => envelope(`<t:AskResponse>${inner}</t:AskResponse>`);

const answers = (...chunks: (string | Buffer)[]): void => {
  answer = { chunks };
};

const ask = async (inner: string): Promise<Record<string, Value>> => {
  answers(reply(inner));
  const { list, any, ...others } = (await invoke('ask')) as Record<string, Value>;
  return {
    ...others,
    ...((list as Value[]).length > 0 && { list: list! }),
    ...((any as Value[]).length > 0 && { any: any! }),
  };
};

describe('traps of replies', () => {
  it.each<[string, string, Record<string, Value>]>([
    ['one-item array', '<t:list>1</t:list>', { list: ['1'] }],
    ['array of several', '<t:list>1</t:list><t:list/>', { list: ['1', ''] }],
    ['optional element missing', '', {}],
    ['xsi:nil told from missing', '<t:b xsi:nil="true"/><t:int xsi:nil="1"/>', { b: null, int: null }],
    ['empty string', '<t:a></t:a><t:b/>', { a: '', b: '' }],
    ['attribute and text', '<t:money currency="EUR">1.50</t:money>', { money: { currency: 'EUR', value: '1.50' } }],
    [
      'attribute on a type',
      '<t:shape id="7"><t:name>x</t:name></t:shape>',
      { shape: { $type: 'Shape', id: 7, name: 'x' } },
    ],
    [
      'xsi:type subtype',
      '<t:shape xsi:type="t:Circle"><t:name>x</t:name><t:radius>1.5</t:radius></t:shape>',
      { shape: { $type: 'Circle', name: 'x', radius: 1.5 } },
    ],
    ['long beyond 2^53', '<t:long>9007199254740993</t:long>', { long: '9007199254740993' }],
    ['decimal beyond a double', '<t:decimal>12345678901234567.89</t:decimal>', { decimal: '12345678901234567.89' }],
    ['string of digits', '<t:a>00123</t:a><t:c>1e5</t:c>', { a: '00123', c: '1e5' }],
    ['string with white space', '<t:a>  x \n y </t:a>', { a: '  x \n y ' }],
    ['date', '<t:date>2024-01-31</t:date>', { date: '2024-01-31' }],
    ['dateTime without zone', '<t:dateTime>2024-01-31T04:30:00</t:dateTime>', { dateTime: '2024-01-31T04:30:00' }],
    [
      'dateTime with offset',
      '<t:dateTime>2024-01-31T04:30:00+05:30</t:dateTime>',
      { dateTime: '2024-01-31T04:30:00+05:30' },
    ],
    ['int is a number', '<t:int>+042</t:int>', { int: 42 }],
    ['boolean 1', '<t:flag>1</t:flag>', { flag: true }],
    ['double INF', '<t:double>INF</t:double>', { double: 'INF' }],
    ['base64 with line breaks', '<t:base64>QUJD\r\n  REVG\n</t:base64>', { base64: 'QUJDREVG' }],
    ['hexBinary', '<t:hex>00ff</t:hex>', { hex: '00ff' }],
    ['any content', '<x:e xmlns:x="urn:x"><x:f/></x:e>', { any: ['<x:e xmlns:x="urn:x"><x:f/></x:e>'] }],
    [
      'one local name in two namespaces',
      '<t:same>zz</t:same><same xmlns="urn:other">1</same>',
      { same: 'zz', same2: 1 },
    ],
    [
      'mixed content',
      '<t:mixed>Hello <b xmlns="">big</b> world</t:mixed>',
      { mixed: { value: 'Hello <b xmlns="">big</b> world' } },
    ],
    ['CDATA with text', '<t:a>a<![CDATA[&amp;<]]>b</t:a>', { a: 'a&amp;<b' }],
    [
      'CDATA that holds a document',
      '<t:a><![CDATA[<?xml version="1.0"?><d><e/></d>]]></t:a>',
      { a: '<?xml version="1.0"?><d><e/></d>' },
    ],
    ['numeric entities', '<t:a>&#x1F600;&#233;</t:a>', { a: '😀é' }],
    ['comment in text', '<t:a>a<!-- x -->b</t:a>', { a: 'ab' }],
    ['unknown extra element', '<t:new><t:a>no</t:a></t:new><t:a>1</t:a>', { a: '1' }],
  ])('%s', async (_, inner, expected) => {
    expect(await ask(inner)).toEqual(expected);
  });

  it('empty list', async () => {
    answers(reply(''));
    expect(await invoke('ask')).toMatchObject({ list: [], any: [] });
  });

  it('response in the default namespace', async () => {
    answers(`<Envelope xmlns="${S11}"><Body><AskResponse xmlns="urn:traps"><a>1</a></AskResponse></Body></Envelope>`);
    expect(await invoke('ask')).toMatchObject({ a: '1' });
  });

  it('byte order mark', async () => {
    answers(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(reply('<t:a>é</t:a>'))]));
    expect(await invoke('ask')).toMatchObject({ a: 'é' });
  });

  it('character split between chunks', async () => {
    const whole = Buffer.from(reply('<t:a>ééé</t:a>'));
    answers(...Array.from(whole, (byte) => Buffer.from([byte])));
    expect(await invoke('ask')).toMatchObject({ a: 'ééé' });
  });

  it.each<[string, Record<string, string>, Buffer]>([
    [
      'ISO-8859-1 by header',
      { 'content-type': 'text/xml; charset="ISO-8859-1"' },
      Buffer.from(reply('<t:a>Café</t:a>'), 'latin1'),
    ],
    [
      'ISO-8859-1 only in the declaration',
      { 'content-type': 'text/xml' },
      Buffer.from(`<?xml version='1.0' encoding='ISO-8859-1'?>${reply('<t:a>Café</t:a>')}`, 'latin1'),
    ],
    [
      'UTF-16',
      { 'content-type': 'text/xml; charset=utf-16' },
      Buffer.from(`\ufeff${reply('<t:a>Café</t:a>')}`, 'utf16le'),
    ],
    ['gzip', { 'content-encoding': 'gzip' }, gzipSync(reply('<t:a>Café</t:a>'))],
  ])('%s', async (_, headers, body) => {
    answer = { headers, chunks: [body] };
    expect(await invoke('ask')).toMatchObject({ a: 'Café' });
  });

  it('rpc/encoded multi-ref', async () => {
    const body = `<o:swapResponse xmlns:o="urn:old"><items soapenc:arrayType="o:Item[2]" xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/"><item href="#i1"/><item href="#i2"/></items><one href="#i1"/></o:swapResponse>
      <multiRef id="i1" xsi:type="q:Item" xmlns:q="urn:old"><id>1</id><label>a</label></multiRef><multiRef id="i2"><id>2</id><label>b</label></multiRef>`;
    answers(envelope(body));
    const expected = {
      items: [
        { id: 1, label: 'a' },
        { id: 2, label: 'b' },
      ],
      one: { id: 1, label: 'a' },
    };
    expect(await invoke('swap', { items: expected.items }, 'encoded.wsdl')).toEqual(expected);
    expect(seen!.body).toContain('arrayType="n');
    expect(seen!.body).toContain('encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"');
  });
});

describe('broken answers', () => {
  it.each<[string, Answer]>([
    ['response element in a wrong namespace', { chunks: [envelope('<x:AskResponse xmlns:x="urn:wrong"/>')] }],
    ['another operation in the body', { chunks: [envelope('<t:TellResponse/>')] }],
    ['an envelope of no version', { chunks: [envelope('', 'urn:soap')] }],
    ['empty body', { chunks: [] }],
    ['empty soap:Body', { chunks: [envelope('')] }],
    [
      'HTML under 200',
      { headers: { 'content-type': 'text/html' }, chunks: ['<!DOCTYPE html><html><body>Login</body></html>'] },
    ],
    ['HTML under 502', { status: 502, headers: { 'content-type': 'text/html' }, chunks: ['<html>Bad Gateway</html>'] }],
    ['HTML called XML under 500', { status: 500, chunks: ['<html><br></html>'] }],
    ['an answer under 500', { status: 500, chunks: [reply('')] }],
    ['404', { status: 404, headers: { 'content-type': 'text/plain' }, chunks: ['no'] }],
    ['redirect', { status: 302, headers: { location: 'http://169.254.169.254/' }, chunks: [] }],
    ['truncated XML', { chunks: [reply('<t:a>1</t:a>').slice(0, -20)] }],
    [
      'entity bomb',
      { chunks: [`<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>${reply('<t:a>&b;</t:a>')}`] },
    ],
    [
      'a header that must be understood',
      {
        chunks: [
          envelope('<t:AskResponse/>', S11, '<soap:Header><x xmlns="urn:x" soap:mustUnderstand="1"/></soap:Header>'),
        ],
      },
    ],
  ])('%s is 502', async (_, given) => {
    answer = given;
    const failure = await failureOf(invoke('ask'));
    expect([failure.code, failure.status]).toEqual(['PROTOCOL_ERROR', 502]);
  });

  it('reads past a header that need not be understood', async () => {
    answers(envelope('<t:AskResponse/>', S11, '<soap:Header><x xmlns="urn:x" soap:mustUnderstand="0"/></soap:Header>'));
    expect(await invoke('ask')).toEqual({ list: [], any: [] });
  });

  it.each([401, 403])('HTTP %i is our credentials refused', async (status) => {
    answer = { status, headers: { 'content-type': 'text/html' }, chunks: ['no'] };
    expect((await failureOf(invoke('ask'))).code).toBe('CREDENTIALS_REFUSED');
  });

  it('HTTP 503 keeps Retry-After', async () => {
    answer = { status: 503, headers: { 'retry-after': '7' }, chunks: [] };
    expect(await failureOf(invoke('ask'))).toMatchObject({
      code: 'LEGACY_UNAVAILABLE',
      options: { retryAfterMs: 7000 },
    });
    answer = { status: 503, headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, chunks: [] };
    expect(await failureOf(invoke('ask'))).toMatchObject({ options: { retryAfterMs: 30_000 } });
  });
});

describe('faults', () => {
  const fault11 = (code: string, detail: string): string =>
    envelope(
      `<soap:Fault><faultcode>soap:${code}</faultcode><faultstring>No such key</faultstring>${detail}</soap:Fault>`,
    );
  const fault12 = (detail: string): string =>
    envelope(
      `<soap:Fault><soap:Code><soap:Value>soap:Sender</soap:Value><soap:Subcode><soap:Value>t:Gone</soap:Value></soap:Subcode></soap:Code><soap:Reason><soap:Text xml:lang="en">No such key</soap:Text></soap:Reason>${detail}</soap:Fault>`,
      S12,
    );
  const typed = '<t:NotFound><t:key>9007199254740993</t:key></t:NotFound>';

  it.each<[string, number, string]>([
    ['1.1', 500, fault11('Client', `<detail>${typed}</detail>`)],
    ['1.1 under 200', 200, fault11('Server', `<detail><x/>${typed}</detail>`)],
    ['1.2', 400, fault12(`<soap:Detail>${typed}</soap:Detail>`)],
    ['1.2 under 200', 200, fault12(`<soap:Detail>${typed}</soap:Detail>`)],
  ])('a declared fault of SOAP %s is its business answer', async (_, status, body) => {
    answer = { status, chunks: [body] };
    const failure = await failureOf(invoke('ask'));
    expect(failure).toMatchObject({ code: 'NOT_FOUND', kind: 'rejected', status: 422, message: 'No such key' });
    expect(failure.options.fault).toEqual({ name: 'NotFound', detail: { key: '9007199254740993' } });
  });

  it.each<[string, string, string, string]>([
    ['1.1 Server', fault11('Server', ''), 'Server', 'unknown'],
    ['1.1 Client', fault11('Client', '<detail>free text</detail>'), 'Client', 'notDone'],
    ['1.2', fault12(''), 'Gone', 'unknown'],
  ])('an undeclared fault is 502: %s', async (_, body, name, outcome) => {
    answer = { status: 500, chunks: [body] };
    expect(await failureOf(invoke('ask'))).toMatchObject({
      code: 'LEGACY_FAULT',
      status: 502,
      options: { outcome, fault: { name, detail: 'No such key' } },
    });
  });

  it('a fault under 500 is read though nothing says that it is XML', async () => {
    answer = { status: 500, headers: { 'content-type': '' }, chunks: [fault11('Client', `<detail>${typed}</detail>`)] };
    expect((await failureOf(invoke('ask'))).code).toBe('NOT_FOUND');
  });

  it('a refused security token is our credentials refused', async () => {
    answer = { status: 500, chunks: [fault11('x', '').replace('soap:x', 'wsse:FailedAuthentication')] };
    expect((await failureOf(invoke('ask'))).code).toBe('CREDENTIALS_REFUSED');
  });

  it('of a fault no address, SQL or stack travels out', async () => {
    const reason =
      'Boom at 10.1.2.3:1521 jdbc:oracle:thin:@db see http://inside/x\n\tat com.acme.Dao.find(Dao.java:7)\n\tat x';
    answer = { status: 500, chunks: [fault11('Server', '').replace('No such key', reason)] };
    const { options } = await failureOf(invoke('ask'));
    expect(options.fault!.detail).toBe('Boom at … … see …');
  });
});

describe('one-way', () => {
  it.each([202, 200, 204])('is accepted under %i', async (status) => {
    answer = { status, chunks: [] };
    expect(await invoke('tell')).toEqual({});
  });

  it('is accepted with an envelope, and refused with a fault', async () => {
    answers(envelope(''));
    expect(await invoke('tell')).toEqual({});
    answer = { status: 500, chunks: [envelope('<soap:Fault><faultcode>soap:Server</faultcode></soap:Fault>')] };
    expect((await failureOf(invoke('tell'))).code).toBe('LEGACY_FAULT');
  });
});

describe('requests', () => {
  const body = async (input: Value, line: string | Connection = '11.wsdl', operation = 'ask'): Promise<string> => {
    answers(line === '12.wsdl' ? envelope('<t:AskResponse/>', S12) : reply(''));
    await invoke(operation, input, line);
    return seen!.body;
  };

  it('children in XSD order', async () => {
    expect(await body({ list: ['l'], c: '3', a: '1', b: null })).toMatch(
      /<(n\d):Ask><\1:a>1<\/\1:a><\1:b xsi:nil="true"\/><\1:c>3<\/\1:c><\1:list>l<\/\1:list><\/\1:Ask>/,
    );
  });

  it('arrays', async () => {
    expect(await body({ list: ['1', '2'] })).toMatch(/<n\d:list>1<\/n\d:list><n\d:list>2<\/n\d:list>/);
  });

  it('escaping', async () => {
    expect(await body({ a: '<b>&"\'' })).toContain('&lt;b&gt;&amp;"\'<');
  });

  it('unqualified form', async () => {
    expect(await body({ a: '1' }, 'unqualified.wsdl')).toMatch(/<n\d:Ask><a>1<\/a><\/n\d:Ask>/);
  });

  it('SOAP 1.1 envelope and SOAPAction', async () => {
    expect(await body({})).toContain(`xmlns:soapenv="${S11}"`);
    expect(seen!.request.headers).toMatchObject({
      soapaction: '"urn:traps/Ask"',
      'content-type': 'text/xml; charset=utf-8',
      'accept-encoding': 'gzip',
    });
    expect(seen!.request.headers['traceparent']).toMatch(/^00-4bf9/);
  });

  it('SOAP 1.2 envelope and action', async () => {
    expect(await body({}, '12.wsdl')).toContain(`xmlns:soapenv="${S12}"`);
    expect(seen!.request.headers['content-type']).toBe('application/soap+xml; charset=utf-8; action="urn:traps/Ask"');
    expect(seen!.request.headers['soapaction']).toBeUndefined();
  });

  it('bad input reaches nobody', async () => {
    seen = undefined;
    const failure = await failureOf(invoke('ask', { a: 1, nope: 2, shape: { $type: 'Square' } }));
    expect(failure.code).toBe('INVALID_INPUT');
    expect(failure.options.errors!.map(({ pointer }) => pointer)).toEqual(['/nope', '/a', '/shape/$type']);
    expect(seen).toBeUndefined();
  });

  it('headers in and out', async () => {
    answers(
      envelope(
        '<t:AskResponse><t:a>1</t:a></t:AskResponse>',
        S11,
        '<soap:Header><t:Quota soap:mustUnderstand="1"><t:left>7</t:left></t:Quota></soap:Header>',
      ),
    );
    expect(await invoke('askWithHeaders', { a: 'x', $headers: { ticket: 'T<1' } })).toMatchObject({
      $headers: { quota: { left: 7 } },
      a: '1',
      list: [],
    });
    expect(seen!.body).toMatch(
      /<soapenv:Header><(n\d):Ticket>T&lt;1<\/\1:Ticket><\/soapenv:Header><soapenv:Body><\1:Ask>/,
    );
    answers(reply(''));
    expect(await invoke('askWithHeaders', {})).toEqual({ list: [], any: [] });
    expect((await failureOf(invoke('askWithHeaders', { $headers: { no: 1 } }))).options.errors![0]!.pointer).toBe(
      '/$headers/no',
    );
  });
});

describe('credentials', () => {
  const secret = (value: string) => ({ reveal: () => value, toString: () => '***', toJSON: () => '***' });
  const sent = async (auth: NonNullable<SoapConfig['auth']>) => {
    answers(reply(''));
    await invoke('ask', {}, await open('11.wsdl', { auth }));
    return seen!;
  };

  it('travel as Basic and as Bearer', async () => {
    expect((await sent({ basic: { username: 'svc', password: secret('p:ß') } })).request.headers.authorization).toBe(
      `Basic ${Buffer.from('svc:p:ß').toString('base64')}`,
    );
    expect((await sent({ bearer: secret('tok') })).request.headers.authorization).toBe('Bearer tok');
  });

  it('travel as a UsernameToken in text, and as a digest that hides the password', async () => {
    const text = (await sent({ usernameToken: { username: 'a<b', password: secret('s&t') } })).body;
    expect(text).toMatch(
      /<soapenv:Header><wsse:Security soapenv:mustUnderstand="1".*<wsse:Username>a&lt;b<.*#PasswordText">s&amp;t</,
    );
    const digest = (
      await sent({ usernameToken: { username: 'u', password: secret('swordfish'), digest: true }, timestamp: true })
    ).body;
    expect(digest).toMatch(/<wsu:Timestamp.*#PasswordDigest">.*<wsse:Nonce/);
    expect(digest).not.toContain('swordfish');
  });

  it('a Timestamp alone', async () => {
    const body = (await sent({ timestamp: true })).body;
    expect(body).toContain('<wsu:Timestamp');
    expect(body).not.toContain('UsernameToken');
  });
});

describe('health', () => {
  it('is up for any answer, down for none and after the line was closed', async () => {
    answer = { status: 405, chunks: [] };
    const line = await open('11.wsdl');
    expect(await line.health(AbortSignal.timeout(1000))).toEqual({
      up: true,
      reason: 'The endpoint answered HTTP 405.',
    });
    const nobody = await open('11.wsdl', { endpoint: 'http://127.0.0.1:1/' });
    expect((await nobody.health(AbortSignal.timeout(1000))).up).toBe(false);
    await line[Symbol.asyncDispose]();
    expect((await line.health(AbortSignal.timeout(1000))).up).toBe(false);
  });
});

describe('offline', () => {
  const options = { wsdl: '11.wsdl', operation: 'Ask' };
  const offline = soap.offline!;

  it('encodes and decodes without a line', async () => {
    const xml = Buffer.from(await offline.encode({ options, data: Buffer.from('{"a":"1"}') }, host)).toString();
    expect(xml).toMatch(/^<\?xml.*<n\d:Ask><n\d:a>1<\/n\d:a><\/n\d:Ask>/);
    const json = await offline.decode(
      { options: { ...options, operation: 'ask' }, data: Buffer.from(reply('<t:int>1</t:int>')) },
      host,
    );
    expect(JSON.parse(Buffer.from(json).toString())).toEqual({ int: 1, list: [], any: [] });
  });

  it('throws faults, bad input and unknown names as failures', async () => {
    const fault = envelope(
      '<soap:Fault><faultcode>x</faultcode><detail><t:NotFound><t:key>1</t:key></t:NotFound></detail></soap:Fault>',
    );
    expect((await failureOf(offline.decode({ options, data: Buffer.from(fault) }, host))).code).toBe('NOT_FOUND');
    expect((await failureOf(offline.encode({ options, data: Buffer.from('{"a":1}') }, host))).code).toBe(
      'INVALID_INPUT',
    );
    expect((await failureOf(offline.encode({ options, data: Buffer.from('{') }, host))).code).toBe('MALFORMED_JSON');
    expect(
      (
        await failureOf(
          offline.encode({ options: { ...options, operation: '__proto__' }, data: Buffer.from('{}') }, host),
        )
      ).code,
    ).toBe('UNKNOWN_OPERATION');
    expect(
      (await failureOf(offline.encode({ options: { operation: 'Ask' }, data: Buffer.from('{}') }, host))).code,
    ).toBe('INVALID_INPUT');
  });
});
