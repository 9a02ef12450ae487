export type { CatalogueDeps } from './deps.ts';
export { startCatalogue, type RunningCatalogue } from './start-catalogue.ts';
