import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import type { FloatType } from '../../../core/tensor.js';
import { Arena, buildsUnderTest, numbers, uniforms, unitRoundoff } from './testing.js';

type Variant = 'gemmNN' | 'gemmNT' | 'gemmTN';
const VARIANTS: Variant[] = ['gemmNN', 'gemmNT', 'gemmTN'];
const DTYPES: FloatType[] = ['float32', 'float64'];

interface Case {
  m: number;
  n: number;
  k: number;
  /** Extra elements per row of C, A and B. */
  gap?: number;
  bias?: boolean;
  add?: boolean;
  shift?: number;
}

/** Additions that an element's sum goes through, at most (types.ts). */
function terms(dtype: FloatType, variant: Variant, k: number): number {
  if (variant !== 'gemmNT') return Math.min(k, 256) + Math.ceil(k / 256);
  const lanes = dtype === 'float32' ? 4 : 2;
  return Math.ceil(Math.min(k, 512) / lanes) + Math.ceil(k / 512) + lanes;
}

/** Largest |error| over its bound (terms + 3)·u·Σ|a||b|. */
function worst(arena: Arena, dtype: FloatType, variant: Variant, c: Case): number {
  const next = uniforms(c.m * 7919 + c.n * 104729 + c.k * 31 + (c.gap ?? 0));
  const { m, n, k, gap = 0, shift = 0 } = c;
  const [rowsA, colsA] = variant === 'gemmTN' ? [k, m] : [m, k];
  const [rowsB, colsB] = variant === 'gemmNT' ? [n, k] : [k, n];
  const lda = colsA + gap;
  const ldb = colsB + gap;
  const ldc = n + gap;
  const length = (rows: number, cols: number): number => (rows > 0 ? (rows - 1) * (cols + gap) + cols : 0);
  const a = arena.float(dtype, numbers(dtype, length(rowsA, colsA), next), shift);
  const b = arena.float(dtype, numbers(dtype, length(rowsB, colsB), next), shift);
  const before = numbers(dtype, length(m, n), next);
  const out = arena.float(dtype, before, shift);
  const bias = c.bias ? arena.float(dtype, numbers(dtype, n, next), shift) : undefined;
  arena.floats(dtype)[variant](out.ptr, a.ptr, b.ptr, m, n, k, ldc, lda, ldb, bias?.ptr ?? 0, c.add ? 1 : 0);
  let ratio = 0;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = (c.add ? before[i * ldc + j] : 0) + (bias ? bias.view[j] : 0);
      let size = (c.add ? Math.abs(before[i * ldc + j]) : 0) + (bias ? Math.abs(bias.view[j]) : 0);
      let low = 0;
      for (let l = 0; l < k; l++) {
        const x = variant === 'gemmTN' ? a.view[l * lda + i] : a.view[i * lda + l];
        const y = variant === 'gemmNT' ? b.view[j * ldb + l] : b.view[l * ldb + j];
        const t = sum + x * y;
        low += Math.abs(sum) > Math.abs(x * y) ? sum - t + x * y : x * y - t + sum;
        sum = t;
        size += Math.abs(x * y);
      }
      const error = Math.abs(out.view[i * ldc + j] - (sum + low));
      const bound = (terms(dtype, variant, k) + 3) * unitRoundoff(dtype) * size;
      // A zero bound (k = 0 and no start) asks for exactly 0; NaN counts as worst.
      if (!(error <= bound)) return Infinity;
      if (bound > 0) ratio = Math.max(ratio, error / bound);
    }
    for (let j = n; j < ldc && i < m - 1; j++)
      if (out.view[i * ldc + j] !== before[i * ldc + j]) return Infinity;
  }
  return arena.touched() === 0 ? ratio : Infinity;
}

