import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listen } from 'soap';

/** The WSDL as its owner publishes it; `ADDRESS` is where it listens. */
const WSDL = `<?xml version="1.0" encoding="UTF-8"?>
<definitions name="Rates" targetNamespace="urn:rates" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="urn:rates"
  xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <types>
    <xsd:schema targetNamespace="urn:rates" elementFormDefault="qualified">
      <xsd:element name="GetRate"><xsd:complexType><xsd:sequence>
        <xsd:element name="Currency" type="xsd:string"/>
      </xsd:sequence></xsd:complexType></xsd:element>
      <xsd:element name="GetRateResponse"><xsd:complexType><xsd:sequence>
        <xsd:element name="Currency" type="xsd:string"/>
        <xsd:element name="Rate" type="xsd:decimal"/>
      </xsd:sequence></xsd:complexType></xsd:element>
    </xsd:schema>
  </types>
  <message name="GetRate"><part name="parameters" element="tns:GetRate"/></message>
  <message name="GetRateResponse"><part name="parameters" element="tns:GetRateResponse"/></message>
  <portType name="Rates">
    <operation name="GetRate"><input message="tns:GetRate"/><output message="tns:GetRateResponse"/></operation>
  </portType>
  <binding name="RatesSoap" type="tns:Rates">
    <soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="GetRate">
      <soap:operation soapAction="urn:rates/GetRate"/>
      <input><soap:body use="literal"/></input>
      <output><soap:body use="literal"/></output>
    </operation>
  </binding>
  <service name="RateService">
    <port name="RatePort" binding="tns:RatesSoap"><soap:address location="ADDRESS"/></port>
  </service>
</definitions>`;

export interface RateService {
  /** Serves the WSDL that a bridge is registered from. */
  wsdlUrl: string;
  close(): Promise<void>;
}

const getRate = ({ Currency }: { Currency: string }) => ({ Currency, Rate: '1.0850' });

/** A service that Bailey has never heard of, by node-soap's server. */
export const startRateService = async (): Promise<RateService> => {
  const server = createServer((_request, response) => void response.writeHead(404).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rates`;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  listen(server, {
    path: '/rates',
    services: { RateService: { RatePort: { GetRate: getRate } } },
    xml: WSDL.replace('ADDRESS', url),
    callback: (error: unknown) => (error ? reject(error as Error) : resolve()),
  });
  await promise;
  return {
    wsdlUrl: `${url}?wsdl`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};
