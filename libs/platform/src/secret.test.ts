import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { createLog } from './log.ts';
import { secret } from './secret.ts';

const HIDDEN = 's3cret-value';

test('shows itself to nobody but who asks for it', () => {
  const password = secret(HIDDEN);
  const holder = { password, nested: [password] };
  const error = Object.assign(new Error(`with ${password}`), { password });
  for (const text of [
    String(password),
    `${password}`,
    JSON.stringify(holder),
    inspect(holder, { depth: 9, showHidden: true }),
    inspect(error),
    Object.values(password).join(),
  ])
    expect(text).not.toContain(HIDDEN);
  expect(JSON.stringify(holder)).toBe('{"password":"***","nested":["***"]}');
  expect(password.reveal()).toBe(HIDDEN);
});

test('is masked in the log, wherever it stands', () => {
  const lines: string[] = [];
  const log = createLog({ name: 'test', destination: { write: (line) => void lines.push(line) } });
  log
    .child({ token: secret(HIDDEN) })
    .error({ err: Object.assign(new Error('no'), { auth: secret(HIDDEN) }), deep: { er: [secret(HIDDEN)] } }, 'failed');
  expect(lines.join()).not.toContain(HIDDEN);
  expect(JSON.parse(lines[0]!)).toMatchObject({
    level: 'error',
    name: 'test',
    msg: 'failed',
    token: '***',
    deep: { er: ['***'] },
  });
});

test('the log is one JSON object a line, from the level on', () => {
  const lines: string[] = [];
  const log = createLog({ name: 'test', level: 'warn', destination: { write: (line) => void lines.push(line) } });
  log.info({}, 'unheard');
  log.warn({ trace_id: 'abc' }, 'two\nlines');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^\{.*\}\n$/);
  expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'warn', trace_id: 'abc', msg: 'two\nlines' });
  expect(Date.parse(JSON.parse(lines[0]!).time)).not.toBeNaN();
});
