import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // Native addons (ONNX Runtime) live in processes of their own, not in worker threads.
    pool: 'forks',
    // No test asserts a time; this only ends one that hangs.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    passWithNoTests: true,
  },
});
