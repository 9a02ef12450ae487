import { readFileSync } from 'node:fs';
import { FAULTS, Failure } from '@bailey/contract';
import { describe, expect, it, test } from 'vitest';
import { errorsMarkdown } from './errors-page.ts';
import { toProblem } from './problem.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('toProblem', () => {
  it('says all that is known, and nothing that is not', () => {
    const failure = Failure.of('INVALID_INPUT', 'Bad.', { errors: [{ pointer: '/a', message: 'is required' }] });
    const { status, headers, body } = toProblem(failure, { system: 's', operation: 'o', traceId: TRACE });
    expect(status).toBe(400);
    expect(headers).toEqual({ 'content-type': 'application/problem+json; charset=utf-8' });
    expect({ ...body }).toEqual({
      type: 'urn:bailey:error:INVALID_INPUT',
      title: 'Invalid input',
      status: 400,
      detail: 'Bad.',
      instance: `urn:trace:${TRACE}`,
      code: 'INVALID_INPUT',
      system: 's',
      operation: 'o',
      retry: 'never',
      traceId: TRACE,
      errors: [{ pointer: '/a', message: 'is required' }],
    });
  });

  it('carries a declared fault with its content', () => {
    const fault = { code: 'POLICY_NOT_FOUND', native: 'PolicyNotFound', status: 404 };
    expect(toProblem(Failure.declared(fault, 'No policy 7.', { number: '7' }), {}).body).toMatchObject({
      type: 'urn:bailey:error:POLICY_NOT_FOUND',
      status: 404,
      outcome: 'notDone',
      fault: { name: 'PolicyNotFound', detail: { number: '7' } },
    });
  });

  test.each([
    [undefined, '5'],
    [0, '1'],
    [1, '1'],
    [1001, '2'],
    [30_000, '30'],
  ])('retry after %s ms is %s s', (retryAfterMs, seconds) => {
    const failure = Failure.of('BREAKER_OPEN', 'x', retryAfterMs === undefined ? {} : { retryAfterMs });
    expect(toProblem(failure, {}).headers['retry-after']).toBe(seconds);
  });

  it('says how to authenticate and which methods there are', () => {
    expect(toProblem(Failure.of('UNAUTHENTICATED', 'x'), {}).headers['www-authenticate']).toBe('Bearer');
    expect(
      toProblem(Failure.of('METHOD_NOT_ALLOWED', 'x', { more: { allow: ['GET', 'POST'] } }), {}).headers['allow'],
    ).toBe('GET, POST');
  });

  it('never lets an extra member overwrite a standard one, nor a cause out', () => {
    const failure = Failure.of('INTERNAL', 'x', {
      more: { status: 200, __proto__: 1, file: 'a.wsdl' },
      cause: new Error('secret'),
    });
    const { body } = toProblem(failure, {});
    expect(body).toMatchObject({ status: 500, file: 'a.wsdl' });
    expect(JSON.stringify(body)).not.toContain('secret');
  });
});

describe('docs/errors.md', () => {
  it('is what the fault table prints (regenerate with `npm run golden`)', () => {
    const committed = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
    expect(committed, 'docs/errors.md is out of date: npm run golden').toBe(errorsMarkdown());
  });

  it('has a line for every code', () => {
    for (const code of Object.keys(FAULTS)) expect(errorsMarkdown()).toContain(`| \`${code}\` |`);
  });
});
