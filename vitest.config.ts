import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { doorsOf } from './scripts/doors.mjs';

const manifest: unknown = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const doors = doorsOf(manifest);

export default defineConfig({
  // Examples and studies import the package by its name; under test that is the source.
  resolve: { alias: doors.map(({ door, file }) => ({ find: new RegExp(`^${door}$`), replacement: file })) },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'studies/**/*.test.ts'],
    // Native addons (ONNX Runtime) live in processes of their own, not in worker threads.
    pool: 'forks',
    // No test asserts a time; this only ends one that hangs.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    passWithNoTests: true,
  },
});
