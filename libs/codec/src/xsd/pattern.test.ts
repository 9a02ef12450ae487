import { describe, expect, it } from 'vitest';
import { translatePattern } from './pattern.ts';

const matches = (source: string, text: string): boolean => {
  const translated = translatePattern(source);
  if ('problem' in translated) throw new Error(translated.problem);
  return new RegExp(translated.pattern, 'u').test(text);
};

describe('an XSD pattern', () => {
  it.each([
    ['[A-Z]{2}\\d{3}', 'AB123', 'xAB123'],
    ['a|b', 'b', 'ab'],
    ['[a-z-[aeiou]]+', 'xyz', 'xaz'],
    ['[^0-9-[a]]', 'b', 'a'],
    ['\\i\\c*', '_a-1.b', '1a'],
    ['\\I', '1', 'a'],
    ['[\\i-[:]][\\c-[:]]*', 'name', 'p:name'],
    ['^a$', '^a$', 'a'],
    ['.', 'x', '\n'],
    ['\\p{Lu}\\P{Lu}', 'Äa', 'aa'],
    ['\\p{IsBasicLatin}+', 'abc', 'é'],
    ['[\\p{IsGreek}\\-]+', 'α-β', 'a'],
    ['\\w+', 'aé1', 'a b'],
    ['[\\w\\s]+', 'a b', 'a.b'],
    ['\\-\\.\\[\\]', '-.[]', 'x.[]'],
    ['[+\\-]?[0-9]+', '-1', '*1'],
    ['[-+]1', '-1', ',1'],
    ['[a&&b]', '&', '!'],
    ['a{2,}', 'aaa', 'a'],
    ['(ab)+c?', 'abab', 'aba'],
    ['', '', 'a'],
    ['/x/', '/x/', 'x'],
  ])('%s takes %s and not %s', (source, yes, no) => {
    expect(matches(source, yes)).toBe(true);
    expect(matches(source, no)).toBe(false);
  });

  it.each(['[a', 'a)', '(a', '\\p{IsKlingon}', '\\p', 'a\\', '*a'])('%s is not translated, and says why', (source) => {
    expect(translatePattern(source)).toHaveProperty('problem');
  });
});
