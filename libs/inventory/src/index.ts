export * from './document.ts';
export * from './embedded/embedded-postgres.ts';
export * from './store.ts';
