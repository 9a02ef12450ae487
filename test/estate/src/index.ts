export { POLICY_WSDL } from './estate.ts';
export { Journal } from './journal.ts';
export type { JournalEntry, JournalPage } from './journal.ts';
export { startPolicySystem } from './policy-system.ts';
export type { PolicySystem } from './policy-system.ts';
export type { Trouble } from './trouble.ts';
