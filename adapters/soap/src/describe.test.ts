import type { AdapterHost, DescribeOptions, OutboundRequest, OutboundResponse, Secret } from '@bailey/contract';
import { describe, expect, it } from 'vitest';
import type { SoapConfig } from './config.ts';
import { describeWsdl } from './describe.ts';

const silent = () => undefined;
const host = (
  files: Record<string, string | Uint8Array>,
  fetch: AdapterHost['fetch'] = () => Promise.reject(new Error('no network')),
): AdapterHost & { asked: string[] } => {
  const asked: string[] = [];
  return {
    asked,
    fetch,
    readFile: (path) => {
      asked.push(path);
      const found = files[path];
      return found === undefined
        ? Promise.reject(Object.assign(new Error(path), { code: 'ENOENT' }))
        : Promise.resolve(Buffer.from(found as string));
    },
    log: { debug: silent, info: silent, warn: silent, error: silent },
    clock: { now: Date.now, monotonic: () => performance.now(), setTimeout: () => ({ cancel: silent }) },
    signal: new AbortController().signal,
  };
};

const NO_OPTIONS: DescribeOptions = { operations: {} };
const HTTP = 'http://schemas.xmlsoap.org/soap/http';
const SCHEMA =
  '<xs:element name="Get"><xs:complexType><xs:sequence><xs:element name="id" type="xs:string"/></xs:sequence></xs:complexType></xs:element><xs:element name="GetResponse"><xs:complexType><xs:sequence><xs:element name="name" type="xs:string" minOccurs="0"/></xs:sequence></xs:complexType></xs:element><xs:element name="Problem" type="xs:string"/><xs:element name="Session" type="xs:string"/>';

interface Parts {
  schema?: string;
  messages?: string;
  operations?: string;
  bound?: string;
  style?: string;
  transport?: string;
  rest?: string;
  imports?: string;
}

const MESSAGES =
  '<message name="in"><part name="body" element="t:Get"/></message><message name="out"><part name="body" element="t:GetResponse"/></message><message name="bad"><part name="fault" element="t:Problem"/></message>';
const LITERAL = '<input><s:body use="literal"/></input><output><s:body use="literal"/></output>';
const SERVICE =
  '<service name="S"><port name="P" binding="t:B"><s:address location="http://legacy.example/soap"/></port></service>';

const wsdl = ({
  schema = SCHEMA,
  messages = MESSAGES,
  operations = '<operation name="Get"><input message="t:in"/><output message="t:out"/><fault name="NotFound" message="t:bad"/></operation>',
  bound = `<operation name="Get"><s:operation soapAction="urn:Get"/>${LITERAL}</operation>`,
  style = '',
  transport = HTTP,
  rest = SERVICE,
  imports = '',
}: Parts = {}): string =>
  `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:s12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:mime="http://schemas.xmlsoap.org/wsdl/mime/" xmlns:http="http://schemas.xmlsoap.org/wsdl/http/" xmlns:t="urn:t" xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t">${imports}
<types><xs:schema targetNamespace="urn:t" elementFormDefault="qualified">${schema}</xs:schema></types>
${messages}
<portType name="PT">${operations}</portType>
<binding name="B" type="t:PT"><s:binding transport="${transport}" ${style}/>${bound}</binding>
${rest}</definitions>`;

const described = (source: string, config: Partial<SoapConfig> = {}, options = NO_OPTIONS) =>
  describeWsdl({ wsdl: 'a.wsdl', ...config }, host({ 'a.wsdl': source }), options);
const refusals = async (source: string) =>
  (await described(source)).ledger.filter(({ status }) => status === 'refused');

