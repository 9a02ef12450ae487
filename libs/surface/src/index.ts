export * from './errors-page.ts';
export type * from './face.ts';
export * from './graphql/handler.ts';
export * from './graphql/schema.ts';
export * from './graphql/type-map.ts';
export type * from './graphql/types.ts';
export * from './problem.ts';
export * from './rest.ts';
export * from './validate.ts';
