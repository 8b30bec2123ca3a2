import { defineConfig } from 'vitest/config';

const report = process.env.MESH_TEST_REPORT;

// `unit` needs nothing, `cli` spawns the built program, `engine` needs a Docker engine and says so where there is none.
export default defineConfig({
  test: {
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/golden/*.test.ts', 'examples/*/test/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: { name: 'cli', include: ['test/cli/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 180_000 },
      },
      {
        extends: true,
        test: {
          name: 'engine',
          include: ['test/engine/**/*.test.ts'],
          globalSetup: ['test/engine/setup/require-engine.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          // Two cores and one engine: side by side they would only slow each other down.
          fileParallelism: false,
        },
      },
    ],
  },
});