describe('a document/literal operation', () => {
  it('is a contract without its wrapper, and a plan with it', async () => {
    const { contract, plan, sourceHash } = await described(wsdl());
    expect(contract.operations).toMatchObject([
      {
        name: 'get',
        native: 'Get',
        effect: 'write',
        exchange: 'unary',
        input: {
          type: 'object',
          properties: { id: { type: 'string' } },
          required: ['id'],
          additionalProperties: false,
        },
        output: { properties: { name: { type: 'string' } } },
        faults: [{ code: 'NOT_FOUND', native: 'NotFound', status: 422, detail: { type: 'string' } }],
      },
    ]);
    expect(plan).toMatchObject({ service: 'S', port: 'P', endpoint: 'http://legacy.example/soap', soapVersion: '1.1' });
    expect(plan.operations[0]).toMatchObject({
      soapAction: 'urn:Get',
      oneWay: false,
      input: { body: { kind: 'element', element: { ns: 'urn:t', local: 'Get' } } },
      faults: [{ element: { local: 'Problem' } }],
    });
    expect(sourceHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('survives storage: plan and contract are plain JSON', async () => {
    const { plan, contract } = await described(wsdl());
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(JSON.parse(JSON.stringify(contract))).toEqual(contract);
  });

  it('without output is one-way', async () => {
    const { contract, plan } = await described(
      wsdl({
        operations: '<operation name="Get"><documentation>Tells it.</documentation><input message="t:in"/></operation>',
      }),
    );
    expect(contract.operations[0]).toMatchObject({ exchange: 'one-way', description: 'Tells it.' });
    expect(contract.operations[0]).not.toHaveProperty('output');
    expect(plan.operations[0]!.oneWay).toBe(true);
  });

  it('of simple type is a value', async () => {
    const { contract } = await described(
      wsdl({ messages: MESSAGES.replace('element="t:Get"', 'element="t:Session"') }),
    );
    expect(contract.operations[0]!.input).toMatchObject({
      properties: { value: { type: 'string' } },
      required: ['value'],
    });
  });

  it('may have no part, several, or one of a type', async () => {
    const messages =
      '<message name="in"/><message name="out"><part name="first-part" element="t:Session"/><part name="b" element="t:Problem"/></message>';
    const { plan, contract } = await described(
      wsdl({
        messages,
        operations: '<operation name="Get"><input message="t:in"/><output message="t:out"/></operation>',
      }),
    );
    expect(plan.operations[0]!.input.body).toEqual({ kind: 'empty' });
    expect(plan.operations[0]!.output!.body).toMatchObject({
      kind: 'elements',
      parts: [{ name: 'firstPart' }, { name: 'b' }],
    });
    expect(contract.operations[0]!.output).toMatchObject({ required: ['firstPart', 'b'] });
    const typed = await described(wsdl({ messages: MESSAGES.replace('element="t:Get"', 'type="xs:int"') }));
    expect(typed.plan.operations[0]!.input.body).toMatchObject({ kind: 'content' });
  });

  it('carries headers both ways, apart from the body', async () => {
    const messages = `${MESSAGES}<message name="ctx"><part name="session" element="t:Session"/></message>`;
    const header = '<s:header message="t:ctx" part="session" use="literal"/>';
    const { contract, plan } = await described(
      wsdl({
        messages,
        bound: `<operation name="Get"><s:operation soapAction=""/><input>${header}<s:body use="literal"/></input><output><s:body use="literal"/>${header}</output></operation>`,
      }),
    );
    expect(contract.operations[0]!.input.properties).toMatchObject({
      id: {},
      $headers: { properties: { session: { type: 'string' } }, additionalProperties: false },
    });
    expect(contract.operations[0]!.output!.properties).toHaveProperty('$headers');
    expect(plan.operations[0]!.input.headers).toMatchObject([
      { name: 'session', element: { ns: 'urn:t', local: 'Session' }, required: false },
    ]);
  });

  it('leaves the parts of headers out of the body', async () => {
    const messages = MESSAGES.replace(
      '<part name="body" element="t:Get"/>',
      '<part name="body" element="t:Get"/><part name="session" element="t:Session"/>',
    );
    const { plan } = await described(
      wsdl({
        messages,
        bound:
          '<operation name="Get"><input><s:header message="t:in" part="session" use="literal"/><s:body use="literal"/></input></operation>',
      }),
    );
    expect(plan.operations[0]!.input).toMatchObject({
      body: { kind: 'element', element: { local: 'Get' } },
      headers: [{ name: 'session' }],
    });
  });
});

describe('an rpc operation', () => {
  const messages =
    '<message name="in"><part name="PolicyNo" type="xs:string"/><part name="count" type="xs:int"/></message><message name="out"><part name="return" type="xs:decimal"/></message><message name="bad"><part name="fault" type="xs:string"/></message>';
  const bound = (use: string) =>
    `<operation name="Get"><s:operation soapAction="" style="rpc"/><input><s:body use="${use}" namespace="urn:rpc"/></input><output><s:body use="${use}" namespace="urn:rpc"/></output></operation>`;

  it('has its parts as fields, in a wrapper named after it', async () => {
    const { contract, plan } = await described(wsdl({ messages, bound: bound('literal') }));
    expect(plan.operations[0]!.input.body).toMatchObject({
      kind: 'rpc',
      encoded: false,
      wrapper: { ns: 'urn:rpc', local: 'Get' },
      parts: [{ name: 'policyNo', local: 'PolicyNo' }, { name: 'count' }],
    });
    expect(plan.operations[0]!.output!.body).toMatchObject({ wrapper: { local: 'GetResponse' } });
    expect(contract.operations[0]!.input).toMatchObject({ required: ['policyNo', 'count'] });
    expect(plan.operations[0]!.faults[0]).not.toHaveProperty('element');
  });

  it('encoded: its parts may be nil or missing', async () => {
    const { contract, plan } = await described(wsdl({ messages, bound: bound('encoded') }));
    expect(plan.operations[0]!.input.body).toMatchObject({ encoded: true });
    expect(contract.operations[0]!.input.required).toBeUndefined();
    expect(contract.operations[0]!.input.properties!['count']).toMatchObject({
      anyOf: [{ format: 'int32' }, { type: 'null' }],
    });
  });

  it('without a namespace takes that of the WSDL, and says so', async () => {
    const { plan, ledger } = await described(wsdl({ messages, style: 'style="rpc"' }));
    expect(plan.operations[0]!.input.body).toMatchObject({ kind: 'rpc', wrapper: { ns: 'urn:t' } });
    expect(ledger.some(({ construct, status }) => construct === 'soap:body' && status === 'approximated')).toBe(true);
  });
});

describe('operations are refused one by one', () => {
  const two = {
    operations:
      '<operation name="Get"><input message="t:in"/><output message="t:out"/></operation><operation name="Other"><input message="t:in"/></operation>',
  };
  const other = (bound: string) =>
    `<operation name="Get">${LITERAL}</operation><operation name="Other">${bound}</operation>`;

  it.each<[string, Parts, RegExp]>([
    ['MIME attachments', { ...two, bound: other('<input><mime:multipartRelated/></input>') }, /attachments/],
    [
      'an unknown message',
      {
        ...two,
        operations: two.operations.replace('Other"><input message="t:in"', 'Other"><input message="t:gone"'),
        bound: other(''),
      },
      /t:gone is not declared/,
    ],
    ['an unknown operation', { bound: other('') }, /portType does not declare it/],
    ['no binding', { ...two, bound: `<operation name="Get">${LITERAL}</operation>` }, /does not bind it/],
    [
      'a notification',
      { ...two, operations: two.operations.replace('Other"><input', 'Other"><output'), bound: other('') },
      /notification/,
    ],
    [
      'a part that names nothing',
      {
        ...two,
        messages: `${MESSAGES}<message name="none"><part name="x"/></message>`,
        operations: two.operations.replace('Other"><input message="t:in"', 'Other"><input message="t:none"'),
        bound: other(''),
      },
      /neither an element nor a type/,
    ],
    [
      'a type that is not there',
      {
        ...two,
        schema: `${SCHEMA}<xs:element name="X"><xs:complexType><xs:sequence><xs:element name="y" type="t:Gone"/></xs:sequence></xs:complexType></xs:element>`,
        messages: `${MESSAGES}<message name="none"><part name="x" element="t:X"/></message>`,
        operations: two.operations.replace('Other"><input message="t:in"', 'Other"><input message="t:none"'),
        bound: other(''),
      },
      /no type Gone in urn:t/,
    ],
  ])('%s', async (_, parts, note) => {
    const { contract, ledger } = await described(wsdl(parts));
    expect(contract.operations.map(({ native }) => native)).toEqual(['Get']);
    expect(ledger.find(({ status, name }) => status === 'refused' && name === 'Other')).toMatchObject({
      construct: 'wsdl:operation',
      where: { file: 'a.wsdl', line: expect.any(Number) },
      note: expect.stringMatching(note),
    });
  });

  it('a fault that cannot be read leaves its operation', async () => {
    const { contract, ledger } = await described(
      wsdl({ schema: SCHEMA.replace('name="Problem" type="xs:string"', 'name="Problem" type="t:Gone"') }),
    );
    expect(contract.operations[0]!.faults).toEqual([]);
    expect(ledger.find(({ construct }) => construct === 'wsdl:fault')).toMatchObject({
      status: 'refused',
      name: 'NotFound',
    });
  });

  it('overloads are told apart and named apart', async () => {
    const operations =
      '<operation name="Get"><input name="a" message="t:in"/></operation><operation name="Get"><input name="b" message="t:in"/><output message="t:out"/></operation>';
    const { contract, ledger } = await described(
      wsdl({
        operations,
        bound: '<operation name="Get"><input name="b"/></operation><operation name="Get"><input name="a"/></operation>',
      }),
    );
    expect(contract.operations).toMatchObject([
      { name: 'get', exchange: 'unary' },
      { name: 'get2', exchange: 'one-way' },
    ]);
    expect(ledger.some(({ note }) => note?.includes('get2'))).toBe(true);
  });
});

describe('the port', () => {
  const bindings =
    '<binding name="B12" type="t:PT"><s12:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="Get"/></binding><binding name="Web" type="t:PT"><http:binding verb="GET"/></binding><binding name="Jms" type="t:PT"><s:binding transport="http://www.w3.org/2010/soapjms/"/></binding>';
  const port = (name: string, binding: string) =>
    `<port name="${name}" binding="${binding}"><s:address location="http://x/${name}"/></port>`;
  const services = (...list: string[]) =>
    bindings + list.map((ports, index) => `<service name="S${index + 1}">${ports}</service>`).join('');

  it.each([
    ['the first SOAP 1.1 one', services(port('a', 't:Web') + port('b', 't:B12'), port('c', 't:B')), {}, 'c', '1.1'],
    ['SOAP 1.2 where there is no 1.1', services(port('a', 't:Jms') + port('b', 't:B12')), {}, 'b', '1.2'],
    ['the one named', services(port('b', 't:B') + port('c', 't:B12')), { port: 'c' }, 'c', '1.2'],
    ['of the service named', services(port('b', 't:B'), port('c', 't:B')), { service: 'S2' }, 'c', '1.1'],
    ['one whose binding fits by local name', services(port('b', 'B')), {}, 'b', '1.1'],
  ])('is %s', async (_, rest, config, name, version) => {
    expect((await described(wsdl({ rest }), config)).plan).toMatchObject({ port: name, soapVersion: version });
  });

  it('that is not taken stands in the ledger with the reason', async () => {
    const entries = await refusals(
      wsdl({
        rest: services(
          port('a', 't:Web') + port('b', 't:Jms') + port('c', 't:Gone') + port('d', 't:B') + port('e', 't:B12'),
        ),
      }),
    );
    expect(entries.map(({ name, note }) => [name, note])).toEqual([
      ['S1/a', expect.stringMatching(/HTTP GET\/POST/)],
      ['S1/b', expect.stringMatching(/JMS/)],
      ['S1/c', expect.stringMatching(/not declared/)],
      ['S1/e', expect.stringMatching(/one port, here d/)],
    ]);
  });

  it('may be missing: a binding alone takes its address from the connection', async () => {
    const { plan, contract } = await described(wsdl({ rest: '' }));
    expect(plan).toMatchObject({ service: '', port: '', endpoint: '' });
    expect(contract.operations).toHaveLength(1);
  });

  it('may be of no use: the WSDL loads and the ledger says why', async () => {
    const { contract, ledger } = await described(wsdl({ rest: services(port('b', 't:Jms')) }));
    expect(contract.operations).toEqual([]);
    expect(ledger[0]).toMatchObject({ status: 'refused', name: 'S1/b' });
  });

  it('named but not there is refused with those that are', async () => {
    await expect(described(wsdl(), { port: 'Q' })).rejects.toMatchObject({
      code: 'SOURCE_REFUSED',
      message: expect.stringMatching(/no wsdl:port "Q"; there is P/),
    });
    await expect(described(wsdl(), { service: 'Q' })).rejects.toMatchObject({ code: 'SOURCE_REFUSED' });
    await expect(described(wsdl({ rest: services(port('b', 't:Jms')) }), { port: 'b' })).rejects.toThrow(/JMS/);
  });
});

describe('sources', () => {
  const split = {
    'w/main.wsdl': wsdl({
      imports: '<import namespace="urn:t" location="../parts/abstract.wsdl"/>',
      messages: '',
      operations: '',
    })
      .replace(/<portType.*<\/portType>/s, '')
      .replace(/<types>.*<\/types>/s, ''),
    'parts/abstract.wsdl': wsdl({
      imports: '<import namespace="urn:t" location="../w/main.wsdl"/>',
      schema: '<xs:include schemaLocation="xsd\\types.xsd"/>',
      rest: '',
    }).replace(/<binding.*<\/binding>/s, ''),
    'parts/xsd/types.xsd': `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">${SCHEMA}</xs:schema>`,
  };

  it('of several files are read relative to each other, circles once', async () => {
    const reading = host(split);
    const { contract } = await describeWsdl({ wsdl: 'w/main.wsdl' }, reading, NO_OPTIONS);
    expect(contract.operations.map(({ name }) => name)).toEqual(['get']);
    expect(reading.asked.sort()).toEqual(['parts/abstract.wsdl', 'parts/xsd/types.xsd', 'w/main.wsdl']);
  });

  it.each([
    'http://evil.example/x.xsd',
    'file:///etc/passwd',
    '/etc/passwd',
    '../../etc/passwd',
    '..\\..\\etc\\passwd',
    '%2e%2e/%2e%2e/etc/passwd',
  ])('never leave their folder for %s', async (location) => {
    const reading = host({
      'w/a.wsdl': wsdl({ schema: `<xs:import namespace="urn:x" schemaLocation="${location}"/>${SCHEMA}` }),
    });
    const { ledger, contract } = await describeWsdl({ wsdl: 'w/a.wsdl' }, reading, NO_OPTIONS);
    expect(reading.asked).toEqual(['w/a.wsdl']);
    expect(contract.operations).toHaveLength(1);
    expect(ledger[0]).toMatchObject({ construct: 'xsd:import', status: 'refused', name: location });
  });

  it.each([
    ['a missing file', {}, { file: 'a.wsdl', construct: 'file' }],
    ['no XML', { 'a.wsdl': 'hello' }, { file: 'a.wsdl', line: 1, construct: 'document' }],
    ['a DOCTYPE', { 'a.wsdl': '\n<!DOCTYPE x SYSTEM "http://evil.example/"><x/>' }, { construct: 'DOCTYPE', line: 2 }],
    ['another document', { 'a.wsdl': '<html/>' }, { construct: 'html' }],
    ['WSDL 2.0', { 'a.wsdl': '<description xmlns="http://www.w3.org/ns/wsdl"/>' }, { construct: 'description' }],
    ['a cut file', { 'a.wsdl': wsdl().slice(0, 900) }, { construct: 'document' }],
  ])('are refused with a place: %s', async (_, files, place) => {
    await expect(
      describeWsdl({ wsdl: 'a.wsdl' }, host(files as Record<string, string>), NO_OPTIONS),
    ).rejects.toMatchObject({ code: 'SOURCE_REFUSED', options: { more: place } });
  });
});

describe('a WSDL by URL', () => {
  const password: Secret = { reveal: () => 'pw', toString: () => '***', toJSON: () => '***' };
  const web = (pages: Record<string, string | Partial<OutboundResponse>>) => {
    const requests: OutboundRequest[] = [];
    const fetch = (request: OutboundRequest): Promise<OutboundResponse> => {
      requests.push(request);
      const page = pages[request.url];
      const answer = typeof page === 'string' ? { body: Buffer.from(page) } : page;
      return Promise.resolve({ status: page === undefined ? 404 : 200, headers: {}, body: Buffer.alloc(0), ...answer });
    };
    return { requests, host: host({}, fetch) };
  };
  const importing = wsdl({ schema: `<xs:include schemaLocation="../types.xsd"/>`, imports: '' });
  const types = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t" elementFormDefault="qualified">${SCHEMA}</xs:schema>`;

  it('is fetched with its imports and with credentials for its own origin', async () => {
    const { requests, host: reading } = web({
      'https://l.example/a/s?wsdl': importing,
      'https://l.example/types.xsd': types,
    });
    const { contract } = await describeWsdl(
      { wsdl: 'https://l.example/a/s?wsdl', auth: { basic: { username: 'u', password } } },
      reading,
      NO_OPTIONS,
    );
    expect(contract.operations).toHaveLength(1);
    expect(requests.map(({ url, headers }) => [url, headers['authorization']])).toEqual([
      ['https://l.example/a/s?wsdl', `Basic ${Buffer.from('u:pw').toString('base64')}`],
      ['https://l.example/types.xsd', `Basic ${Buffer.from('u:pw').toString('base64')}`],
    ]);
  });

  it('follows a redirect within its origin and no other', async () => {
    const inside = web({
      'https://l.example/s?wsdl': { status: 302, headers: { location: '/real.wsdl' } },
      'https://l.example/real.wsdl': wsdl(),
    });
    expect(
      (await describeWsdl({ wsdl: 'https://l.example/s?wsdl' }, inside.host, NO_OPTIONS)).contract.operations,
    ).toHaveLength(1);
    const outside = web({
      'https://l.example/s?wsdl': { status: 302, headers: { location: 'http://169.254.169.254/' } },
    });
    await expect(describeWsdl({ wsdl: 'https://l.example/s?wsdl' }, outside.host, NO_OPTIONS)).rejects.toThrow(
      /another host/,
    );
    expect(outside.requests).toHaveLength(1);
    const circle = web({ 'https://l.example/s?wsdl': { status: 302, headers: { location: '/s?wsdl' } } });
    await expect(describeWsdl({ wsdl: 'https://l.example/s?wsdl' }, circle.host, NO_OPTIONS)).rejects.toThrow(
      /redirected more than/,
    );
  });

  it('never asks a host that the connection does not declare', async () => {
    const elsewhere = wsdl({
      schema: `<xs:import namespace="urn:x" schemaLocation="http://127.0.0.1:1/x.xsd"/>${SCHEMA}`,
    });
    const { requests, host: reading } = web({ 'https://l.example/s?wsdl': elsewhere });
    const { ledger } = await describeWsdl({ wsdl: 'https://l.example/s?wsdl' }, reading, NO_OPTIONS);
    expect(requests).toHaveLength(1);
    expect(ledger[0]).toMatchObject({ construct: 'xsd:import', status: 'refused' });
  });

  it('that is not there is refused with the status', async () => {
    await expect(describeWsdl({ wsdl: 'https://l.example/none' }, web({}).host, NO_OPTIONS)).rejects.toThrow(
      /HTTP status 404/,
    );
  });
});

describe('the settings of the resource file', () => {
  const settings: DescribeOptions = {
    operations: { Get: { name: 'readPolicy', effect: 'read', faults: { NotFound: { status: 404 } } } },
  };

  it('rename, tell the effect, and give faults their status, on copies', async () => {
    const reading = host({ 'a.wsdl': wsdl() });
    const plain = await describeWsdl({ wsdl: 'a.wsdl' }, reading, NO_OPTIONS);
    const set = await describeWsdl({ wsdl: 'a.wsdl' }, reading, settings);
    expect(set.contract.operations[0]).toMatchObject({ name: 'readPolicy', effect: 'read', faults: [{ status: 404 }] });
    expect(set.plan.operations[0]!.name).toBe('readPolicy');
    expect(plain.contract.operations[0]).toMatchObject({ name: 'get', effect: 'write', faults: [{ status: 422 }] });
    expect(set.plan.shapes).toBe(plain.plan.shapes);
  });

  it.each([
    ['an unknown operation', { Gone: {} }, /no such operation/],
    ['an unknown fault', { Get: { faults: { Gone: { status: 404 } } } }, /declares no fault Gone/],
    ['an illegal name', { Get: { name: 'a-b' } }, /letters, digits/],
  ])('are refused for %s', async (_, operations, message) => {
    await expect(described(wsdl(), {}, { operations })).rejects.toMatchObject({
      code: 'INVALID_RESOURCE',
      message: expect.stringMatching(message),
    });
  });

  it('are refused when two operations get one name', async () => {
    const source = wsdl({
      operations:
        '<operation name="Get"><input message="t:in"/></operation><operation name="Put"><input message="t:in"/></operation>',
      bound: '<operation name="Get"/><operation name="Put"/>',
    });
    await expect(described(source, {}, { operations: { Put: { name: 'get' } } })).rejects.toThrow(
      /given to two operations/,
    );
  });
});

describe('a large WSDL', () => {
  it('of 4 MB and 1,000 operations compiles in seconds, and at once from the cache', async () => {
    const fields = (of: number): string =>
      Array.from(
        { length: 24 },
        (_, i) =>
          `<xs:element name="Field${i}Of${of}" type="${i % 2 === 0 ? 'xs:string' : 'xs:decimal'}" minOccurs="0"><xs:annotation><xs:documentation>A field kept since 1987.</xs:documentation></xs:annotation></xs:element>`,
      ).join('');
    const each = (make: (of: number) => string): string => Array.from({ length: 1000 }, (_, of) => make(of)).join('');
    const source = wsdl({
      schema: each(
        (of) =>
          `<xs:complexType name="T${of}"><xs:sequence>${fields(of)}<xs:element name="next" type="t:T${(of + 1) % 1000}" minOccurs="0"/></xs:sequence></xs:complexType><xs:element name="Get${of}"><xs:complexType><xs:sequence><xs:element name="in" type="t:T${of}"/></xs:sequence></xs:complexType></xs:element>`,
      ),
      messages: each((of) => `<message name="in${of}"><part name="p" element="t:Get${of}"/></message>`),
      operations: each(
        (of) => `<operation name="Get${of}"><input message="t:in${of}"/><output message="t:in${of}"/></operation>`,
      ),
      bound: each((of) => `<operation name="Get${of}"/>`),
    });
    expect(source.length).toBeGreaterThan(4_000_000);
    const reading = host({ 'a.wsdl': source });
    const timed = async (): Promise<number> => {
      const start = process.cpuUsage();
      const { contract } = await describeWsdl({ wsdl: 'a.wsdl' }, reading, NO_OPTIONS);
      expect(contract.operations).toHaveLength(1000);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000;
    };
    // 2 s and 100 ms are the promise; CPU time on a shared machine is allowed twice that.
    expect(await timed()).toBeLessThan(4000);
    expect(await timed()).toBeLessThan(200);
  }, 30_000);
});

describe('the cache', () => {
  it('compiles one source once, and again when any file of it changed', async () => {
    const files = {
      'a.wsdl': wsdl({ schema: '<xs:include schemaLocation="t.xsd"/>' }),
      't.xsd': `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">${SCHEMA}</xs:schema>`,
    };
    const first = await describeWsdl({ wsdl: 'a.wsdl' }, host(files), NO_OPTIONS);
    expect(await describeWsdl({ wsdl: 'a.wsdl', endpoint: 'http://other/' }, host(files), NO_OPTIONS)).toBe(first);
    const changed = await describeWsdl(
      { wsdl: 'a.wsdl' },
      host({ ...files, 't.xsd': files['t.xsd'].replace('name="id"', 'name="key"') }),
      NO_OPTIONS,
    );
    expect(changed.contract.operations[0]!.input.properties).toHaveProperty('key');
    expect(changed.sourceHash).not.toBe(first.sourceHash);
  });

  it('keeps nothing of a source that could not be read whole', async () => {
    const files = { 'a.wsdl': wsdl({ schema: '<xs:include schemaLocation="late.xsd"/>' }) };
    expect((await describeWsdl({ wsdl: 'a.wsdl' }, host(files), NO_OPTIONS)).contract.operations).toEqual([]);
    const whole = {
      ...files,
      'late.xsd': `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">${SCHEMA}</xs:schema>`,
    };
    expect((await describeWsdl({ wsdl: 'a.wsdl' }, host(whole), NO_OPTIONS)).contract.operations).toHaveLength(1);
  });
});
