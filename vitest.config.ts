import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// `source` makes workspace packages resolve to their TypeScript, so no test waits for a build.
// 'node' only beside it: adding 'import' breaks require('ws') inside dependencies.
const conditions = ['source', 'node'];
const exclude = ['**/node_modules/**', '**/dist/**'];

// Vite would take graphql's `module` file where its companions take Node's: two copies refuse each other's types.
const graphql = createRequire(import.meta.url).resolve('graphql');
const alias = [{ find: /^graphql$/, replacement: graphql }];

// Tests that start and kill a real server many times: once is enough, in `npm test`.
const DAEMONS = ['libs/inventory/src/embedded/**/*.test.ts'];

const minutes = (count: number) => count * 60_000;

export default defineConfig({
  ssr: { resolve: { conditions, externalConditions: conditions } },
  resolve: { conditions, alias },
  test: {
    // Vitest leaves one core to the editor; on the two of a small machine that is half of all.
    maxWorkers: availableParallelism(),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{libs,adapters,apps,test}/**/src/**/*.test.ts', 'adapters/*.test.ts', 'scripts/**/*.test.mjs'],
          exclude: [...exclude, ...DAEMONS, 'test/e2e/**'],
        },
      },
      {
        extends: true,
        test: { name: 'daemon', include: DAEMONS, exclude, testTimeout: minutes(1), hookTimeout: minutes(1) },
      },
      { extends: true, test: { name: 'golden', include: ['test/golden/**/*.test.ts'], exclude } },
      {
        extends: true,
        test: {
          name: 'conformance',
          include: ['test/conformance/*.conformance.test.ts'],
          exclude,
          testTimeout: 20_000,
          hookTimeout: minutes(1),
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude,
          testTimeout: minutes(1),
          hookTimeout: minutes(3),
          // Each file starts a whole gateway: one after the other, or two cores make them time out.
          fileParallelism: false,
        },
      },
    ],
  },
});
