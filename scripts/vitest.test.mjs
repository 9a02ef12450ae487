import { expect, test } from 'vitest';
import { closingLine, countOf, total } from './vitest.mjs';

const report = (fields) => ({
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...fields,
});

test.each([
  ['a good run', report(), 0, { passed: 3, failed: 0, skipped: 0 }],
  ['failed tests', report({ numFailedTests: 2 }), 1, { passed: 3, failed: 2, skipped: 0 }],
  ['skipped and todo tests', report({ numPendingTests: 1, numTodoTests: 1 }), 0, { passed: 3, failed: 0, skipped: 2 }],
  [
    'a file that does not load',
    report({ testResults: [{ status: 'failed', assertionResults: [] }] }),
    1,
    { passed: 3, failed: 1, skipped: 0 },
  ],
  ['an unhandled error after all tests passed', report(), 1, { passed: 3, failed: 1, skipped: 0 }],
  ['a crash without a report', undefined, 139, { passed: 0, failed: 1, skipped: 0 }],
])('counts %s', (_name, found, exitCode, expected) => expect(countOf(found, exitCode)).toEqual(expected));

test('the closing line names skipped tests only when there are some', () => {
  const counts = [
    { passed: 2, failed: 0, skipped: 0 },
    { passed: 1, failed: 1, skipped: 0 },
  ];
  expect(closingLine(total(counts))).toBe('3 passed, 1 failed');
  expect(closingLine({ passed: 1, failed: 0, skipped: 4 })).toBe('1 passed, 0 failed, 4 skipped');
});
