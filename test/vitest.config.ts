import { defineConfig } from 'vitest/config';

// The native module runner: Vitest's own slows cross-module hot loops by up to 39 times.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.full.test.ts'],
    reporters: ['default', './test/support/reporter.ts'],
    experimental: { viteModuleRunner: false },
    pool: 'forks',
    // Many tests wait for sockets, audio in real time or a browser; the default, a core less than there are, idles.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
