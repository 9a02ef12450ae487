import { Failure, type Call, valueReply } from '@bailey/contract';
import { expect, test } from 'vitest';
import { pipeline, type Stage } from './pipeline.ts';

test('the first stage is outermost', async () => {
  const seen: string[] = [];
  const noting =
    (name: string): Stage =>
    (next) =>
    async (call) => {
      seen.push(`>${name}`);
      const reply = await next(call);
      seen.push(`<${name}`);
      return reply;
    };
  const handler = pipeline([noting('a'), noting('b')], async () => valueReply({}));
  await handler({} as Call);
  expect(seen).toEqual(['>a', '>b', '<b', '<a']);
});

test('without stages it is the handler', async () => {
  const failure = Failure.of('NOT_FOUND', 'x');
  await expect(
    pipeline([], async () => {
      throw failure;
    })({} as Call),
  ).rejects.toBe(failure);
});
