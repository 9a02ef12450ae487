import type { Contract, JsonSchema, Ledger, LedgerEntry, Operation } from '@bailey/contract';
import type { SourceReport } from './describe.ts';
import { table } from './table.ts';

const target = ({ $defs }: Contract, schema: JsonSchema): JsonSchema => {
  const name = schema.$ref?.replace('#/$defs/', '');
  return (name !== undefined && $defs[name]) || schema;
};

/** `name, name?`: a question mark where it may be left out. */
const fields = (contract: Contract, schema: JsonSchema | undefined): string => {
  if (schema === undefined) return 'nothing';
  const { properties = {}, required = [], type } = target(contract, schema);
  const names = Object.keys(properties).map((name) => (required.includes(name) ? name : `${name}?`));
  return names.length > 0 ? names.join(', ') : type === 'object' ? '{}' : String(type ?? 'value');
};

const operationRow = (contract: Contract, operation: Operation): string[] => [
  operation.name,
  operation.effect,
  `${fields(contract, operation.input)} → ${fields(contract, operation.output)}`,
];

const count = (ledger: Ledger, status: LedgerEntry['status']): string =>
  `${ledger.filter((entry) => entry.status === status).length} ${status}`;

const remark = ({ where, construct, name, status, note }: LedgerEntry): string =>
  `  ${where.file}:${where.line}: ${status} ${construct} ${name}${note === undefined ? '' : `: ${note}`}\n`;

const ledgerText = (ledger: Ledger): string => {
  const summary = (['supported', 'approximated', 'refused'] as const).map((status) => count(ledger, status)).join(', ');
  const remarks = ledger.filter(({ status }) => status !== 'supported').map(remark);
  return `Ledger: ${summary}\n${remarks.join('')}`;
};

/** A description for people: its operations, and what the ledger has to remark. */
export const describedText = ({ source, ms, contract, ledger = [], error }: SourceReport): string => {
  if (error) return `${error.file}:${error.line}: ${error.construct}: ${error.message}\n`;
  const rows = contract?.operations.map((operation) => operationRow(contract, operation)) ?? [];
  return `${source} (${ms} ms)\n${table(['operation', 'effect', 'input → output'], rows)}${ledgerText(ledger)}\n`;
};
