import { Failure, type Adapter, type Contract, type Described, type Ledger } from '@bailey/contract';
import { describedText } from './described-text.ts';
import { EXIT, UsageError, type ExitCode } from './exit.ts';
import { printJson, type Io } from './io.ts';
import { adapterNamed, offlineHost, withOnlineHost } from './offline-host.ts';
import { fileAsWritten, inFull, isUrl, textAsWritten } from './source-path.ts';

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

const read = async (adapter: Adapter, source: string, flags: DescribeFlags, io: Io): Promise<Described> => {
  const bare = adapter.offline?.connection(source);
  if (bare === undefined) throw new UsageError(`the adapter "${adapter.kind}" describes nothing offline`);
  const connection = { ...(bare as object), ...flags.connection };
  const options = { operations: {} };
  if (!isUrl(source)) return adapter.describe(connection, offlineHost(io.cwd), options);
  const allow = adapter.egress(connection, undefined);
  return withOnlineHost(io.cwd, allow, (host) => adapter.describe(connection, host, options));
};

const errorOf = (error: unknown, source: string, io: Io): SourceError => {
  const { code, message, options } = Failure.from(error);
  const { file, line, construct } = options.more ?? {};
  return {
    code,
    file: typeof file === 'string' ? fileAsWritten(file, source, io) : source,
    line: typeof line === 'number' ? line : 1,
    construct: typeof construct === 'string' ? construct : 'file',
    message: textAsWritten(message, source, io),
  };
};

const ledgerOf = ({ ledger }: Described, source: string, io: Io): Ledger =>
  ledger.map((entry) => ({ ...entry, where: { ...entry.where, file: fileAsWritten(entry.where.file, source, io) } }));

/** Never rejects: one bad source does not hide what the others have to say. */
const reportOf = async (adapter: Adapter, source: string, flags: DescribeFlags, io: Io): Promise<SourceReport> => {
  const start = performance.now();
  const elapsed = (): number => Math.round((performance.now() - start) * 10) / 10;
  try {
    const described = await read(adapter, inFull(source, io), flags, io);
    const { contract, plan } = described;
    return { source, ok: true, ms: elapsed(), contract, plan, ledger: ledgerOf(described, source, io) };
  } catch (error) {
    return { source, ok: false, ms: elapsed(), error: errorOf(error, source, io) };
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
