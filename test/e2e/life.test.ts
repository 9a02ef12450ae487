import { existsSync } from 'node:fs';
import { join } from 'node:path';
import supertest from 'supertest';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { makeHome, removeHome } from './src/home.ts';
import { processesOf } from './src/process-list.ts';
import { runLines, safeBlocks } from './src/readme.ts';
import { startBailey, type RunningBailey } from './src/running-bailey.ts';
import { until } from './src/waiting.ts';

let home: string;
let bailey: RunningBailey;

const start = async (): Promise<void> => {
  bailey = await startBailey({ home });
};

// One life after the other on one home: each test begins with what the one before has left.
beforeAll(async () => {
  home = await makeHome();
  await start();
});
afterEach(async () => {
  if (bailey.program.exit() === undefined) return;
  await start();
});
afterAll(async () => {
  await bailey?.stop();
  await removeHome(home);
});

const getPolicy = () => supertest(bailey.dataUrl).get('/api/policy-admin/getPolicy?policyNumber=0007');

const revisions = async (): Promise<number> => {
  const { body } = await supertest(bailey.dataUrl).get('/api').expect(200);
  return body.bridges.find(({ name }: { name: string }) => name === 'policy-admin').revision;
};

test('a first start serves the sample estate', async () => {
  const { body } = await getPolicy().expect(200);
  expect(body.policy).toMatchObject({ policyNumber: '0007', premium: '123.40' });
});

test('the lines that it prints work when they are pasted', async () => {
  const lines = bailey.program
    .output()
    .split('\n')
    .filter((line) => line.trim().startsWith('curl'));
  expect(lines).toHaveLength(3);
  for (const line of lines) {
    const { code, output } = await runLines(line, bailey);
    expect([code, output], line).toEqual([0, expect.stringMatching(/^\{"(?:data|policy)":/)]);
    expect(output).not.toContain('"errors"');
  }
});

test.each((await safeBlocks()).map((block) => [block]))('the README can be pasted: %s', async (block) => {
  const { code, output } = await runLines(block, bailey);
  expect(code, output).toBe(0);
  expect(output).not.toMatch(/"errors"|problem\+json|"status":[45]/);
  expect(output.trim()).not.toBe('');
});

test('Ctrl-C ends it, and leaves no process behind', async () => {
  expect(processesOf(home).length).toBeGreaterThan(2);
  // As a terminal does: the signal goes to the whole group.
  process.kill(-bailey.program.pid, 'SIGINT');
  await until('the end', () => bailey.program.exit() !== undefined, 30_000);
  await until('its processes to end', () => processesOf(home).length === 0, 10_000);
  expect(existsSync(join(home, 'run.json'))).toBe(false);
});

test('a second start finds the registrations again', async () => {
  const before = await revisions();
  expect(await bailey.stop()).toBe(0);
  await start();
  expect(await revisions()).toBe(before);
  const { body } = await getPolicy().expect(200);
  expect(body.policy.premium).toBe('123.40');
});

test('a start after a SIGKILL recovers', async () => {
  process.kill(bailey.pid, 'SIGKILL');
  await bailey.program.exited;
  await start();
  const { body } = await getPolicy().expect(200);
  expect(body.policy.premium).toBe('123.40');
  await bailey.stop();
  expect(processesOf(home)).toEqual([]);
});

test('what npm is killed with ends everything too', async () => {
  process.kill(bailey.program.pid, 'SIGKILL');
  await until('its processes to end', () => processesOf(home).length === 0, 30_000);
});
