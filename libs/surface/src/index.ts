export * from './errors-page.ts';
export type * from './face.ts';
export * from './problem.ts';
export * from './rest.ts';
export * from './validate.ts';
export type * from './graphql/types.ts';
