import { defineConfig } from 'vitest/config';

// `source` makes workspace packages resolve to their TypeScript, so no test waits for a build.
// 'node' only beside it: adding 'import' breaks require('ws') inside dependencies.
const conditions = ['source', 'node'];

export default defineConfig({
  ssr: { resolve: { conditions, externalConditions: conditions } },
  resolve: { conditions },
  test: { include: ['{libs,adapters,apps,test}/**/*.test.ts'], exclude: ['**/node_modules/**', '**/dist/**'] },
});
