import { readFile } from 'node:fs/promises';
import { createAdapterHost } from '@bailey/bridges';
import soap from '@bailey/adapter-soap';
import type { Call, Connection } from '@bailey/contract';
import { createLog, createTracing, systemClock } from '@bailey/platform';
import { REPORT_WSDL, SIZE_NAMES, pathOf } from '../payload.ts';
import type { Size } from '../payload.ts';
import { serveOrders } from '../worker.ts';

/** The adapter on the gateway's host, with none of the stages around it: encode, send, decode to JSON bytes. */
const open = async (endpoint: string): Promise<() => Promise<void>> => {
  const { signal } = new AbortController();
  const host = createAdapterHost({
    bridge: 'report',
    allow: [endpoint],
    readFile: () => readFile(REPORT_WSDL),
    tracing: createTracing(),
    log: createLog({ name: 'bench', level: 'silent' }),
    clock: systemClock,
    signal,
  });
  const config = { wsdl: './report.wsdl', endpoint };
  const described = await soap.describe(config, host, { operations: {} });
  const connection: Connection = await soap.connect(config, described, host);
  const call: Call = {
    operation: described.contract.operations[0]!,
    caller: { authenticated: false, scopes: new Set() },
    input: { id: '4711' },
    signal,
    deadline: Infinity,
    traceHeaders: {},
    incoming: {},
    traceId: '0af7651916cd43dd8448eb211c80319c',
  };
  return async () => {
    (await connection.invoke!(call)).bytes();
  };
};

await serveOrders(async (origin) => {
  const calls = new Map<Size, () => Promise<void>>();
  for (const size of SIZE_NAMES) calls.set(size, await open(origin + pathOf(size)));
  return (size) => calls.get(size)!();
});
