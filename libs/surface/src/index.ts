export type * from './face.ts';
export * from './problem.ts';
export type * from './rest.ts';
export type * from './graphql/types.ts';
