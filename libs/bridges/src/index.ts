export * from './deps.ts';
export * from './live.ts';
