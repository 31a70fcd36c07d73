import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { Arena, buildsUnderTest, numbers, uniforms, unitRoundoff } from './testing.js';

for (const build of buildsUnderTest(setFlagsFromString)) {
  const arena = new Arena(build);
  for (const dtype of ['float32', 'float64'] as const) {
    const kernels = arena.kernels[dtype];
    const u = unitRoundoff(dtype);

    describe(`${build} ${dtype} optimiser steps`, () => {
      it('sgd with and without momentum', () => {
        for (let n = 0; n <= 9; n++) {
          const next = uniforms(n);
          const [p0, v0, g0] = [numbers(dtype, n, next), numbers(dtype, n, next), numbers(dtype, n, next)];
          for (const state of [false, true]) {
            const [p, v, g] = [p0, v0, g0].map((values, i) => arena.float(dtype, values, i));
            kernels.sgd(p.ptr, state ? v.ptr : 0, g.ptr, n, 0.125, 0.875, 0.25);
            for (let i = 0; i < n; i++) {
              const d = (state ? 0.875 * v0[i] : 0) + (g0[i] + 0.25 * p0[i]);
              expect(Math.abs(v.view[i] - (state ? d : v0[i]))).toBeLessThanOrEqual(8 * u);
              expect(Math.abs(p.view[i] - (p0[i] - 0.125 * d))).toBeLessThanOrEqual(8 * u);
            }
            expect(arena.touched()).toBe(0);
          }
        }
      });

      it('adam over several steps', () => {
        for (const n of [1, 2, 3, 4, 5, 11]) {
          const next = uniforms(n);
          const start = numbers(dtype, n, next);
          const [p, m, v] = [start, start.map(() => 0), start.map(() => 0)].map((a, i) =>
            arena.float(dtype, a, i),
          );
          const want = { p: [...start], m: start.map(() => 0), v: start.map(() => 0) };
          const [rate, b1, b2, eps, decay] = [0.01, 0.875, 0.9375, 2 ** -20, 0.125];
          for (let t = 1; t <= 5; t++) {
            const g = arena.float(dtype, numbers(dtype, n, next));
            const [c1, c2] = [1 / (1 - b1 ** t), 1 / (1 - b2 ** t)];
            kernels.adam(p.ptr, m.ptr, v.ptr, g.ptr, n, rate, b1, b2, eps, c1, c2, decay);
            for (let i = 0; i < n; i++) {
              want.m[i] = b1 * want.m[i] + (1 - b1) * g.view[i];
              want.v[i] = b2 * want.v[i] + (1 - b2) * g.view[i] ** 2;
              const step = (want.m[i] * c1) / (Math.sqrt(want.v[i] * c2) + eps);
              want.p[i] -= rate * (step + decay * want.p[i]);
              expect(Math.abs(m.view[i] - want.m[i])).toBeLessThanOrEqual(10 * t * u);
              expect(Math.abs(v.view[i] - want.v[i])).toBeLessThanOrEqual(10 * t * u);
              expect(Math.abs(p.view[i] - want.p[i])).toBeLessThanOrEqual(10 * t * u);
            }
          }
          expect(arena.touched()).toBe(0);
        }
      });
    });
  }
}
