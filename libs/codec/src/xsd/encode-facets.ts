import type { Facets, SimpleShape } from './plan.ts';
import type { Problem } from './encode-output.ts';

/** Tells what is wrong with a normalised value; undefined: nothing. */
export type Check = (text: string) => Problem | undefined;

type Compare = (left: string, right: string) => number | undefined;

const DECIMAL = /^([+-]?)0*([0-9]*?)(?:\.([0-9]*?)0*)?$/;

/** Sign, digits before and after the point, without zeros that say nothing. */
const decimalParts = (text: string): { sign: number; whole: string; fraction: string } => {
  const [, sign, whole = '', fraction = ''] = DECIMAL.exec(text) ?? [];
  return { sign: whole === '' && fraction === '' ? 0 : sign === '-' ? -1 : 1, whole, fraction };
};

const compareText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const compareDecimals: Compare = (left, right) => {
  const a = decimalParts(left);
  const b = decimalParts(right);
  if (a.sign !== b.sign) return a.sign - b.sign;
  const magnitude =
    a.whole.length - b.whole.length || compareText(a.whole, b.whole) || compareText(a.fraction, b.fraction);
  return magnitude * a.sign;
};

const floatOf = (text: string): number =>
  text.endsWith('INF') ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text);

const compareFloats: Compare = (left, right) => {
  const [a, b] = [floatOf(left), floatOf(right)];
  return Number.isNaN(a) || Number.isNaN(b) ? undefined : Math.sign(a - b || 0);
};

const MOMENT =
  /^(-?[0-9]{4,}-[0-9]{2}-[0-9]{2})?T?(?:([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?)?(Z|[+-][0-9]{2}:[0-9]{2})?$/;

const zoneMinutes = (zone: string): number =>
  zone === 'Z' ? 0 : (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6)));

/** Whole seconds, and the fraction as text: no digit is lost. Beyond the years that a Date knows there is no order here. */
const momentOf = (text: string): { zoned: boolean; seconds: number; fraction: string } | undefined => {
  const [, day = '1970-01-01', hour = '0', minute = '0', second = '0', fraction = '', zone] = MOMENT.exec(text) ?? [];
  const midnight = /^[0-9]{4}-/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(midnight)) return undefined;
  const minutes = Number(hour) * 60 + Number(minute) - zoneMinutes(zone ?? 'Z');
  return {
    zoned: zone !== undefined,
    seconds: midnight / 1000 + minutes * 60 + Number(second),
    fraction: fraction.replace(/0+$/, ''),
  };
};

/** XSD part 2 section 3.2.7.4: a value with a zone and one without have no order worth refusing for. */
const compareMoments: Compare = (left, right) => {
  const a = momentOf(left);
  const b = momentOf(right);
  if (a === undefined || b === undefined || a.zoned !== b.zoned) return undefined;
  return a.seconds - b.seconds || compareText(a.fraction, b.fraction);
};

/** The order of a kind; undefined for kinds without one, and for durations, whose order is only partial. */
const comparison = (shape: SimpleShape): Compare | undefined => {
  switch (shape.scalar) {
    case 'int32':
    case 'int53':
    case 'int64':
    case 'integer':
    case 'decimal':
      return compareDecimals;
    case 'float':
    case 'double':
      return compareFloats;
    case 'date':
    case 'time':
    case 'dateTime':
    case 'localDateTime':
    case 'xsdDateTime':
      return compareMoments;
    default:
      return undefined;
  }
};

const BOUNDS = [
  ['minInclusive', 'at least', (order: number) => order >= 0],
  ['maxInclusive', 'at most', (order: number) => order <= 0],
  ['minExclusive', 'more than', (order: number) => order > 0],
  ['maxExclusive', 'less than', (order: number) => order < 0],
] as const;

const boundChecks = (facets: Facets, compare: Compare): Check[] =>
  BOUNDS.flatMap(([facet, words, holds]): Check[] => {
    const bound = facets[facet];
    if (bound === undefined) return [];
    return [
      (text) =>
        holds(compare(text, bound) ?? Number.NaN) || compare(text, bound) === undefined
          ? undefined
          : `must be ${words} ${bound}`,
    ];
  });

const enumerationCheck = (values: readonly string[], compare: Compare | undefined): Check => {
  const exact = new Set(values);
  const listed = values.slice(0, 20).join(', ');
  return (text) =>
    exact.has(text) || (compare !== undefined && values.some((value) => compare(text, value) === 0))
      ? undefined
      : `must be one of: ${listed}`;
};

const patternCheck = (source: string): Check => {
  const pattern = new RegExp(source, 'u');
  return (text) => (pattern.test(text) ? undefined : `must match the pattern ${source}`);
};

const digitsCheck =
  ({ totalDigits, fractionDigits }: Facets): Check =>
  (text) => {
    const { whole, fraction } = decimalParts(text);
    if (totalDigits !== undefined && whole.length + fraction.length > totalDigits)
      return `must have at most ${totalDigits} digits`;
    return fractionDigits !== undefined && fraction.length > fractionDigits
      ? `must have at most ${fractionDigits} digits after the point`
      : undefined;
  };

/** Characters, or octets of binary values; items of lists are counted by the list. */
const measure = (shape: SimpleShape): ((text: string) => number) => {
  if (shape.list !== undefined) return (text) => (text === '' ? 0 : text.split(' ').length);
  if (shape.scalar === 'hex') return (text) => text.length / 2;
  if (shape.scalar === 'base64') return (text) => Buffer.byteLength(text, 'base64');
  return (text) => [...text].length;
};

const lengthChecks = (shape: SimpleShape, { length, minLength, maxLength }: Facets): Check[] => {
  // A qualified name is measured nowhere: its prefix is ours to choose.
  if (shape.builtin === 'QName' || shape.builtin === 'NOTATION') return [];
  const size = measure(shape);
  const checks: Check[] = [];
  if (length !== undefined)
    checks.push((text) => (size(text) === length ? undefined : `must have the length ${length}`));
  if (minLength !== undefined)
    checks.push((text) => (size(text) >= minLength ? undefined : `must have at least the length ${minLength}`));
  if (maxLength !== undefined)
    checks.push((text) => (size(text) <= maxLength ? undefined : `must have at most the length ${maxLength}`));
  return checks;
};

/** One check for all facets of a shape; it sees the value with its white space already normalised. */
export const facetCheck = (shape: SimpleShape): Check => {
  const { facets } = shape;
  if (facets === undefined) return () => undefined;
  const compare = shape.list === undefined ? comparison(shape) : undefined;
  const checks = [...lengthChecks(shape, facets), ...(facets.patterns ?? []).map(patternCheck)];
  if (facets.enumeration !== undefined) checks.push(enumerationCheck(facets.enumeration, compare));
  if (compare !== undefined) checks.push(...boundChecks(facets, compare));
  if (compare === compareDecimals && (facets.totalDigits ?? facets.fractionDigits) !== undefined)
    checks.push(digitsCheck(facets));
  return (text) => {
    for (const check of checks) {
      const problem = check(text);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
};
