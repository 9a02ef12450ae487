import { Failure } from '@bailey/contract';
import { describe, expect, it } from 'vitest';
import { inlineReferences } from './decode-references.ts';

const inlined = (xml: string): string => Buffer.from(inlineReferences(Buffer.from(xml))).toString();
const code = (xml: string): string => {
  try {
    inlined(xml);
  } catch (error) {
    if (error instanceof Failure) return error.code;
  }
  return 'none';
};

describe('multi-reference values', () => {
  it('stand where they are referred to, under the name of the reference', () => {
    const xml =
      '<b><r><x href="#a"/><y a="1">t</y></r><m id="a" root="0" xmlns:p="u" p:t=\'v\'>1<z href="#c"></z></m><m id="c">&amp;</m></b>';
    expect(inlined(xml)).toContain(`<r><x xmlns:p="u" p:t='v'>1<z>&amp;</z></x><y a="1">t</y></r>`);
  });

  it('leave a document without them as it is', () => {
    const xml = '<?xml version="1.0"?><!-- <a href="#b"/> --><a><b href="http://x"/><![CDATA[<c href="#d"/>]]></a>\n';
    expect(inlined(xml)).toBe(xml);
  });

  it('refuse what is dangling, circular or explodes', () => {
    expect(code('<a><b href="#c"/></a>')).toBe('PROTOCOL_ERROR');
    expect(code('<a><b href="#c"/><c id="c"><d href="#c"/></c></a>')).toBe('PROTOCOL_ERROR');
    const bomb = Array.from(
      { length: 40 },
      (_, i) => `<m id="i${i}"><a href="#i${i + 1}"/><b href="#i${i + 1}"/></m>`,
    ).join('');
    expect(code(`<a><b href="#i0"/>${bomb}<m id="i40">lol</m></a>`)).toBe('PROTOCOL_ERROR');
    expect(code('<a><b>')).toBe('none');
  });
});
