import { setFlagsFromString } from 'node:v8';
import { describe as group, expect, it } from 'vitest';
import type { FloatType } from '../../../core/tensor.js';
import { describe } from './describe.js';
import { Arena, buildsUnderTest, numbers, uniforms, ulps } from './testing.js';
import type { Binary, BinaryKernels, CompareKernels, Unary } from './types.js';

const ARITHMETIC: Record<keyof BinaryKernels, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  max: Math.max,
  min: Math.min,
  pow: Math.pow,
};

const COMPARISONS: Record<keyof CompareKernels, (a: number, b: number) => boolean> = {
  greater: (a, b) => a > b,
  greaterOrEqual: (a, b) => a >= b,
  less: (a, b) => a < b,
  lessOrEqual: (a, b) => a <= b,
  equal: (a, b) => a === b,
};

const SPECIAL = [0, -0, 1, -1, 2, 0.5, -3, Infinity, -Infinity, NaN, 1e-40, 3e38, -2.5];

/** Operands with specials among random numbers; some equal pairs. */
function operands(dtype: FloatType, n: number, seed: number): number[] {
  const next = uniforms(seed);
  const values = numbers(dtype, n, next, 4);
  const round = dtype === 'float32' ? Math.fround : (x: number): number => x;
  return values.map((v, i) => (i % 3 === 1 ? round(SPECIAL[Math.floor(next() * SPECIAL.length)]) : v));
}

/** Where the two operands of element (r, c) of a block lie. */
interface Form {
  name: string;
  a: [row: number, column: number];
  b: [row: number, column: number];
}

const forms = (cols: number): Form[] => [
  { name: 'same shape', a: [cols, 1], b: [cols, 1] },
  { name: 'scalar right', a: [cols, 1], b: [0, 0] },
  { name: 'scalar left', a: [0, 0], b: [cols, 1] },
  { name: 'row right', a: [cols, 1], b: [0, 1] },
  { name: 'row left', a: [0, 1], b: [cols, 1] },
  { name: 'column right', a: [cols, 1], b: [1, 0] },
  { name: 'column left', a: [1, 0], b: [cols, 1] },
  { name: 'outer', a: [1, 0], b: [0, 1] },
  { name: 'transposed', a: [1, 3], b: [cols, 1] },
];

const extent = (rows: number, cols: number, [r, c]: [number, number]): number =>
  rows * cols === 0 ? 1 : (rows - 1) * r + (cols - 1) * c + 1;

