/** Lexical spaces of XSD 1.0 part 2 that JSON Schema has no words for. Decoder and encoder judge by the same rules. */
const ZONE = '(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?';
const YEAR = '-?(?:[1-9][0-9]{3,}|0[0-9]{3})';
const MONTH = '(?:0[1-9]|1[0-2])';
const DAY = '(?:0[1-9]|[12][0-9]|3[01])';
const TIME = '(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]+)?|24:00:00(?:\\.0+)?)';
const NAME_CHAR = '[^\\s!-,/:-@\\[-^`{-~]';
const NCNAME = `(?![-.0-9])${NAME_CHAR}+`;

const pattern = (source: string): RegExp => new RegExp(`^(?:${source})$`, 'u');

const PATTERNS: Readonly<Record<string, RegExp>> = Object.assign(Object.create(null) as Record<string, RegExp>, {
  date: pattern(`${YEAR}-${MONTH}-${DAY}${ZONE}`),
  time: pattern(`${TIME}${ZONE}`),
  dateTime: pattern(`${YEAR}-${MONTH}-${DAY}T${TIME}${ZONE}`),
  duration: pattern(
    '-?P(?=[0-9T])(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\\.[0-9]+)?S)?)?',
  ),
  gYear: pattern(`${YEAR}${ZONE}`),
  gYearMonth: pattern(`${YEAR}-${MONTH}${ZONE}`),
  gMonth: pattern(`--${MONTH}(?:--)?${ZONE}`),
  gMonthDay: pattern(`--${MONTH}-${DAY}${ZONE}`),
  gDay: pattern(`---${DAY}${ZONE}`),
  language: pattern('[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*'),
  Name: pattern(`(?![-.0-9])(?:${NAME_CHAR}|:)+`),
  NMTOKEN: pattern(`(?:${NAME_CHAR}|:)+`),
  NCName: pattern(NCNAME),
  ID: pattern(NCNAME),
  IDREF: pattern(NCNAME),
  ENTITY: pattern(NCNAME),
});

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** Year 0 does not exist in XSD 1.0, and not every month has 31 days. */
const isCalendarDay = (text: string): boolean => {
  const [, year, month, day] = /^-?([0-9]+)-([0-9]{2})-([0-9]{2})/.exec(text)!;
  if (Number(year) === 0) return false;
  return Number(day) <= DAYS[Number(month) - 1]! && (month !== '02' || day !== '29' || isLeap(Number(year)));
};

/** Whether `text`, its white space already collapsed, is a value of the built-in type; true for types without rules here. */
export const isLexical = (builtin: string, text: string): boolean => {
  const rule = PATTERNS[builtin];
  if (rule === undefined) return true;
  return rule.test(text) && (builtin !== 'date' && builtin !== 'dateTime' ? true : isCalendarDay(text));
};

export const isIntegerText = (text: string): boolean => /^[+-]?[0-9]+$/.test(text);

export const isDecimalText = (text: string): boolean => /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$/.test(text);

/** Four characters a group, padded at the end, no bits left over; an empty value is legal. */
export const isBase64Text = (text: string): boolean =>
  text.length % 4 === 0 && /^[A-Za-z0-9+/]*(?:[AQgw]==|[AEIMQUYcgkosw048]=)?$/.test(text);

export const isHexText = (text: string): boolean => text.length % 2 === 0 && /^[0-9A-Fa-f]*$/.test(text);
