export * from './adapter.ts';
export * from './call.ts';
export * from './contract.ts';
export * from './fault.ts';
export * from './json.ts';
export * from './ledger.ts';
export * from './names.ts';
export * from './scalar.ts';
