import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { Arena, buildsUnderTest, numbers, uniforms, unitRoundoff } from './testing.js';

/** Shapes [m, k, n] with every tail, empty ones, and stretches of partial sums. */
const SHAPES: [m: number, k: number, n: number][] = [];
for (let k = 0; k <= 9; k++) for (let n = 0; n <= 9; n++) SHAPES.push([k % 3, k, n]);
SHAPES.push([3, 33, 1], [2, 1025, 1], [1, 300, 37], [2, 257, 70], [1, 5000, 3], [1, 2100, 1], [3, 17, 16]);

for (const build of buildsUnderTest(setFlagsFromString)) {
  const arena = new Arena(build);
  for (const dtype of ['float32', 'float64'] as const) {
    const kernels = arena.kernels[dtype];
    const u = unitRoundoff(dtype);

    describe(`${build} ${dtype} reductions`, () => {
      it('sum and max over a middle axis, or the first, with any strides', () => {
        for (const [m, k, n] of SHAPES) {
          for (const turned of [false, true]) {
            for (const add of [0, 1]) {
              // x is [m, k, n], or the same read from [m, n, k].
              const [xk, xn] = turned ? [1, k] : [n, 1];
              const next = uniforms(m + 10 * k + 100 * n);
              const x = arena.float(dtype, numbers(dtype, m * k * n, next), k % 4);
              const start = numbers(dtype, m * n, next);
              const sum = arena.float(dtype, start, n % 4);
              const max = arena.float(dtype, start);
              kernels.sum.columns(sum.ptr, x.ptr, m, k, n, k * n, xk, xn, add);
              kernels.max.columns(max.ptr, x.ptr, m, k, n, k * n, xk, xn, add);
              for (let i = 0; i < m; i++) {
                for (let j = 0; j < n; j++) {
                  const terms = Array.from({ length: k }, (_, l) => x.view[i * k * n + l * xk + j * xn]);
                  if (add) terms.push(start[i * n + j]);
                  const exact = terms.reduce((s, t) => s + t, 0);
                  const size = terms.reduce((s, t) => s + Math.abs(t), 0);
                  const bound = (Math.min(k, 256) + k / 256 + 8) * u * size + k * 2 ** -53 * size;
                  expect(Math.abs(sum.view[i * n + j] - exact)).toBeLessThanOrEqual(bound);
                  expect(max.view[i * n + j]).toBe(Math.max(...terms));
                }
              }
              expect(arena.touched()).toBe(0);
            }
          }
        }
      });

      it('sum and max along rows', () => {
        for (const [m, k] of [...SHAPES.map(([m0, k0]) => [m0, k0]), [2, 63], [4, 5001]]) {
          for (const add of [0, 1]) {
            const next = uniforms(m + 10 * k);
            const xm = k + 3;
            const x = arena.float(dtype, numbers(dtype, m > 0 ? (m - 1) * xm + k : 0, next), k % 4);
            const start = numbers(dtype, m, next);
            const sum = arena.float(dtype, start);
            const max = arena.float(dtype, start);
            kernels.sum.rows(sum.ptr, x.ptr, m, k, xm, add);
            kernels.max.rows(max.ptr, x.ptr, m, k, xm, add);
            for (let i = 0; i < m; i++) {
              const terms = Array.from(x.view.subarray(i * xm, i * xm + k));
              if (add) terms.push(start[i]);
              const exact = terms.reduce((s, t) => s + t, 0);
              const size = terms.reduce((s, t) => s + Math.abs(t), 0);
              const bound = (Math.min(k, 256) + k / 256 + 8) * u * size + k * 2 ** -53 * size;
              expect(Math.abs(sum.view[i] - exact)).toBeLessThanOrEqual(bound);
              expect(max.view[i]).toBe(Math.max(...terms));
            }
            expect(arena.touched()).toBe(0);
          }
        }
      });

      it('a long sum of equal numbers keeps the error of its stretches', () => {
        const k = 200_000;
        const tenth = dtype === 'float32' ? Math.fround(0.1) : 0.1;
        const x = arena.float(dtype, new Array<number>(k).fill(tenth));
        const y = arena.float(dtype, 2);
        kernels.sum.rows(y.ptr, x.ptr, 1, k, k, 0);
        kernels.sum.columns(y.ptr + (dtype === 'float32' ? 4 : 8), x.ptr, 1, k, 1, 0, 1, 1, 0);
        for (const sum of y.view) {
          expect(Math.abs(sum / (k * tenth) - 1)).toBeLessThanOrEqual((256 + k / 256 + 8) * u);
        }
        expect(arena.touched()).toBe(0);
      });

      it('a result has the same bits however many lie beside it', () => {
        const next = uniforms(4);
        const k = 700;
        const values = numbers(dtype, 40 * k, next);
        const x = arena.float(dtype, values);
        const rows = arena.float(dtype, 40);
        const columns = arena.float(dtype, 40);
        kernels.sum.rows(rows.ptr, x.ptr, 40, k, k, 0);
        kernels.sum.columns(columns.ptr, x.ptr, 1, k, 40, 0, 40, 1, 0);
        const size = dtype === 'float32' ? 4 : 8;
        for (let n = 1; n <= 9; n++) {
          const part = arena.float(dtype, n);
          kernels.sum.rows(part.ptr, x.ptr + 7 * k * size, n, k, k, 0);
          expect(Array.from(part.view)).toEqual(Array.from(rows.view.subarray(7, 7 + n)));
          for (const from of [0, 1, 17, 31]) {
            kernels.sum.columns(part.ptr, x.ptr + from * size, 1, k, n, 0, 40, 1, 0);
            expect(Array.from(part.view)).toEqual(Array.from(columns.view.subarray(from, from + n)));
            // The same elements, read with a stride between results.
            kernels.sum.columns(part.ptr, x.ptr + from * size, 1, k, 1, 0, 40, 5, 0);
            expect(part.view[0]).toBe(columns.view[from]);
          }
        }
        expect(arena.touched()).toBe(0);
      });

      it('max keeps NaN and infinities', () => {
        for (let n = 1; n <= 9; n++) {
          for (let at = 0; at < n; at++) {
            const x = arena.float(
              dtype,
              Array.from({ length: n }, (_, i) => (i === at ? NaN : -i)),
            );
            const y = arena.float(dtype, n);
            kernels.max.rows(y.ptr, x.ptr, 1, n, n, 0);
            expect(y.view[0]).toBeNaN();
            kernels.max.columns(y.ptr, x.ptr, 1, n, 1, 0, 1, 1, 0);
            expect(y.view[0]).toBeNaN();
            x.view[at] = Infinity;
            kernels.max.rows(y.ptr, x.ptr, 1, n, n, 0);
            expect(y.view[0]).toBe(Infinity);
            expect(arena.touched()).toBe(0);
          }
        }
      });
    });

    describe(`${build} ${dtype} softmax`, () => {
      /** Errors of softmax relative to its value, and of log-softmax to |max| + |result|, in units of u. */
      function check(rows: number[][]): void {
        const [m, n] = [rows.length, rows[0].length];
        const x = arena.float(dtype, rows.flat(), n % 4);
        const p = arena.float(dtype, m * n, 1);
        const l = arena.float(dtype, m * n, 2);
        kernels.softmax(p.ptr, x.ptr, m, n);
        kernels.logSoftmax(l.ptr, x.ptr, m, n);
        for (let i = 0; i < m; i++) {
          const row = Array.from(x.view.subarray(i * n, i * n + n));
          const top = Math.max(...row);
          const sum = row.reduce((s, v) => s + Math.exp(v - top), 0);
          for (let j = 0; j < n; j++) {
            const want = Math.exp(row[j] - top) / sum;
            const least = dtype === 'float32' ? 2 ** -126 : 2 ** -1022;
            // x − max is rounded before the exponential: |x − max|·u of its own.
            const bound = (12 + n / 4 + 2 * (top - row[j])) * u * want + least;
            expect(Math.abs(p.view[i * n + j] - want)).toBeLessThanOrEqual(bound);
            const log = row[j] - top - Math.log(sum);
            const slack = (8 + n / 4 + 3 * (top - row[j]) + 3 * Math.log(sum)) * u;
            expect(Math.abs(l.view[i * n + j] - log)).toBeLessThanOrEqual(slack);
          }
        }
        expect(arena.touched()).toBe(0);
      }

      it('agrees with its definition for every row length', () => {
        for (let n = 1; n <= 18; n++) {
          const next = uniforms(n);
          for (const scale of [1, 30, 300]) {
            check(Array.from({ length: 5 }, () => numbers(dtype, n, next, scale)));
          }
        }
        check([numbers(dtype, 1000, uniforms(5), 20)]);
      });

      it('gives exact zeros for −∞, NaN for NaN, and works in place', () => {
        const x = arena.float(dtype, [-Infinity, 0, -Infinity, 0, 1, NaN, 2, 3]);
        kernels.softmax(x.ptr, x.ptr, 2, 4);
        expect(Array.from(x.view)).toEqual([0, 0.5, 0, 0.5, NaN, NaN, NaN, NaN]);
        const z = arena.float(dtype, [-Infinity, 0, -Infinity, 0, 0]);
        kernels.logSoftmax(z.ptr, z.ptr, 1, 5);
        expect(Array.from(z.view)[0]).toBe(-Infinity);
        expect(z.view[1]).toBeCloseTo(-Math.log(3), 6);
        expect(arena.touched()).toBe(0);
      });

      it('a row has the same bits in any batch', () => {
        for (const n of [1, 2, 3, 6, 10, 17]) {
          const x = arena.float(dtype, numbers(dtype, 30 * n, uniforms(n), 5));
          const whole = arena.float(dtype, 30 * n);
          for (const f of [kernels.softmax, kernels.logSoftmax]) {
            f(whole.ptr, x.ptr, 30, n);
            for (const [rows, from] of [
              [1, 0],
              [1, 29],
              [2, 5],
              [7, 3],
            ]) {
              const part = arena.float(dtype, rows * n);
              f(part.ptr, x.ptr + from * n * (dtype === 'float32' ? 4 : 8), rows, n);
              expect(Array.from(part.view)).toEqual(
                Array.from(whole.view.subarray(from * n, (from + rows) * n)),
              );
            }
          }
          expect(arena.touched()).toBe(0);
        }
      });
    });
  }
}
