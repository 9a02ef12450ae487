import { Failure } from '@bailey/contract';
import { describe, expect, it } from 'vitest';
import { parseXmlTree, resolveQName } from './tree.ts';

const refusal = (source: string | Uint8Array) => {
  try {
    parseXmlTree(source, 'a.xsd');
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    return { code: (error as Failure).code, message: (error as Failure).message, ...(error as Failure).options.more };
  }
  throw new Error('it was not refused');
};

describe('an XML tree', () => {
  it('resolves namespaces, keeps lines, and leaves comments out', () => {
    const root = parseXmlTree(
      '<a xmlns="urn:a" xmlns:p="urn:p">\n  <!-- c -->\n  <p:b p:x="1"\n y="2"/>\n</a>',
      'a.xsd',
    );
    const [child] = root.children;
    expect(root).toMatchObject({ ns: 'urn:a', local: 'a', line: 1, file: 'a.xsd' });
    expect(child).toMatchObject({ ns: 'urn:p', local: 'b', line: 3, parent: root });
    expect([...child!.attributes]).toEqual([
      ['{urn:p}x', '1'],
      ['y', '2'],
    ]);
  });

  it('resolves QNames where they stand', () => {
    const root = parseXmlTree('<a xmlns="urn:a" xmlns:p="urn:1"><b xmlns:p="urn:2" xmlns=""/></a>', 'a');
    expect(resolveQName(root, ' p:x ')).toEqual({ ns: 'urn:1', local: 'x' });
    expect(resolveQName(root.children[0]!, 'p:x')).toEqual({ ns: 'urn:2', local: 'x' });
    expect(resolveQName(root, 'x')).toEqual({ ns: 'urn:a', local: 'x' });
    expect(resolveQName(root.children[0]!, 'x')).toEqual({ ns: '', local: 'x' });
    expect(resolveQName(root, 'q:x')).toBeUndefined();
  });

  it.each([
    ['UTF-8', Buffer.from('<?xml version="1.0"?><a t="é"/>')],
    ['UTF-8 with a mark', Buffer.from('\uFEFF<a t="é"/>')],
    ['ISO-8859-1', Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a t="é"/>', 'latin1')],
    ['UTF-16LE with a mark', Buffer.from('\uFEFF<?xml version="1.0" encoding="UTF-16"?><a t="é"/>', 'utf16le')],
    [
      'UTF-16BE with a mark',
      Buffer.from('\uFEFF<?xml version="1.0" encoding="UTF-16"?><a t="é"/>', 'utf16le').swap16(),
    ],
  ])('reads %s', (_, bytes) => {
    expect(parseXmlTree(bytes, 'a').attributes.get('t')).toBe('é');
  });

  it('treats __proto__ as a name like any other', () => {
    const root = parseXmlTree('<a __proto__="1" constructor="2"><__proto__/></a>', 'a');
    expect([...root.attributes]).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
    expect(root.children[0]!.local).toBe('__proto__');
    expect(({} as Record<string, unknown>)['1']).toBeUndefined();
  });

  it.each([
    ['a DOCTYPE', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 'DOCTYPE'],
    ['an entity bomb', '<!DOCTYPE a [<!ENTITY x "xx"><!ENTITY y "&x;&x;">]><a>&y;</a>', 'DOCTYPE'],
    ['an undeclared entity', '<a>&x;</a>', 'document'],
    ['a missing end tag', '<a><b></a>', 'document'],
    ['truncation', '<a><b/>', 'document'],
    ['an unbound prefix', '<p:a/>', 'document'],
    ['no element', '  ', 'document'],
    ['depth', '<a>'.repeat(101) + '</a>'.repeat(101), 'a'],
    ['too many attributes', `<a ${Array.from({ length: 257 }, (_, i) => `a${i}="1"`).join(' ')}/>`, 'attribute'],
    ['bytes that are not UTF-8', new Uint8Array([0x3c, 0x61, 0xff, 0x2f, 0x3e]), 'encoding'],
    ['an unknown encoding', Buffer.from('<?xml version="1.0" encoding="x-klingon"?><a/>'), 'encoding'],
  ])('refuses %s', (_, source, construct) => {
    expect(refusal(source)).toMatchObject({ code: 'SOURCE_REFUSED', file: 'a.xsd', construct });
  });

  it('names the line of what is wrong', () => {
    expect(refusal('<a>\n<b>\n</c>\n</a>')).toMatchObject({ line: 3 });
  });

  it('takes time in proportion to the size', () => {
    const timed = (size: number): number => {
      const source = `<a>${'<b c="1">text</b>'.repeat(size)}</a>`;
      const start = process.cpuUsage().user;
      parseXmlTree(source, 'a');
      return process.cpuUsage().user - start;
    };
    timed(20_000);
    // Quadratic work would cost 64 times as much, linear work 8.
    expect(timed(160_000)).toBeLessThan(Math.max(timed(20_000), 1_000) * 40);
  });
});
