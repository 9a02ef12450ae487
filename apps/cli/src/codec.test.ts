import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WSDL, answer, fault, folderWith, run, splitSource } from './cli.test-data.ts';

const flags = ['--wsdl', 'rates.wsdl', '--operation', 'GetRate'];
const folder = () => folderWith({ 'rates.wsdl': WSDL });

test('decodes an answer', async () => {
  const cwd = await folder();
  const ran = await run(['decode', 'soap', ...flags, '--port=P'], { cwd, stdin: answer('2.5', '<note>é</note>') });
  expect(ran).toMatchObject({ exit: 0, out: '{"rate":2.5,"note":"é"}\n' });
});

test('prints the problem document of a declared fault', async () => {
  const cwd = await folder();
  const { exit, lines } = await run(['decode', 'soap', ...flags], { cwd, stdin: fault });
  expect(exit).toBe(1);
  expect(lines()[0]).toMatchObject({
    type: 'urn:bailey:error:RATE_UNKNOWN',
    status: 422,
    code: 'RATE_UNKNOWN',
    fault: { name: 'RateUnknown', detail: { reason: 'gone' } },
  });
});

test('encodes an envelope, and refuses bad input with pointers', async () => {
  const cwd = await folder();
  const good = await run(['encode', 'soap', ...flags], { cwd, stdin: '{"rate": 7}' });
  expect(good.exit).toBe(0);
  expect(good.out).toMatch(/<(\w+:)?rate>7<\//);
  const bad = await run(['encode', 'soap', ...flags], { cwd, stdin: '{"rate": "x"}' });
  expect(bad.exit).toBe(1);
  expect(bad.lines()[0]).toMatchObject({ code: 'INVALID_INPUT', status: 400, errors: [{ pointer: '/rate' }] });
});

test('a source may import from a sibling of the working folder', async () => {
  const cwd = join(await splitSource(), 'wsdl');
  expect(await run(['decode', 'soap', ...flags], { cwd, stdin: answer('3') })).toMatchObject({ out: '{"rate":3}\n' });
});

test.each([
  [[], 'INVALID_INPUT'],
  [['--wsdl', 'gone.wsdl', '--operation', 'GetRate'], 'SOURCE_REFUSED'],
  [['--wsdl', 'rates.wsdl', '--operation', 'Nope'], 'UNKNOWN_OPERATION'],
])('a wrong job %j is a problem document', async (words, code) => {
  const { exit, lines } = await run(['decode', 'soap', ...words], { cwd: await folder(), stdin: answer('1') });
  expect([exit, lines()[0].code]).toEqual([1, code]);
});

test('answers a batch in order, whatever its lines are', async () => {
  const cwd = await folder();
  const job = { wsdl: 'rates.wsdl', operation: 'getRate' };
  const jobs = [
    { id: 1, ...job, xml: answer('-0') },
    { id: 'two', ...job, xml: fault },
    { id: 3, ...job },
    { ...job, xml: `<?xml version="1.0" encoding="ISO-8859-1"?>${answer('1', '<note>é\n</note>')}` },
  ].map((each) => JSON.stringify(each));
  const { exit, out, lines } = await run(['decode', 'soap', '--batch'], {
    cwd,
    stdin: [...jobs, '', '{oops', '[]'].join('\n'),
  });
  expect(exit).toBe(1);
  expect(out.split('\n')[0]).toBe('{"id":1,"ok":true,"result":{"rate":-0}}');
  expect(lines().slice(1)).toMatchObject([
    { id: 'two', ok: false, error: { code: 'RATE_UNKNOWN', fault: { name: 'RateUnknown' } } },
    { id: 3, ok: false, error: { code: 'INVALID_INPUT', errors: [{ pointer: '/xml' }] } },
    { id: null, ok: true, result: { rate: 1, note: 'é\n' } },
    { id: null, ok: false, error: { code: 'MALFORMED_JSON' } },
    { id: null, ok: false, error: { code: 'INVALID_INPUT' } },
  ]);
});

test('a batch takes what is common to its jobs from the command line, and data from files', async () => {
  const cwd = await folder();
  await writeFile(join(cwd, 'answer.xml'), answer('4'));
  const stdin = '{"id":1,"dataPath":"answer.xml"}\n{"id":2,"dataPath":"gone.xml"}\n';
  const { lines } = await run(['decode', 'soap', '--batch', ...flags], { cwd, stdin });
  expect(lines()).toMatchObject([
    { id: 1, ok: true, result: [{ rate: 4 }] },
    { id: 2, ok: false, error: { code: 'INVALID_INPUT', errors: [{ pointer: '/dataPath' }] } },
  ]);
});

test('a double comes back from a batch as it went in', async () => {
  const cwd = await folder();
  const property = fc.asyncProperty(fc.double({ noDefaultInfinity: true, noNaN: true }), async (rate) => {
    const stdin = `${JSON.stringify({ id: 1, input: { rate } })}\n`;
    const encoded = await run(['encode', 'soap', '--batch', ...flags], { cwd, stdin });
    const [, sent] = /rate>([^<]*)</.exec(encoded.lines()[0].result)!;
    expect(Number(sent)).toBe(rate + 0);
  });
  await fc.assert(property, { numRuns: 30 });
});
