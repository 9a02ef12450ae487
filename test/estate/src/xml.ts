/** Text of an element or attribute, and the elements inside. The estate writes its own XML: independent of the house. */
export type Content = string | number | readonly string[];

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => ESCAPES[character]!);

const attributeText = (attributes: Record<string, string | number | undefined>): string =>
  Object.entries(attributes)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${escape(String(value))}"`))
    .join('');

/** One element: a string or number is its text, an array its finished children. */
export const element = (
  name: string,
  content: Content,
  attributes: Record<string, string | number | undefined> = {},
): string => {
  const inner = typeof content === 'object' ? content.join('') : escape(String(content));
  return `<${name}${attributeText(attributes)}>${inner}</${name}>`;
};

/** The element, or nothing where there is no value: an absent element is not an empty one. */
export const optional = (name: string, content: Content | undefined): string =>
  content === undefined ? '' : element(name, content);

/** The element with its text, or marked `xsi:nil` where the value is null. */
export const nillable = (name: string, content: string | null): string =>
  content === null ? `<${name} xsi:nil="true"/>` : element(name, content);
