export * from './document.ts';
export * from './embedded/embedded-postgres.ts';
export * from './store/open-store.ts';
export * from './store/store.ts';
