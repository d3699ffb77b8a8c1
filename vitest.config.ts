import { defineConfig } from 'vitest/config';

/** Limits are for what hangs: a machine that has much to do stands still for seconds. */
const patient = { testTimeout: 60_000, expect: { poll: { timeout: 10_000 } } };
const lane = (name: string, include: string[], more: object = {}) => ({ test: { name, include, ...patient, ...more } });
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
      lane('docs', ['test/**/*.docs.test.ts']),
      lane('int', ['{packages,services}/*/test/**/*.int.test.ts'], engines),
      lane('e2e', ['test/**/*.e2e.test.ts'], { ...engines, testTimeout: 300_000 }),
    ],
  },
});
