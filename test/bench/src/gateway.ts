import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { serverContender } from './contender.ts';
import type { Contender } from './contender.ts';
import { BENCH, REPORT_WSDL, SIZE_NAMES, SIZES, pathOf } from './payload.ts';
import type { Size } from './payload.ts';

const MAIN = join(dirname(dirname(BENCH)), 'apps', 'gateway', 'dist', 'main.js');
const READY_MS = 30_000;

const bridgeName = (size: Size): string => `report-${SIZES[size]}`;

const bridge = (size: Size, origin: string): string => `apiVersion: bailey.dev/v1
kind: Bridge
metadata: { name: ${bridgeName(size)} }
spec:
  system: reports
  adapter: soap
  connection: { wsdl: ./report.wsdl, endpoint: '${origin}${pathOf(size)}' }
  operations: { GetReport: { effect: read } }
`;

const SYSTEM = `apiVersion: bailey.dev/v1
kind: System
metadata: { name: reports }
spec: { domain: bench, owner: bench }
`;

const writeFiles = (folder: string, origin: string): void => {
  cpSync(REPORT_WSDL, join(folder, 'report.wsdl'));
  writeFileSync(join(folder, 'bench.yaml'), [SYSTEM, ...SIZE_NAMES.map((size) => bridge(size, origin))].join('---\n'));
};

const untilReady = async (child: ChildProcess, home: string): Promise<string> => {
  const file = join(home, 'run.json');
  for (const givenUp = Date.now() + READY_MS; Date.now() < givenUp; await delay(50)) {
    if (child.exitCode !== null) break;
    if (!existsSync(file)) continue;
    const { dataUrl } = JSON.parse(readFileSync(file, 'utf8')) as { dataUrl: string };
    const ready = await fetch(new URL('/readyz', dataUrl)).catch(() => undefined);
    if (ready?.ok) return dataUrl;
  }
  child.kill('SIGKILL');
  throw new Error('The gateway did not become ready.');
};

/** The gateway as it is deployed: files for a source, one trace in ten exported to the backend's process. */
export const startGateway = async (origin: string): Promise<Contender> => {
  const home = mkdtempSync(join(tmpdir(), 'bailey-bench-'));
  const files = join(home, 'files');
  mkdirSync(files);
  writeFiles(files, origin);
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      BAILEY_FILES: files,
      BAILEY_HOME: home,
      BAILEY_HOST: '127.0.0.1',
      BAILEY_OPEN_ACCESS: 'true',
      BAILEY_PORT: '0',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.1',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: origin,
    },
  });
  // It has no channel to us by which it would see that we have gone.
  process.once('exit', () => child.kill('SIGKILL'));
  const url = await untilReady(child, home);
  const contender = serverContender(
    "bailey's whole path",
    child,
    new URL(url).origin,
    (size) => `/api/${bridgeName(size)}/getReport`,
  );
  const close = async (): Promise<void> => {
    await contender.close();
    rmSync(home, { recursive: true, force: true });
  };
  return { ...contender, close };
};
