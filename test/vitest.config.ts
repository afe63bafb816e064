import { defineConfig } from 'vitest/config';

// The native module runner: Vitest's own slows cross-module hot loops by up to 39 times.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.full.test.ts'],
    reporters: ['default', './test/support/reporter.ts'],
    experimental: { viteModuleRunner: false },
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
