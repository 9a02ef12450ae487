/**
 * The formats of `scalarSchema`, as predicates. Each is linear in its input: no pattern here can be made to
 * backtrack, because any caller can send a megabyte of digits.
 */

const INTEGER = /^[+-]?[0-9]+$/;
const DECIMAL = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$/;
const DATE = /^-?([0-9]{4,9})-([0-9]{2})-([0-9]{2})$/;
const TIME = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?$/;
const ZONE = /(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)$/;
const DURATION =
  /^-?P(?=[0-9T])(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const HEX = /^[0-9A-Fa-f]*$/;

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const isLeapYear = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
const daysOf = (year: number, month: number): number => (month === 2 && isLeapYear(year) ? 29 : (DAYS[month - 1] ?? 0));

const isPlainDate = (text: string): boolean => {
  const match = DATE.exec(text);
  if (match === null) return false;
  const day = Number(match[3]);
  return day >= 1 && day <= daysOf(Number(match[1]), Number(match[2]));
};

/** XSD part 2 section 3.2.8: 24:00:00 is the end of the day; a leap second is not in its value space. */
const isPlainTime = (text: string): boolean => {
  const match = TIME.exec(text);
  if (match === null) return false;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (hour === 24) return minute === 0 && second === 0 && !/[1-9]/.test(match[4] ?? '');
  return hour < 24 && minute < 60 && second < 60;
};

const isPlainDateTime = (text: string): boolean => {
  const middle = text.indexOf('T');
  return middle > 0 && isPlainDate(text.slice(0, middle)) && isPlainTime(text.slice(middle + 1));
};

const zoneStart = (text: string): number => ZONE.exec(text.slice(-6))?.[0].length ?? 0;
const hasZone = (text: string): boolean => zoneStart(text) > 0;
const withoutZone = (text: string): string => text.slice(0, text.length - zoneStart(text));

const MAX_INT64 = '9223372036854775807';
const MIN_INT64 = '9223372036854775808';

/** By text: a BigInt of a million digits would take its time. */
const fitsInt64 = (text: string): boolean => {
  if (!INTEGER.test(text)) return false;
  const digits = text.replace(/^[+-]?0*/, '');
  const limit = text.startsWith('-') ? MIN_INT64 : MAX_INT64;
  return digits.length < limit.length || (digits.length === limit.length && digits <= limit);
};

export interface Format {
  validate: (text: string) => boolean;
  /** Completes the sentence "expected …". */
  expected: string;
}

export const FORMATS: Readonly<Record<string, Format>> = {
  int64: { validate: fitsInt64, expected: 'a whole number of at most 64 bits, as text' },
  integer: { validate: (text) => INTEGER.test(text), expected: 'a whole number, as text' },
  decimal: { validate: (text) => DECIMAL.test(text), expected: 'a decimal number without exponent, as text' },
  'xsd-date': {
    validate: (text) => isPlainDate(withoutZone(text)) || isPlainDate(text),
    expected: 'a date, YYYY-MM-DD',
  },
  'xsd-time': { validate: (text) => isPlainTime(withoutZone(text)), expected: 'a time, HH:MM:SS' },
  'date-time': {
    validate: (text) => hasZone(text) && isPlainDateTime(withoutZone(text)),
    expected: 'a date and time with zone, YYYY-MM-DDTHH:MM:SSZ',
  },
  'xsd-date-time': {
    validate: (text) => isPlainDateTime(withoutZone(text)),
    expected: 'a date and time, YYYY-MM-DDTHH:MM:SS',
  },
  'local-date-time': { validate: isPlainDateTime, expected: 'a date and time without zone, YYYY-MM-DDTHH:MM:SS' },
  'xsd-duration': { validate: (text) => DURATION.test(text), expected: 'a duration, like P1DT2H' },
  base64: { validate: (text) => text.length % 4 === 0 && BASE64.test(text), expected: 'base64 text' },
  hex: { validate: (text) => text.length % 2 === 0 && HEX.test(text), expected: 'hexadecimal text' },
};
