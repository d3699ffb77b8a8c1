import { defineConfig } from 'vitest/config';

const lane = (name: string, include: string[], more: object = {}) => ({ test: { name, include, ...more } });
const engines = {
  globalSetup: ['test/engine-pair.ts'],
  setupFiles: ['test/exit-on-signal.ts'],
  testTimeout: 120_000,
  hookTimeout: 120_000,
  fileParallelism: false,
};

export default defineConfig({
  test: {
    projects: [
      lane('unit', ['{packages,services}/*/test/**/*.unit.test.ts', 'test/**/*.unit.test.ts'], { isolate: false, pool: 'threads' }),
      lane('arch', ['test/**/*.arch.test.ts'], { testTimeout: 120_000 }),
      lane('docs', ['test/**/*.docs.test.ts'], { testTimeout: 60_000 }),
      lane('int', ['{packages,services}/*/test/**/*.int.test.ts'], engines),
      lane('e2e', ['test/**/*.e2e.test.ts'], { ...engines, testTimeout: 300_000 }),
    ],
  },
});
