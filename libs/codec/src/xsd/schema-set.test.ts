import { describe, expect, it } from 'vitest';
import { parseXmlTree, sourceRefused, type XmlElement } from '../xml/tree.ts';
import { reachableShapes } from './closure.ts';
import { SchemaCompiler } from './compiler.ts';
import { LedgerBook } from './ledger-book.ts';
import type { ComplexShape, ElementParticle, GroupParticle, Shape } from './plan.ts';
import { loadSchemas } from './schema-set.ts';

const XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"';

/** Reads by plain file name and counts what was asked for. */
const reader = (files: Record<string, string>) => {
  const trees = new Map<string, XmlElement>();
  const asked: string[] = [];
  const read = (location: string): Promise<XmlElement> => {
    asked.push(location);
    const text = files[location];
    if (text === undefined)
      return Promise.reject(sourceRefused({ file: location, line: 1 }, 'file', 'it does not exist.'));
    const tree = trees.get(location) ?? parseXmlTree(text, location);
    trees.set(location, tree);
    return Promise.resolve(tree);
  };
  return { read, asked };
};

const compile = async (files: Record<string, string>, element: string, entries = ['main.xsd']) => {
  const { read, asked } = reader(files);
  const ledger = new LedgerBook();
  const roots = await Promise.all(entries.map((entry) => read(entry)));
  const compiler = new SchemaCompiler(await loadSchemas(roots, read, ledger), ledger);
  const { type } = compiler.element(element, roots[0]!);
  const compiled = compiler.finish();
  const { shapes } = reachableShapes(compiled, [type]);
  return {
    shapes,
    asked,
    ledger: ledger.entries(),
    refused: [...compiled.refusals.values()].map(({ message }) => message),
  };
};

const membersOf = (shape: Shape | undefined): ElementParticle[] => {
  const content = (shape as ComplexShape).content;
  return (content?.kind === 'element' ? [content] : (content as GroupParticle).particles) as ElementParticle[];
};

const names = (shape: Shape | undefined): string[] => membersOf(shape).map(({ ns, local }) => `{${ns}}${local}`);

