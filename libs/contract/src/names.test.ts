import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { NameScope, camelName, pascalName, upperSnakeName } from './names.ts';

/** The specification of API names: native, property or operation, type, fault code. */
const NAMES: [native: string, camel: string, pascal: string, upperSnake: string][] = [
  // split at non-alphanumerics
  ['CUST-ID', 'custId', 'CustId', 'CUST_ID'],
  ['policy_status', 'policyStatus', 'PolicyStatus', 'POLICY_STATUS'],
  ['policy status', 'policyStatus', 'PolicyStatus', 'POLICY_STATUS'],
  ['a.b/c:d', 'aBCD', 'ABCD', 'A_B_C_D'],
  ['--WS--NAME--', 'wsName', 'WsName', 'WS_NAME'],
  // lower → Upper and UPPER → Upper + lower
  ['PolicyNumber', 'policyNumber', 'PolicyNumber', 'POLICY_NUMBER'],
  ['ID', 'id', 'Id', 'ID'],
  ['URLPath', 'urlPath', 'UrlPath', 'URL_PATH'],
  ['parseXMLDocument', 'parseXmlDocument', 'ParseXmlDocument', 'PARSE_XML_DOCUMENT'],
  ['getHTTP', 'getHttp', 'GetHttp', 'GET_HTTP'],
  ['policyNumber', 'policyNumber', 'PolicyNumber', 'POLICY_NUMBER'],
  ['CUSTOMER_NAME', 'customerName', 'CustomerName', 'CUSTOMER_NAME'],
  ['X', 'x', 'X', 'X'],
  // a digit sticks to the word before it
  ['Line1Text', 'line1Text', 'Line1Text', 'LINE1_TEXT'],
  ['address2', 'address2', 'Address2', 'ADDRESS2'],
  ['HTTP2Server', 'http2Server', 'Http2Server', 'HTTP2_SERVER'],
  ['line1text', 'line1text', 'Line1text', 'LINE1TEXT'],
  ['ADDR-1', 'addr1', 'Addr1', 'ADDR_1'],
  // diacritics are removed, other non-ASCII letters become `u` + hex
  ['Prämie', 'pramie', 'Pramie', 'PRAMIE'],
  ['Année', 'annee', 'Annee', 'ANNEE'],
  ['Größe', 'groudfe', 'Groudfe', 'GROUDFE'],
  ['客户', 'u5ba2u6237', 'U5ba2u6237', 'U5BA2U6237'],
  // a leading digit gets `_`
  ['2ndName', '_2ndName', '_2ndName', '_2ND_NAME'],
  ['01-LEVEL', '_01Level', '_01Level', '_01_LEVEL'],
  // nothing left, or nothing but danger
  ['', '_', '_', '_'],
  ['***', '_', '_', '_'],
  ['__proto__', 'proto', 'Proto', 'PROTO'],
  ['$type', 'type', 'Type', 'TYPE'],
];

describe('names', () => {
  test.each(NAMES)('%s → %s, %s, %s', (native, camel, pascal, upperSnake) => {
    expect([camelName(native), pascalName(native), upperSnakeName(native)]).toEqual([camel, pascal, upperSnake]);
  });

  // https://spec.graphql.org/October2021/#Name; two underscores are introspection's own.
  const LEGAL = /^(?!__)[A-Za-z_][A-Za-z0-9_]*$/;
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'aZ09_-. ÄßЖ客\u0301\ud800') }),
  );

  it('are legal in GraphQL whatever comes in', () => {
    fc.assert(
      fc.property(anyText, (native) => {
        for (const name of [camelName(native), pascalName(native), upperSnakeName(native)]) expect(name).toMatch(LEGAL);
      }),
    );
  });

  it('do not change when named again', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]+([A-Z][a-z]+)*$/), (name) => {
        expect(camelName(name)).toBe(name);
      }),
    );
  });
});

describe('NameScope', () => {
  it('numbers collisions in the order asked', () => {
    const scope = new NameScope();
    expect(['id', 'id', 'id', 'name', 'id2'].map((name) => scope.claim(name))).toEqual([
      'id',
      'id2',
      'id3',
      'name',
      'id22',
    ]);
  });

  it('keeps reserved names free', () => {
    expect(new NameScope(['outcomes']).claim('outcomes')).toBe('outcomes2');
  });

  it('never gives a name twice', () => {
    const wanted = fc.array(fc.constantFrom('a', 'a2', 'a22', 'a3', 'constructor', '__proto__', 'b'), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(wanted, (names) => {
        const scope = new NameScope(['a2']);
        const claimed = names.map((name) => scope.claim(name));
        expect(new Set([...claimed, 'a2']).size).toBe(claimed.length + 1);
      }),
    );
  });
});
