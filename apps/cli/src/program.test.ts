import { expect, test } from 'vitest';
import { run } from './cli.test-data.ts';

test.each([
  [[], ''],
  [['frobnicate'], "unknown command 'frobnicate'"],
  [['describe', 'soap'], "missing required argument 'source'"],
  [['describe', 'cobol', 'x'], 'there is no adapter "cobol"; there are: soap'],
  [['decode', 'soap', 'stray'], '"stray" is no --option'],
  [['validate'], "required option '-f, --file"],
  [['delete', 'house', 'x'], '"house" is none of bridge'],
  [['call', 'b', 'o', 'x=1', '--input', '{}'], 'not both'],
])('wrong usage %j is exit 2', async (argv, said) => {
  const { exit, out, err } = await run(argv);
  expect([exit, out]).toEqual([2, '']);
  expect(err).toContain(said);
});

test('help is no error', async () => {
  const { exit, out } = await run(['--help']);
  expect(exit).toBe(0);
  expect(out).toContain('describe');
});
