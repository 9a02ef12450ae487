import { FAULTS, statusOf, type FaultRow } from '@bailey/contract';

const cell = (text: string): string => text.replaceAll('|', '\\|');

const line = ([code, row]: [string, FaultRow]): string =>
  `| \`${code}\` | ${statusOf(row.kind)} | ${row.retry} | ${[row.meaning, row.caller, row.operator].map(cell).join(' | ')} |`;

/** The whole text of `docs/errors.md`. */
export const errorsMarkdown = (): string =>
  `# Errors

Every answer that is not a success is an RFC 9457 problem document (\`application/problem+json\`); GraphQL errors carry
the same members in \`extensions\`. \`code\` is one of these, or the declared fault of a legacy system in UPPER_SNAKE
(422 unless its resource file says otherwise). This page is generated from \`libs/contract/src/fault.ts\`.

| code | status | retry | meaning | what the caller does | what the operator does |
| --- | --- | --- | --- | --- | --- |
${Object.entries(FAULTS).map(line).join('\n')}
`;
