import path from 'node:path';
import { defineConfig } from 'vitest/config';

const report = process.env.MESH_TEST_REPORT;
const fromRoot = (file: string) => path.join(import.meta.dirname, file);

// `unit` needs nothing, `reference` builds and runs the example's services, `cli` spawns the built program, `engine` needs a Docker engine and says so where there is none.
export default defineConfig({
  test: {
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/golden/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        resolve: {
          alias: {
            // The sources, so that a test never runs against what was built before the last change.
            '@toskamesh/shared/grpc': fromRoot('examples/toskamesh/shared/src/discovery-proto.ts'),
            '@toskamesh/shared': fromRoot('examples/toskamesh/shared/src/index.ts'),
          },
        },
        test: {
          name: 'reference',
          include: ['examples/toskamesh/test/**/*.test.ts', 'examples/toskamesh/shared/test/**/*.test.ts'],
          globalSetup: ['examples/toskamesh/test/setup/build-services.ts'],
          testTimeout: 60_000,
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
          globalSetup: ['test/engine/setup/require-engine.ts', 'examples/toskamesh/test/setup/build-services.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          // Two cores and one engine: side by side they would only slow each other down.
          fileParallelism: false,
        },
      },
    ],
  },
});
