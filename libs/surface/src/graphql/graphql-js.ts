// By the file that Node takes for 'graphql': Vite would take the package's `module` file instead, while graphql-http and
// graphql-jit have Node's, and of two copies neither accepts the other's errors and types.
export * from 'graphql/index.js';
