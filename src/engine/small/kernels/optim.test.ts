import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { descendPlainly } from '../../descend.js';
import { Arena, buildsUnderTest, numbers, uniforms, unitRoundoff } from './testing.js';

for (const build of buildsUnderTest(setFlagsFromString)) {
  const arena = new Arena(build);
  for (const dtype of ['float32', 'float64'] as const) {
    const kernels = arena.kernels[dtype];
    const eps = unitRoundoff(dtype);

    describe(`${build} ${dtype} optimiser steps`, () => {
      const starts = (n: number, next: () => number) => [numbers(dtype, n, next), numbers(dtype, n, next)];
      const far = (got: ArrayLike<number>, want: ArrayLike<number>): number =>
        Math.max(0, ...Array.from(want, (w, i) => Math.abs(got[i] - w) / Math.max(1, Math.abs(w))));

      it('sgd with and without momentum is the plain loop, at every length', () => {
        for (let n = 0; n <= 9; n++) {
          const next = uniforms(n);
          const [p0, g0] = starts(n, next);
          const u0 = numbers(dtype, n, next);
          for (const momentum of [0, 0.875]) {
            const [p, u, g] = [p0, u0, g0].map((values, i) => arena.float(dtype, values, i));
            const want = [p0, u0].map((a) => Float64Array.from(a));
            const rule = { kind: 'sgd', rate: 0.125, momentum } as const;
            descendPlainly(rule, want[0], [want[1]], Float64Array.from(g0), 0.75);
            kernels.sgd(p.ptr, momentum === 0 ? 0 : u.ptr, g.ptr, n, 0.75, 0.125, momentum);
            expect(far(p.view, want[0])).toBeLessThanOrEqual(4 * eps);
            expect(far(u.view, want[1])).toBeLessThanOrEqual(4 * eps);
            expect(arena.touched()).toBe(0);
          }
        }
      });

      it('rmsprop and adam are the plain loops over several steps', () => {
        for (const n of [1, 2, 3, 4, 5, 11]) {
          const next = uniforms(n);
          const start = numbers(dtype, n, next);
          const [rate, alpha, epsilon] = [0.01, 0.875, 2 ** -10];
          for (const rule of [
            { kind: 'rmsprop', rate, alpha, epsilon, epsilonInside: true },
            { kind: 'rmsprop', rate, alpha, epsilon, epsilonInside: false },
            { kind: 'adam', rate, beta1: alpha, beta2: 0.9375, epsilon },
          ] as const) {
            const [p, a, b] = [start, start.map(() => 0), start.map(() => 0)].map((x, i) =>
              arena.float(dtype, x, i),
            );
            const want = [start, start.map(() => 0), start.map(() => 0)].map((x) => Float64Array.from(x));
            for (let t = 1; t <= 5; t++) {
              const g0 = numbers(dtype, n, next);
              const g = arena.float(dtype, g0);
              descendPlainly(rule, want[0], want.slice(1), Float64Array.from(g0), 0.5);
              if (rule.kind === 'adam') {
                const { beta1, beta2 } = rule;
                kernels.adam(
                  p.ptr,
                  a.ptr,
                  b.ptr,
                  g.ptr,
                  n,
                  0.5,
                  rate,
                  beta1,
                  1 - beta1,
                  beta2,
                  1 - beta2,
                  epsilon,
                );
              } else {
                const inside = rule.epsilonInside ? 1 : 0;
                kernels.rmsprop(p.ptr, a.ptr, g.ptr, n, 0.5, rate, alpha, 1 - alpha, epsilon, inside);
              }
              for (const [got, ideal] of [p, a, b].map((x, i) => [x.view, want[i]] as const))
                expect(far(got, ideal)).toBeLessThanOrEqual(10 * t * eps);
            }
            expect(arena.touched()).toBe(0);
          }
        }
      });
    });
  }
}
