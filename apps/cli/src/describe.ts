import { resolve, sep } from 'node:path';
import { Failure, type Adapter, type Contract, type Described, type Ledger } from '@bailey/contract';
import { describedText } from './described-text.ts';
import { EXIT, UsageError, type ExitCode } from './exit.ts';
import { printJson, type Io } from './io.ts';
import { adapterNamed, offlineHost, withOnlineHost } from './offline-host.ts';

/** One line of `bailey describe --json`. */
export interface SourceReport {
  source: string;
  ok: boolean;
  ms: number;
  contract?: Contract;
  plan?: unknown;
  ledger?: Ledger;
  error?: SourceError;
}

/** Why a source was refused; `line` is 1-based. */
export interface SourceError {
  code: string;
  file: string;
  line: number;
  construct: string;
  message: string;
}

export interface DescribeFlags {
  json?: boolean;
  /** Members of the connection besides the source: `service`, `port`. */
  connection: Record<string, string>;
}

const isUrl = (source: string): boolean => /^https?:\/\//i.test(source);

/**
 * Absolute for the adapter, since a relative entry may not import from above the working folder: that guards uploads,
 * while here the user may read what the user may read.
 */
const inFull = (source: string, { cwd }: Io): string => (isUrl(source) ? source : resolve(cwd, source));

/** Turns places back into what the user wrote. */
const asWritten =
  (source: string, { cwd }: Io) =>
  (text: string): string =>
    source.startsWith(sep) ? text : text.replaceAll(cwd.endsWith(sep) ? cwd : cwd + sep, '');

const read = async (adapter: Adapter, source: string, flags: DescribeFlags, io: Io): Promise<Described> => {
  const bare = adapter.offline?.connection(source);
  if (bare === undefined) throw new UsageError(`the adapter "${adapter.kind}" describes nothing offline`);
  const connection = { ...(bare as object), ...flags.connection };
  const options = { operations: {} };
  if (!isUrl(source)) return adapter.describe(connection, offlineHost(io.cwd), options);
  const allow = adapter.egress(connection, undefined);
  return withOnlineHost(io.cwd, allow, (host) => adapter.describe(connection, host, options));
};

const errorOf = (error: unknown, source: string, written: (text: string) => string): SourceError => {
  const { code, message, options } = Failure.from(error);
  const { file, line, construct } = options.more ?? {};
  return {
    code,
    file: typeof file === 'string' ? written(file) : source,
    line: typeof line === 'number' ? line : 1,
    construct: typeof construct === 'string' ? construct : 'file',
    message: written(message),
  };
};

const located = (ledger: Ledger, written: (text: string) => string): Ledger =>
  ledger.map((entry) => ({ ...entry, where: { ...entry.where, file: written(entry.where.file) } }));

/** Never rejects: one bad source does not hide what the others have to say. */
const reportOf = async (adapter: Adapter, source: string, flags: DescribeFlags, io: Io): Promise<SourceReport> => {
  const start = performance.now();
  const written = asWritten(source, io);
  const elapsed = (): number => Math.round((performance.now() - start) * 10) / 10;
  try {
    const { contract, plan, ledger } = await read(adapter, inFull(source, io), flags, io);
    return { source, ok: true, ms: elapsed(), contract, plan, ledger: located(ledger, written) };
  } catch (error) {
    return { source, ok: false, ms: elapsed(), error: errorOf(error, source, written) };
  }
};

/** `bailey describe`: what an adapter makes of each source; failed when any is refused. */
export const describe = async (kind: string, sources: string[], flags: DescribeFlags, io: Io): Promise<ExitCode> => {
  const adapter = await adapterNamed(kind);
  let exit: ExitCode = EXIT.done;
  for (const source of sources) {
    const report = await reportOf(adapter, source, flags, io);
    await (flags.json ? printJson(io, report) : io.stdout(describedText(report)));
    if (!report.ok) exit = EXIT.failed;
  }
  return exit;
};