describe('a set of schema documents', () => {
  it('reads includes in a circle once each', async () => {
    const { shapes } = await compile(
      {
        'main.xsd': `<xs:schema ${XS} targetNamespace="urn:a" xmlns="urn:a"><xs:include schemaLocation="other.xsd"/><xs:element name="Root" type="Other"/></xs:schema>`,
        'other.xsd': `<xs:schema ${XS} targetNamespace="urn:a" xmlns="urn:a"><xs:include schemaLocation="main.xsd"/><xs:complexType name="Other"><xs:sequence><xs:element ref="Root" minOccurs="0"/></xs:sequence></xs:complexType></xs:schema>`,
      },
      'Root',
    );
    expect(names(shapes[0])).toEqual(['{urn:a}Root']);
  });

  it('lets a chameleon take the namespace of each that includes it', async () => {
    const chameleon = `<xs:schema ${XS} elementFormDefault="qualified"><xs:complexType name="C"><xs:sequence><xs:element name="x" type="S"/></xs:sequence></xs:complexType><xs:simpleType name="S"><xs:restriction base="xs:int"/></xs:simpleType></xs:schema>`;
    const files = {
      'c.xsd': chameleon,
      'main.xsd': `<xs:schema ${XS} targetNamespace="urn:a" xmlns:a="urn:a" xmlns:b="urn:b" elementFormDefault="qualified"><xs:include schemaLocation="c.xsd"/><xs:import namespace="urn:b" schemaLocation="b.xsd"/><xs:element name="Root"><xs:complexType><xs:sequence><xs:element name="own" type="a:C"/><xs:element name="other" type="b:C"/></xs:sequence></xs:complexType></xs:element></xs:schema>`,
      'b.xsd': `<xs:schema ${XS} targetNamespace="urn:b"><xs:include schemaLocation="c.xsd"/></xs:schema>`,
    };
    const { shapes, refused } = await compile(files, 'a:Root');
    const [own, other] = membersOf(shapes[0]).map(({ type }) => shapes[type]);
    expect(refused).toEqual([]);
    expect([names(own), names(other)]).toEqual([['{urn:a}x'], ['{urn:b}x']]);
  });

  it('binds the same prefix in each file on its own', async () => {
    const files = {
      'main.xsd': `<xs:schema ${XS} targetNamespace="urn:a" xmlns:p="urn:b" xmlns:a="urn:a"><xs:import namespace="urn:b" schemaLocation="b.xsd"/><xs:element name="Root" type="p:T"/></xs:schema>`,
      'b.xsd': `<xs:schema ${XS} targetNamespace="urn:b" xmlns:p="urn:c"><xs:import namespace="urn:c" schemaLocation="c.xsd"/><xs:complexType name="T"><xs:sequence><xs:element ref="p:deep"/></xs:sequence></xs:complexType></xs:schema>`,
      'c.xsd': `<xs:schema ${XS} targetNamespace="urn:c"><xs:element name="deep" type="xs:int"/></xs:schema>`,
    };
    const { shapes } = await compile(files, 'a:Root');
    expect(names(shapes[0])).toEqual(['{urn:c}deep']);
  });

  it('redefines a type on top of itself', async () => {
    const files = {
      'main.xsd': `<xs:schema ${XS} targetNamespace="urn:a" xmlns="urn:a"><xs:redefine schemaLocation="base.xsd"><xs:complexType name="T"><xs:complexContent><xs:extension base="T"><xs:sequence><xs:element name="added" type="S"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType><xs:simpleType name="S"><xs:restriction base="S"><xs:maxLength value="3"/></xs:restriction></xs:simpleType><xs:group name="G"><xs:sequence><xs:group ref="G"/><xs:element name="more" type="xs:int"/></xs:sequence></xs:group></xs:redefine><xs:element name="Root" type="T"/></xs:schema>`,
      'base.xsd': `<xs:schema ${XS} targetNamespace="urn:a" xmlns="urn:a"><xs:simpleType name="S"><xs:restriction base="xs:string"><xs:minLength value="1"/></xs:restriction></xs:simpleType><xs:group name="G"><xs:sequence><xs:element name="one" type="xs:int"/></xs:sequence></xs:group><xs:complexType name="T"><xs:group ref="G"/></xs:complexType></xs:schema>`,
    };
    const { shapes, refused } = await compile(files, 'Root');
    expect(refused).toEqual([]);
    expect(names(shapes[0])).toEqual(['{}one', '{}more', '{}added']);
    expect(shapes[membersOf(shapes[0])[2]!.type]).toMatchObject({ facets: { minLength: 1, maxLength: 3 } });
  });

  it('finds an import without a location among the other schemas', async () => {
    const files = {
      'main.xsd': `<xs:schema ${XS} targetNamespace="urn:a" xmlns:a="urn:a" xmlns:b="urn:b"><xs:import namespace="urn:b"/><xs:element name="Root" type="b:T"/></xs:schema>`,
      'b.xsd': `<xs:schema ${XS} targetNamespace="urn:b"><xs:complexType name="T"><xs:sequence><xs:element name="x" type="xs:int"/></xs:sequence></xs:complexType></xs:schema>`,
    };
    const { shapes } = await compile(files, 'a:Root', ['main.xsd', 'b.xsd']);
    expect(names(shapes[0])).toEqual(['{}x']);
  });

  it('never asks for a schema that is bundled', async () => {
    const files = {
      'main.xsd': `<xs:schema ${XS} targetNamespace="urn:a" xmlns:a="urn:a"><xs:import namespace="http://www.w3.org/XML/1998/namespace" schemaLocation="http://www.w3.org/2001/xml.xsd"/><xs:element name="Root"><xs:complexType><xs:attribute ref="xml:lang"/></xs:complexType></xs:element></xs:schema>`,
    };
    const { asked, refused } = await compile(files, 'a:Root');
    expect(asked).toEqual(['main.xsd']);
    expect(refused).toEqual([]);
  });

  it('notes a schema that cannot be read, and refuses only what needs it', async () => {
    const files = {
      'main.xsd': `<xs:schema ${XS} targetNamespace="urn:a" xmlns:a="urn:a" xmlns:b="urn:b">\n<xs:import namespace="urn:b" schemaLocation="gone.xsd"/><xs:element name="Root" type="xs:int"/><xs:element name="Other" type="b:T"/></xs:schema>`,
    };
    const { ledger, refused } = await compile(files, 'a:Root');
    expect(refused).toEqual([]);
    expect(ledger[0]).toMatchObject({
      construct: 'xsd:import',
      name: 'gone.xsd',
      status: 'refused',
      where: { file: 'main.xsd', line: 2 },
    });
    await expect(compile(files, 'a:Other')).rejects.toThrow(
      /no type T in urn:b: no schema of that namespace could be read/,
    );
  });

  it('uses the own namespace of a schema that is imported under another', async () => {
    const files = {
      'main.xsd': `<xs:schema ${XS} targetNamespace="urn:a" xmlns:a="urn:a" xmlns:b="urn:b"><xs:import namespace="urn:wrong" schemaLocation="b.xsd"/><xs:element name="Root" type="b:T"/></xs:schema>`,
      'b.xsd': `<xs:schema ${XS} targetNamespace="urn:b"><xs:complexType name="T"/></xs:schema>`,
    };
    const { ledger } = await compile(files, 'a:Root');
    expect(
      ledger.find(({ construct, status }) => construct === 'xsd:import' && status === 'approximated')!.note,
    ).toMatch(/"urn:b", not "urn:wrong"/);
  });

  it('takes an unprefixed name for one of the own namespace when nothing else declares it', async () => {
    const files = {
      'main.xsd': `<xs:schema ${XS} targetNamespace="urn:a" xmlns:a="urn:a"><xs:element name="Root" type="T"/><xs:complexType name="T"/></xs:schema>`,
    };
    const { ledger } = await compile(files, 'a:Root');
    expect(ledger[0]).toMatchObject({ construct: 'xsd:element', name: 'T', status: 'approximated' });
  });
});