for (const build of buildsUnderTest(setFlagsFromString)) {
  const arena = new Arena(build);
  for (const dtype of DTYPES) {
    describe(`${build} ${dtype}`, () => {
      for (const variant of VARIANTS) {
        it(`${variant}: every tail of m, n and k`, () => {
          for (let m = 0; m <= 9; m++) {
            for (let n = 0; n <= 17; n++) {
              for (const k of [0, 1, 2, 3, 4, 5, 7, 8, 9]) {
                const c: Case = {
                  m,
                  n,
                  k,
                  bias: (m + n) % 2 === 0,
                  add: (n + k) % 3 === 0,
                  gap: m % 3,
                  shift: n % 4,
                };
                expect(worst(arena, dtype, variant, c), JSON.stringify(c)).toBeLessThanOrEqual(1);
              }
            }
          }
        });

        it(`${variant}: packed operands, partial sums, long rows`, () => {
          const cases: Case[] = [
            { m: 1, n: 64, k: 300, bias: true },
            { m: 17, n: 70, k: 257, bias: true },
            { m: 133, n: 45, k: 256, add: true },
            { m: 131, n: 5, k: 520, add: true, bias: true },
            { m: 35, n: 61, k: 530, gap: 5, shift: 1 },
            { m: 300, n: 19, k: 40, bias: true },
            { m: 18, n: 130, k: 1030, shift: 3 },
          ];
          for (const c of cases) {
            expect(worst(arena, dtype, variant, c), JSON.stringify(c)).toBeLessThanOrEqual(1);
          }
        });

        it(`${variant}: a row has the same bits in any batch`, () => {
          for (const [n, k] of [
            [2, 64],
            [10, 63],
            [33, 300],
            [64, 64],
            [65, 513],
            [150, 129],
          ]) {
            const next = uniforms(n * k);
            const most = 150;
            const a = numbers(dtype, most * k, next);
            const b = arena.float(dtype, numbers(dtype, n * k, next));
            const run = (rows: number, first: number): number[] => {
              // The rows of A from `first` on, laid out as the variant wants them.
              const values = Array.from({ length: rows * k }, (_, at) =>
                variant === 'gemmTN'
                  ? a[(first + (at % rows)) * k + Math.floor(at / rows)]
                  : a[first * k + at],
              );
              const x = arena.float(dtype, values);
              const out = arena.float(dtype, rows * n);
              const lda = variant === 'gemmTN' ? rows : k;
              const ldb = variant === 'gemmNT' ? k : n;
              arena.floats(dtype)[variant](out.ptr, x.ptr, b.ptr, rows, n, k, n, lda, ldb, 0, 0);
              return Array.from(out.view);
            };
            const whole = run(most, 0);
            for (const [rows, first] of [
              [1, 0],
              [1, 149],
              [2, 3],
              [3, 6],
              [4, 9],
              [7, 50],
              [16, 17],
              [64, 80],
            ]) {
              expect(run(rows, first), `${n} ${k} ${rows}`).toEqual(
                whole.slice(first * n, (first + rows) * n),
              );
            }
            expect(arena.touched()).toBe(0);
          }
        });
      }

      it('reads and writes nothing past any operand, here the end of the memory', () => {
        for (const variant of VARIANTS) {
          for (const [m, n, k] of [
            [1, 1, 1],
            [3, 2, 5],
            [2, 3, 3],
            [5, 5, 1],
            [4, 7, 7],
            [5, 9, 6],
            [130, 130, 70],
          ]) {
            const next = uniforms(m);
            const lengths = [m * n, m * k, k * n, n];
            for (let end = 0; end < lengths.length; end++) {
              const operands = lengths.map((l, i) =>
                i === end
                  ? arena.last(dtype, numbers(dtype, l, next))
                  : arena.float(dtype, numbers(dtype, l, next)),
              );
              const [c, a, b, bias] = operands.map((o) => o.ptr);
              const lda = variant === 'gemmTN' ? m : k;
              const ldb = variant === 'gemmNT' ? k : n;
              arena.floats(dtype)[variant](c, a, b, m, n, k, n, lda, ldb, bias, 1);
              expect(operands[0].view.every(Number.isFinite)).toBe(true);
              expect(arena.touched()).toBe(0);
            }
          }
        }
      });

      it('batched products: strides between operands, one operand shared', () => {
        const [m, n, k, count] = [5, 7, 6, 3];
        const next = uniforms(8);
        for (const variant of ['NN', 'NT', 'TN'] as const) {
          for (const shared of [false, true]) {
            const a = arena.float(dtype, numbers(dtype, count * (m * k + 2), next));
            const b = arena.float(dtype, numbers(dtype, count * k * n, next));
            const c = arena.float(dtype, numbers(dtype, count * m * n, next));
            const one = arena.float(dtype, Array.from(c.view));
            const S = dtype === 'float32' ? 4 : 8;
            const lda = variant === 'TN' ? m : k;
            const ldb = variant === 'NT' ? k : n;
            const sb = shared ? 0 : k * n;
            const kernels = arena.floats(dtype);
            kernels[`batched${variant}`](
              c.ptr,
              a.ptr,
              b.ptr,
              count,
              m * n,
              m * k + 2,
              sb,
              m,
              n,
              k,
              n,
              lda,
              ldb,
              1,
            );
            for (let i = 0; i < count; i++) {
              const [pc, pa, pb] = [one.ptr + i * m * n * S, a.ptr + i * (m * k + 2) * S, b.ptr + i * sb * S];
              kernels[`gemm${variant}`](pc, pa, pb, m, n, k, n, lda, ldb, 0, 1);
            }
            expect(Array.from(c.view)).toEqual(Array.from(one.view));
            expect(arena.touched()).toBe(0);
          }
        }
      });
    });
  }
}
