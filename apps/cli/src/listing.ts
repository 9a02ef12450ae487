import { exchangeJson } from './client.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { printJson, type Io } from './io.ts';
import { COLUMNS, type Listed } from './lists.ts';
import { table } from './table.ts';
import { targetOf, type Target } from './target.ts';

type Row = Record<string, unknown>;

interface Page {
  items: Row[];
  next?: string | null;
}

const PAGE_SIZE = 1_000;

const readAllPages = async (target: Target, list: Listed): Promise<Row[]> => {
  const rows: Row[] = [];
  let after: string | null | undefined;
  do {
    const query = new URLSearchParams({ first: String(PAGE_SIZE), ...(after && { after }) });
    const page = await exchangeJson<Page>(target, { method: 'GET', path: `/control/v1/${list}?${query}` });
    rows.push(...page.items);
    after = page.next;
  } while (after);
  return rows;
};

const cell = (value: unknown): string => {
  if (Array.isArray(value)) return value.length === 0 ? 'all' : value.join(', ');
  return value === undefined || value === null ? '-' : String(value);
};

/** `bailey systems`, `bridges`, `pathways`. */
export const list = async (what: Listed, flags: { json?: boolean }, io: Io): Promise<ExitCode> => {
  const rows = await readAllPages(await targetOf('control', io), what);
  const columns = COLUMNS[what];
  const cells = (row: Row): string[] => columns.map((column) => cell(row[column]));
  const text = rows.length === 0 ? `There are no ${what}.\n` : table(columns, rows.map(cells));
  await (flags.json ? printJson(io, rows) : io.stdout(text));
  return EXIT.done;
};
