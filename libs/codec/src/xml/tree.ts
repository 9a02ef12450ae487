import { Failure } from '@bailey/contract';
import { SaxesParser, type SaxesAttributeNS, type SaxesTagNS } from 'saxes';
import { openTranscoder } from './encoding.ts';

/** Prefixes declared on one element, chained to those of its parents. */
export interface NamespaceScope {
  readonly own: Readonly<Record<string, string>>;
  readonly parent: NamespaceScope | undefined;
}

/** One element of a schema or WSDL: namespaces resolved, text of its own kept, comments gone. */
export interface XmlElement {
  readonly ns: string;
  readonly local: string;
  /** The name as written, with its prefix: what messages quote. */
  readonly name: string;
  /** Keys are `local`, or `{namespace}local` for a qualified attribute. Namespace declarations are not here. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  readonly parent: XmlElement | undefined;
  readonly scope: NamespaceScope;
  readonly file: string;
  /** 1-based line of the start tag. */
  readonly line: number;
  text: string;
}

/** What a document may cost. Legitimate WSDLs stay far below; beyond is an attack or a mistake. */
export const TREE_LIMITS = { bytes: 64 * 1024 * 1024, depth: 100, attributes: 256, nameLength: 1024 } as const;

const XMLNS = 'http://www.w3.org/2000/xmlns/';
const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();

/** A located refusal of a source: what problem documents and `describe` print. */
export const sourceRefused = (place: { file: string; line: number }, construct: string, message: string): Failure =>
  Failure.of('SOURCE_REFUSED', `Reading ${place.file}, line ${place.line}, ${construct}: ${message}`, {
    more: { file: place.file, line: place.line, construct },
  });

const keyOf = (attribute: SaxesAttributeNS): string =>
  attribute.uri === '' ? attribute.local : `{${attribute.uri}}${attribute.local}`;

const attributesOf = (tag: SaxesTagNS): ReadonlyMap<string, string> => {
  let attributes: Map<string, string> | undefined;
  for (const name in tag.attributes) {
    const attribute = tag.attributes[name]!;
    if (attribute.uri !== XMLNS) (attributes ??= new Map()).set(keyOf(attribute), attribute.value);
  }
  return attributes ?? NO_ATTRIBUTES;
};

const scopeOf = (tag: SaxesTagNS, parent: NamespaceScope | undefined): NamespaceScope =>
  parent !== undefined && Object.keys(tag.ns).length === 0 ? parent : { own: tag.ns, parent };

const decoded = (bytes: Uint8Array): string => {
  const transcoder = openTranscoder();
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat([transcoder.write(bytes), transcoder.end()]));
};

const textOf = (source: Uint8Array | string, file: string): string => {
  if (source.length > TREE_LIMITS.bytes) throw sourceRefused({ file, line: 1 }, 'document', 'it is larger than 64 MB.');
  if (typeof source === 'string') return source;
  try {
    return decoded(source);
  } catch {
    throw sourceRefused({ file, line: 1 }, 'encoding', 'the encoding is not known, or the bytes are not in it.');
  }
};

/**
 * A document as a tree, in time linear in its size.
 * @throws Failure `SOURCE_REFUSED` with file, line and construct: not well-formed, a DOCTYPE, or beyond {@link TREE_LIMITS}.
 */
export const parseXmlTree = (source: Uint8Array | string, file: string): XmlElement => {
  const text = textOf(source, file);
  const parser = new SaxesParser({ xmlns: true, position: true });
  let root: XmlElement | undefined;
  let open: XmlElement | undefined;
  let depth = 0;
  let attributeCount = 0;
  let startLine = 1;
  const refuse = (construct: string, message: string): never => {
    throw sourceRefused({ file, line: parser.line }, construct, message);
  };

  parser.on('error', (error) =>
    refuse('document', `it is not well-formed XML (${error.message.replace(/^[\d:]+\s*/, '')})`),
  );
  parser.on('doctype', () => refuse('DOCTYPE', 'a document type declaration is never read. Remove it.'));
  parser.on('opentagstart', (tag) => {
    startLine = parser.line;
    attributeCount = 0;
    if (++depth > TREE_LIMITS.depth)
      refuse(tag.name.slice(0, 80), `elements are nested more than ${TREE_LIMITS.depth} deep.`);
    if (tag.name.length > TREE_LIMITS.nameLength) refuse('element', 'its name is longer than 1 kB.');
  });
  parser.on('attribute', () => {
    if (++attributeCount > TREE_LIMITS.attributes)
      refuse('attribute', `an element has more than ${TREE_LIMITS.attributes} attributes.`);
  });
  parser.on('opentag', (tag) => {
    const element: XmlElement = {
      ns: tag.uri,
      local: tag.local,
      name: tag.name,
      attributes: attributesOf(tag),
      children: [],
      parent: open,
      scope: scopeOf(tag, open?.scope),
      file,
      line: startLine,
      text: '',
    };
    if (open === undefined) root = element;
    else open.children.push(element);
    open = element;
  });
  parser.on('closetag', () => {
    depth--;
    open = open?.parent;
  });
  const addText = (piece: string): void => {
    if (open !== undefined) open.text += piece;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.write(text).close();
  return root ?? refuse('document', 'it holds no element.');
};

/** The namespace that a prefix stands for on this element; '' is the default namespace. Undefined: not declared. */
export const namespaceOf = (element: XmlElement, prefix: string): string | undefined => {
  if (prefix === 'xml') return 'http://www.w3.org/XML/1998/namespace';
  for (let scope: NamespaceScope | undefined = element.scope; scope !== undefined; scope = scope.parent) {
    const uri = scope.own[prefix];
    if (uri !== undefined) return uri;
  }
  return prefix === '' ? '' : undefined;
};

/** A QName in an attribute's value, such as `type="tns:Policy"`. Undefined when its prefix is not declared. */
export const resolveQName = (element: XmlElement, text: string): { ns: string; local: string } | undefined => {
  const trimmed = text.trim();
  const colon = trimmed.indexOf(':');
  const ns = namespaceOf(element, colon < 0 ? '' : trimmed.slice(0, colon));
  return ns === undefined ? undefined : { ns, local: trimmed.slice(colon + 1) };
};
