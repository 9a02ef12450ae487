import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { runCli } from './program.ts';

/** One operation with a declared fault; its answer has a float. */
export const WSDL = `<?xml version="1.0"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:t="urn:t" xmlns:xsd="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t" name="Rates">
  <types><xsd:schema targetNamespace="urn:t" elementFormDefault="qualified">
    <xsd:element name="GetRate"><xsd:complexType><xsd:sequence>
      <xsd:element name="rate" type="xsd:double"/></xsd:sequence></xsd:complexType></xsd:element>
    <xsd:element name="GetRateResponse"><xsd:complexType><xsd:sequence>
      <xsd:element name="rate" type="xsd:double"/><xsd:element name="note" type="xsd:string" minOccurs="0"/>
    </xsd:sequence></xsd:complexType></xsd:element>
    <xsd:element name="RateUnknown"><xsd:complexType><xsd:sequence>
      <xsd:element name="reason" type="xsd:string"/></xsd:sequence></xsd:complexType></xsd:element>
  </xsd:schema></types>
  <message name="in"><part name="p" element="t:GetRate"/></message>
  <message name="out"><part name="p" element="t:GetRateResponse"/></message>
  <message name="bad"><part name="p" element="t:RateUnknown"/></message>
  <portType name="PT"><operation name="GetRate"><input message="t:in"/><output message="t:out"/>
    <fault name="RateUnknown" message="t:bad"/></operation></portType>
  <binding name="B" type="t:PT"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="GetRate"><soap:operation soapAction=""/><input><soap:body use="literal"/></input>
      <output><soap:body use="literal"/></output><fault name="RateUnknown"><soap:fault name="RateUnknown" use="literal"/></fault>
    </operation></binding>
  <service name="S"><port name="P" binding="t:B"><soap:address location="http://127.0.0.1:9/"/></port></service>
</definitions>`;

export const envelope = (body: string): string =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`;

export const answer = (rate: string, note = ''): string =>
  envelope(`<GetRateResponse xmlns="urn:t"><rate>${rate}</rate>${note}</GetRateResponse>`);

export const fault = envelope(
  '<s:Fault><faultcode>s:Client</faultcode><faultstring>no such rate</faultstring>' +
    '<detail><RateUnknown xmlns="urn:t"><reason>gone</reason></RateUnknown></detail></s:Fault>',
);

/** Removed when the test ends. */
export const folderWith = async (files: Record<string, string>): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'bailey-cli-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
};

/** A folder whose `wsdl/rates.wsdl` imports `../xsd/r.xsd`. */
export const splitSource = async (): Promise<string> => {
  const schema = /<xsd:schema [^]*<\/xsd:schema>/.exec(WSDL)![0];
  const imported = '<xsd:schema><xsd:import namespace="urn:t" schemaLocation="../xsd/r.xsd"/></xsd:schema>';
  const folder = await folderWith({});
  await Promise.all(['wsdl', 'xsd'].map((name) => mkdir(join(folder, name))));
  await writeFile(join(folder, 'wsdl', 'rates.wsdl'), WSDL.replace(schema, imported));
  const declared = schema.replace('<xsd:schema ', '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" ');
  await writeFile(join(folder, 'xsd', 'r.xsd'), declared);
  return folder;
};

export interface Ran {
  exit: number;
  out: string;
  err: string;
  /** Lines of `out`, parsed. */
  // oxlint-disable-next-line typescript/no-explicit-any -- output of many shapes, which expectations check
  lines: () => any[];
}

/** Runs one command line in `cwd`. */
export const run = async (
  argv: string[],
  given: { cwd?: string; stdin?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> => {
  const { cwd = tmpdir(), stdin = '', env = {} } = given;
  let [out, err] = ['', ''];
  const exit = await runCli(argv, {
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: async (chunk) => void (out += Buffer.from(chunk as string).toString()),
    stderr: async (chunk) => void (err += Buffer.from(chunk as string).toString()),
    env,
    cwd,
  });
  return {
    exit,
    out,
    err,
    lines: () =>
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
  };
};

export interface Seen {
  method: string | undefined;
  url: string | undefined;
  authorization: string | undefined;
  // oxlint-disable-next-line typescript/no-explicit-any -- as with `lines`
  body: any;
}

type Respond = (seen: Seen) => { status?: number; type?: string; body: unknown };

const read = async (request: IncomingMessage): Promise<Seen> => {
  const text = Buffer.concat(await request.toArray()).toString();
  const { method, url, headers } = request;
  return { method, url, authorization: headers.authorization, body: text === '' ? undefined : JSON.parse(text) };
};

/** A plane that answers as told and remembers what it was asked; closed when the test ends. */
export const planeThat = async (respond: Respond): Promise<{ url: string; seen: Seen[] }> => {
  const seen: Seen[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const each = await read(request);
    seen.push(each);
    const { status = 200, type = 'application/json', body } = respond(each);
    response.writeHead(status, { 'content-type': type }).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
};
