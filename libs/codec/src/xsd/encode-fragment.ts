import { Failure } from '@bailey/contract';
import { InnerXml } from './decode-inner.ts';
import { hasForbiddenCharacter, type Problem } from './encode-output.ts';
import { LT, XmlScanner } from '../xml/scanner.ts';

/** What a well-formed fragment is: the namespace of its element, or a problem. */
export type Fragment = { ns: string } | { problem: Problem };

const NO_NAMESPACES = new Map<string, number>();

/** Reads the element at the start; its end must be the end of all. */
const readElement = (xml: string): Fragment => {
  const scanner = new XmlScanner();
  const inner = new InnerXml(scanner);
  scanner.resetScanner(NO_NAMESPACES);
  scanner.append(Buffer.from(xml, 'utf8'), 0);
  scanner.closed = true;
  if (scanner.buf[0] !== LT) return { problem: 'must be one XML element' };
  scanner.readStartTag();
  const ns = scanner.uriOf(scanner.elementBinding());
  inner.begin(0);
  const end = scanner.selfClosing ? scanner.pos : inner.scan(scanner.pos, 1, 0, true);
  return end === scanner.end ? { ns } : { problem: 'must be one XML element' };
};

const read = (xml: string): Fragment => {
  if (hasForbiddenCharacter(xml)) return { problem: 'holds a character that XML cannot carry' };
  if (/<\?xml[\s?]/i.test(xml)) return { problem: 'must not hold an XML declaration' };
  try {
    return readElement(xml);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return {
      problem: `must be well-formed XML that declares the prefixes it uses (${error.message.replace(/^.*?: /, '')})`,
    };
  }
};

/** One whole element that stands alone. */
export const elementFragment = (xml: string): Fragment => read(xml.trim());

/** Text and elements that may stand inside an element; what closes that element early is not among them. */
export const contentProblem = (xml: string): Problem | undefined => {
  const fragment = read(`<x>${xml}</x>`);
  return 'problem' in fragment ? fragment.problem : undefined;
};
