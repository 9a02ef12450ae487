import { applyRequest, type Resource } from '@bailey/bridges';
import { adapters } from '@bailey/adapters';
import type { LedgerEntry } from '@bailey/contract';
import { exchangeJson } from './client.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { printJson, type Io } from './io.ts';
import { quietDeps } from './offline-host.ts';
import { RemoteProblem } from './problem.ts';
import { loadResources } from './resources.ts';
import { table } from './table.ts';
import { targetOf } from './target.ts';

interface AppliedBridge {
  name: string;
  revision: number;
  change: string;
  ledger?: LedgerEntry[];
}

interface Applied {
  generation: number;
  bridges: AppliedBridge[];
}

/** The other side has seen documents, not files: gives its errors the place that the document has here. */
const placed = (error: unknown, resources: readonly Resource[]): unknown => {
  if (!(error instanceof RemoteProblem) || error.problem.errors === undefined) return error;
  const errors = error.problem.errors.map((each) => {
    const own = resources.find(({ kind, metadata }) => kind === each['kind'] && metadata.name === each['name']);
    return { ...each, ...own?.where };
  });
  return new RemoteProblem({ ...error.problem, errors });
};

const row = ({ name, revision, change, ledger = [] }: AppliedBridge): string[] => {
  const refused = ledger.filter(({ status }) => status === 'refused').length;
  return [name, String(revision), change, refused === 0 ? '' : `${refused} refused, see bailey describe`];
};

const appliedText = ({ generation, bridges }: Applied, count: number): string => {
  const summary = `Applied ${count === 1 ? '1 resource' : `${count} resources`} (generation ${generation})\n`;
  return bridges.length === 0 ? summary : summary + table(['bridge', 'revision', 'change', 'ledger'], bridges.map(row));
};

/** `bailey apply`: all of it or nothing. Files that descriptions read are sent along. */
export const apply = async (paths: string[], flags: { json?: boolean }, io: Io): Promise<ExitCode> => {
  const resources = await loadResources(paths, io);
  const target = await targetOf('control', io);
  const body = await applyRequest(resources, { adapters, ...(await quietDeps(io.env)) });
  const request = { method: 'POST', path: '/control/v1/apply', body } as const;
  const applied = await exchangeJson<Applied>(target, request).catch((error: unknown) => {
    throw placed(error, resources);
  });
  await (flags.json ? printJson(io, applied) : io.stdout(appliedText(applied, resources.length)));
  return EXIT.done;
};