for (const build of buildsUnderTest(setFlagsFromString)) {
  const arena = new Arena(build);
  for (const dtype of ['float32', 'float64'] as const) {
    const round = dtype === 'float32' ? Math.fround : (x: number): number => x;
    const { binary, compare, where } = arena.kernels[dtype];

    group(`${build} ${dtype}`, () => {
      for (const op of Object.keys(ARITHMETIC) as (keyof BinaryKernels)[]) {
        it(`${op}: every broadcast and tail`, () => {
          const f = ARITHMETIC[op];
          // A power is computed otherwise; its specials are those of Math.pow.
          const allowed = op === 'pow' ? 1.5 : 0;
          for (const rows of [0, 1, 3, 4]) {
            for (let cols = 0; cols <= 9; cols++) {
              for (const { name, a, b } of forms(cols)) {
                const x = arena.float(dtype, operands(dtype, extent(rows, cols, a), cols), cols % 3);
                const z = arena.float(dtype, operands(dtype, extent(rows, cols, b), cols + 77), cols % 2);
                const y = arena.float(dtype, rows * cols, cols % 4);
                binary[op].block(y.ptr, x.ptr, z.ptr, rows, cols, a[0], a[1], b[0], b[1]);
                for (let i = 0; i < rows * cols; i++) {
                  const [r, c] = [Math.floor(i / cols), i % cols];
                  const p = x.view[r * a[0] + c * a[1]];
                  const q = z.view[r * b[0] + c * b[1]];
                  const want = op === 'pow' ? f(p, q) : round(f(p, q));
                  const error = ulps(dtype, y.view[i], want);
                  expect(error, `${name} ${op}(${p}, ${q}) = ${y.view[i]}`).toBeLessThanOrEqual(allowed);
                }
                if (rows === 1) {
                  const whole = Array.from(y.view);
                  binary[op].line(y.ptr, x.ptr, z.ptr, cols, a[1], b[1]);
                  expect(Array.from(y.view)).toEqual(whole);
                }
                expect(arena.touched(), name).toBe(0);
              }
            }
          }
        });
      }

      for (const op of Object.keys(COMPARISONS) as (keyof CompareKernels)[]) {
        it(`${op}: every broadcast and tail`, () => {
          for (const rows of [1, 3]) {
            for (let cols = 0; cols <= 9; cols++) {
              for (const { name, a, b } of forms(cols)) {
                const x = arena.float(dtype, operands(dtype, extent(rows, cols, a), cols), cols % 3);
                const z = arena.float(dtype, operands(dtype, extent(rows, cols, b), cols), cols % 2);
                const y = arena.byte(rows * cols, cols % 4);
                compare[op].block(y.ptr, x.ptr, z.ptr, rows, cols, a[0], a[1], b[0], b[1]);
                const want = Array.from(y.view, (_, i) => {
                  const [r, c] = [Math.floor(i / cols), i % cols];
                  return COMPARISONS[op](x.view[r * a[0] + c * a[1]], z.view[r * b[0] + c * b[1]]) ? 1 : 0;
                });
                expect(Array.from(y.view), name).toEqual(want);
                expect(arena.touched(), name).toBe(0);
              }
            }
          }
        });
      }

      it('where: every broadcast and tail', () => {
        for (const rows of [1, 3]) {
          for (let cols = 0; cols <= 9; cols++) {
            for (const { name, a, b } of forms(cols)) {
              for (const m of [
                [cols, 1],
                [0, 1],
                [1, 0],
                [1, 3],
              ] as [number, number][]) {
                const next = uniforms(cols);
                const mask = arena.byte(
                  Array.from({ length: extent(rows, cols, m) }, () => Math.floor(next() * 3)),
                );
                const x = arena.float(dtype, operands(dtype, extent(rows, cols, a), cols), cols % 3);
                const z = arena.float(dtype, operands(dtype, extent(rows, cols, b), cols + 5), cols % 2);
                const y = arena.float(dtype, rows * cols, cols % 4);
                where.block(y.ptr, mask.ptr, x.ptr, z.ptr, rows, cols, m[0], m[1], a[0], a[1], b[0], b[1]);
                const want = Array.from(y.view, (_, i) => {
                  const [r, c] = [Math.floor(i / cols), i % cols];
                  return mask.view[r * m[0] + c * m[1]]
                    ? x.view[r * a[0] + c * a[1]]
                    : z.view[r * b[0] + c * b[1]];
                });
                expect(Array.from(y.view), name).toEqual(want);
                expect(arena.touched(), name).toBe(0);
              }
            }
          }
        }
      });

      it('reads and writes nothing past any operand, here the end of the memory', () => {
        for (let n = 1; n <= 9; n++) {
          for (let end = 0; end < 4; end++) {
            const operands = [n, n, n, 1].map((l, i) => {
              const values = numbers(dtype, l, uniforms(n));
              return i === end ? arena.last(dtype, values) : arena.float(dtype, values);
            });
            const [y, a, b, s] = operands.map((o) => o.ptr);
            const mask = arena.byte(new Array<number>(n).fill(1));
            const { map, sum, max, softmax, logSoftmax } = arena.kernels[dtype];
            for (const op of Object.values(binary) as Binary[]) {
              op.line(y, a, b, n, 1, 1);
              op.line(y, a, s, n, 1, 0);
              op.line(y, s, b, n, 0, 1);
            }
            where.line(y, mask.ptr, a, b, n, 1, 1, 1);
            where.line(y, mask.ptr, a, s, n, 1, 1, 0);
            for (const f of Object.values(map) as Unary[]) f(y, a, n);
            for (const f of [sum, max]) {
              f.rows(y, a, 1, n, n, 0);
              f.columns(y, a, 1, 1, n, 0, n, 1, 1);
            }
            softmax(y, a, 1, n);
            logSoftmax(y, a, 1, n);
            expect(operands[0].view.every((v) => v <= 0)).toBe(true);
            expect(arena.touched()).toBe(0);
          }
        }
      });

      it('six axes with broadcasting', () => {
        const lengths = [2, 3, 1, 2, 3, 5];
        const sa = [0, 30, 0, 15, 5, 1];
        const sb = [6, 0, 0, 3, 1, 0];
        const sc = [1, 0, 0, 0, 0, 2];
        const offset = (s: number[], i: number): number =>
          lengths.reduceRight(([o, left], d, k) => [o + (left % d) * s[k], Math.floor(left / d)], [0, i])[0];
        const n = 180;
        const a = arena.float(dtype, operands(dtype, 90, 1));
        const b = arena.float(dtype, operands(dtype, 12, 2));
        const mask = arena.byte([0, 1, 1, 0, 0, 1, 0, 0, 1, 1]);
        const two = arena.ints(describe(lengths, sa, sb));
        const three = arena.ints(describe(lengths, sc, sa, sb));
        const y = arena.float(dtype, n);
        binary.sub.strided(y.ptr, a.ptr, b.ptr, two.ptr);
        expect(Array.from(y.view)).toEqual(
          Array.from({ length: n }, (_, i) => round(a.view[offset(sa, i)] - b.view[offset(sb, i)])),
        );
        const out = arena.byte(n);
        compare.less.strided(out.ptr, a.ptr, b.ptr, two.ptr);
        expect(Array.from(out.view)).toEqual(
          Array.from({ length: n }, (_, i) => (a.view[offset(sa, i)] < b.view[offset(sb, i)] ? 1 : 0)),
        );
        where.strided(y.ptr, mask.ptr, a.ptr, b.ptr, three.ptr);
        expect(Array.from(y.view)).toEqual(
          Array.from({ length: n }, (_, i) =>
            mask.view[offset(sc, i)] ? a.view[offset(sa, i)] : b.view[offset(sb, i)],
          ),
        );
        expect(arena.touched()).toBe(0);
      });

      it('pow by one exponent agrees with Math.pow, specials included', () => {
        for (const e of [2, 3, 0.5, -1, 1, 0, 1.5, -2, 4, -0.5, NaN, Infinity]) {
          const a = arena.float(dtype, [...SPECIAL, ...numbers(dtype, 60, uniforms(9), 20)]);
          const b = arena.float(dtype, [e]);
          const y = arena.float(dtype, a.view.length);
          binary.pow.line(y.ptr, a.ptr, b.ptr, a.view.length, 1, 0);
          for (let i = 0; i < a.view.length; i++) {
            const want = Math.pow(a.view[i], e);
            expect(ulps(dtype, y.view[i], want), `${a.view[i]}^${e} = ${y.view[i]}`).toBeLessThanOrEqual(1.5);
            if (want === 0) expect(Object.is(y.view[i], want), `${a.view[i]}^${e}`).toBe(true);
          }
          expect(arena.touched()).toBe(0);
        }
      });
    });
  }
}
