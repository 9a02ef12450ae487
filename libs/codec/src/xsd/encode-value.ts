import type { Value } from '@bailey/contract';
import { facetCheck, type Check } from './encode-facets.ts';
import { hasForbiddenCharacter, type XmlOutput } from './encode-output.ts';
import { isBase64Text, isDecimalText, isHexText, isIntegerText, isLexical } from './lexical.ts';
import type { Shape, ShapeRef, SimpleShape } from './plan.ts';

/** A JSON value as XML text; undefined when it does not fit, which is then noted in `out`. */
export type ToText = (value: Value, out: XmlOutput) => string | undefined;

export interface ValueWriter {
  toText: ToText;
  /** Judges text alone: members of a union, defaults. */
  check: Check;
}

const normalised = (shape: SimpleShape, text: string): string =>
  shape.whiteSpace === 'preserve'
    ? text
    : shape.whiteSpace === 'replace'
      ? text.replace(/[\t\n\r]/g, ' ')
      : text.trim().replace(/[\t\n\r ]+/g, ' ');

const expect = (isRight: boolean, words: string): string | undefined => (isRight ? undefined : `must be ${words}`);

const FLOAT_TEXT = /^(?:[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|-?INF|NaN)$/;

/** Whether the text is in the lexical space of the kind, before any facet. */
const lexicalCheck = (shape: SimpleShape): Check => {
  switch (shape.scalar) {
    case 'boolean':
      return (text) => expect(/^(?:true|false|0|1)$/.test(text), 'a boolean');
    case 'int32':
    case 'int53':
    case 'int64':
    case 'integer':
      return (text) => expect(isIntegerText(text), 'an integer in a string');
    case 'decimal':
      return (text) => expect(isDecimalText(text), 'a decimal number in a string');
    case 'float':
    case 'double':
      return (text) => expect(FLOAT_TEXT.test(text), 'a number, "INF", "-INF" or "NaN"');
    case 'base64':
      return (text) => expect(isBase64Text(text), 'base64');
    case 'hex':
      return (text) => expect(isHexText(text), 'hexadecimal');
    case 'date':
    case 'time':
    case 'duration':
      return (text) => expect(isLexical(shape.scalar, text), `an XSD ${shape.scalar}`);
    case 'dateTime':
    case 'localDateTime':
    case 'xsdDateTime':
      return (text) => expect(isLexical('dateTime', text), 'an XSD dateTime');
    case 'text':
    case 'json':
      return (text) => expect(isLexical(shape.builtin, text), `an XSD ${shape.builtin}`);
  }
};

const checkOf = (shape: SimpleShape): Check => {
  const lexical = lexicalCheck(shape);
  const facets = facetCheck(shape);
  return (text) => {
    if (hasForbiddenCharacter(text)) return 'holds a character that XML cannot carry';
    const value = normalised(shape, text);
    return lexical(value) ?? facets(value);
  };
};

const EXPECTED: Partial<Record<SimpleShape['scalar'], string>> = {
  boolean: 'true or false',
  int32: 'an integer',
  int53: 'an integer',
  float: 'a number, "INF", "-INF" or "NaN"',
  double: 'a number, "INF", "-INF" or "NaN"',
};

/** String(-0) is '0', and the sign is part of the value. */
const floatText = (value: number): string | undefined => {
  if (!Number.isFinite(value)) return undefined;
  return Object.is(value, -0) ? '-0' : String(value);
};

/** The text of a JSON value of the right JSON type; undefined for any other. */
const jsonText = (shape: SimpleShape): ((value: Value) => string | undefined) => {
  switch (shape.scalar) {
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? String(value) : undefined);
    case 'int32':
    case 'int53':
      return (value) => (Number.isSafeInteger(value) ? String(value) : undefined);
    case 'float':
    case 'double':
      return (value) =>
        typeof value === 'number'
          ? floatText(value)
          : value === 'INF' || value === '-INF' || value === 'NaN'
            ? value
            : undefined;
    default:
      return (value) => (typeof value === 'string' ? value : undefined);
  }
};

const single = (shape: SimpleShape, check: Check): ToText => {
  const textOf = jsonText(shape);
  const expected = EXPECTED[shape.scalar] ?? 'a string';
  return (value, out) => {
    const text = textOf(value);
    const problem = text === undefined ? `must be ${expected}` : check(text);
    if (problem !== undefined) out.error(problem);
    return problem === undefined ? text : undefined;
  };
};

const QNAME = /^(?:\{([^{}]*)\})?([^\s:{}]+)$/;

/** `{namespace}local` → `prefix:local`. */
const qualifiedName: ToText = (value, out) => {
  const [, ns = '', local] = (typeof value === 'string' ? QNAME.exec(value) : undefined) ?? [];
  if (local === undefined || !isLexical('NCName', local) || hasForbiddenCharacter(ns)) {
    out.error('must be a qualified name: {namespace}local');
    return undefined;
  }
  return ns === '' ? local : `${out.foreignPrefix(ns)}:${local}`;
};

const listOf =
  (item: ValueWriter, check: Check): ToText =>
  (value, out) => {
    if (!Array.isArray(value)) {
      out.error('must be an array');
      return undefined;
    }
    const texts = value.map((member, index) => {
      out.enter(index);
      const text = item.toText(member, out);
      if (text !== undefined && !/^[^\t\n\r ]+$/.test(text))
        out.error('must be one word: blanks separate the items of an XSD list');
      out.leave();
      return text;
    });
    const text = texts.join(' ');
    const problem = texts.includes(undefined) ? undefined : check(text);
    if (problem !== undefined) out.error(problem);
    return text;
  };

/** Text is written when one member type takes it. */
const unionOf =
  (members: readonly Check[], facets: Check): Check =>
  (text) => {
    if (hasForbiddenCharacter(text)) return 'holds a character that XML cannot carry';
    const isTaken = members.length === 0 || members.some((member) => member(text) === undefined);
    return isTaken ? facets(text) : 'does not fit any of the types of the union';
  };

/** Compiles simple shapes, each once. */
export class ValueWriters {
  readonly #shapes: readonly Shape[];
  readonly #writers = new Map<ShapeRef, ValueWriter>();

  constructor(shapes: readonly Shape[]) {
    this.#shapes = shapes;
  }

  of(ref: ShapeRef): ValueWriter {
    const known = this.#writers.get(ref);
    if (known !== undefined) return known;
    const shape = this.#shapes[ref]!;
    const writer = shape.kind === 'complex' ? this.of(shape.text!.type) : this.#compile(shape as SimpleShape);
    this.#writers.set(ref, writer);
    return writer;
  }

  #compile(shape: SimpleShape): ValueWriter {
    if (shape.list !== undefined) return this.#list(shape, this.of(shape.list));
    const check =
      shape.union === undefined
        ? checkOf(shape)
        : unionOf(
            shape.union.map((member) => this.of(member).check),
            facetCheck(shape),
          );
    const isName = shape.builtin === 'QName' || shape.builtin === 'NOTATION';
    return isName && shape.union === undefined
      ? { toText: qualifiedName, check }
      : { toText: single(shape, check), check };
  }

  #list(shape: SimpleShape, item: ValueWriter): ValueWriter {
    const facets = facetCheck(shape);
    const check: Check = (text) => {
      const value = normalised(shape, text);
      for (const word of value === '' ? [] : value.split(' ')) {
        const problem = item.check(word);
        if (problem !== undefined) return problem;
      }
      return facets(value);
    };
    return { toText: listOf(item, facets), check };
  }
}
