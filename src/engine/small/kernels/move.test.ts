import { setFlagsFromString } from 'node:v8';
import { describe as group, expect, it } from 'vitest';
import type { DType } from '../../../core/tensor.js';
import { describe } from './describe.js';
import { Arena, buildsUnderTest, uniforms } from './testing.js';

/** Operands of 1, 4 and 8 bytes an element that hold small whole numbers. */
function operand(arena: Arena, bytes: 1 | 4 | 8, values: number | number[], shift = 0) {
  if (bytes === 1) return arena.byte(values, shift);
  return arena.float(bytes === 4 ? 'float32' : 'float64', values, shift);
}

const count = (n: number): number[] => Array.from({ length: n }, (_, i) => (i * 7 + 3) % 251);

for (const build of buildsUnderTest(setFlagsFromString)) {
  const arena = new Arena(build);
  for (const bytes of [1, 4, 8] as const) {
    const move = arena.kernels.move[bytes];
    group(`${build} movers of ${bytes} bytes`, () => {
      it('copy and fill', () => {
        for (const n of [0, 1, 2, 3, 4, 5, 7, 15, 16, 17, 33, 700]) {
          const x = operand(arena, bytes, count(n), n % 3);
          const y = operand(arena, bytes, n, n % 2);
          move.copy(y.ptr, x.ptr, n);
          expect(Array.from(y.view)).toEqual(count(n));
          const e = operand(arena, bytes, [42]);
          move.fill(y.ptr, e.ptr, n);
          expect(Array.from(y.view)).toEqual(new Array<number>(n).fill(42));
          expect(arena.touched()).toBe(0);
        }
      });

      it('transpose', () => {
        for (const rows of [0, 1, 2, 3, 4, 5, 8, 16, 17, 35]) {
          for (const cols of [0, 1, 2, 3, 4, 7, 9, 16, 18, 40]) {
            const x = operand(arena, bytes, count(rows * cols), rows % 3);
            const y = operand(arena, bytes, rows * cols, cols % 3);
            move.transpose(y.ptr, x.ptr, rows, cols);
            const want = Array.from({ length: rows * cols }, (_, i) =>
              Number(x.view[(i % rows) * cols + Math.floor(i / rows)]),
            );
            expect(Array.from(y.view), `${rows} ${cols}`).toEqual(want);
            expect(arena.touched()).toBe(0);
          }
        }
      });

      it('strided: permutations, slices with steps back, expansion, a part of a larger place', () => {
        const next = uniforms(bytes);
        for (let trial = 0; trial < 200; trial++) {
          const rank = 1 + Math.floor(next() * 6);
          const lengths = Array.from(
            { length: rank },
            () => 1 + Math.floor(next() * (trial % 5 === 0 ? 7 : 3)),
          );
          // Strides of x: a permutation of its axes, some repeated (0), some walked backwards, gaps between some.
          const order = lengths.map((_, i) => i).sort(() => next() - 0.5);
          const layout = (
            axes: number[],
            mayRepeat: boolean,
          ): [strides: number[], from: number, size: number] => {
            const strides = new Array<number>(rank).fill(0);
            let size = 1;
            let from = 0;
            for (const axis of [...axes].reverse()) {
              if (mayRepeat && next() < 0.2) continue;
              const step = next() < 0.3 ? 2 : 1;
              const back = next() < 0.3;
              strides[axis] = size * step * (back ? -1 : 1);
              if (back) from += size * step * (lengths[axis] - 1);
              size *= (lengths[axis] - 1) * step + 1;
            }
            return [strides, from, size];
          };
          const [xs, xFrom, xSize] = layout(order, true);
          const [ys, yFrom, ySize] = layout(
            lengths.map((_, i) => i),
            false,
          );
          const x = operand(arena, bytes, count(xSize), trial % 3);
          const y = operand(arena, bytes, new Array<number>(ySize).fill(255));
          const want = Array.from(y.view, Number);
          const n = lengths.reduce((p, d) => p * d, 1);
          for (let i = 0; i < n; i++) {
            let [left, from, to] = [i, xFrom, yFrom];
            for (let axis = rank - 1; axis >= 0; axis--) {
              const at = left % lengths[axis];
              left = Math.floor(left / lengths[axis]);
              from += at * xs[axis];
              to += at * ys[axis];
            }
            want[to] = Number(x.view[from]);
          }
          const d = arena.ints(describe(lengths, ys, xs));
          move.strided(y.ptr + yFrom * bytes, x.ptr + xFrom * bytes, d.ptr);
          expect(Array.from(y.view), JSON.stringify({ lengths, ys, xs })).toEqual(want);
          expect(arena.touched()).toBe(0);
        }
      });
    });
  }

  group(`${build} casts`, () => {
    const ARRAYS = {
      float32: Float32Array,
      float64: Float64Array,
      int64: BigInt64Array,
      int32: Int32Array,
      uint8: Uint8Array,
      int8: Int8Array,
      bool: Uint8Array,
    };
    const types = Object.keys(ARRAYS) as DType[];

    it('every pair of types', () => {
      const values = [0, 1, 2, 100, 127, -1, -128, 3.75, -3.75];
      for (const from of types) {
        for (const to of types) {
          const unsigned = [from, to].some((t) => t === 'uint8' || t === 'bool');
          const some = values
            .filter((v) => (from === 'bool' ? v === 0 || v === 1 : !unsigned || v >= 0))
            .map((v) => (from.startsWith('float') ? v : Math.trunc(v)));
          const a = arena.byte(some.length * 8);
          const b = arena.byte(some.length * 8);
          const x = new ARRAYS[from](a.view.buffer as ArrayBuffer, a.ptr, some.length);
          const y = new ARRAYS[to](b.view.buffer as ArrayBuffer, b.ptr, some.length);
          some.forEach((v, i) => (x[i] = (from === 'int64' ? BigInt(v) : v) as never));
          arena.kernels.cast[from][to](b.ptr, a.ptr, some.length);
          const want = some.map((v) =>
            to === 'bool' ? Number(v !== 0) : to.startsWith('float') ? v : Math.trunc(v),
          );
          expect(Array.from(y as ArrayLike<number | bigint>, Number), `${from} → ${to}`).toEqual(want);
          expect(arena.touched()).toBe(0);
        }
      }
    });

    it('floats outside an integer type: NaN gives 0, the rest the ends', () => {
      const x = arena.float('float64', [NaN, 1e30, -1e30]);
      const y = arena.ints([7, 7, 7]);
      arena.kernels.cast.float64.int32(y.ptr, x.ptr, 3);
      expect(Array.from(y.view)).toEqual([0, 2 ** 31 - 1, -(2 ** 31)]);
      const z = arena.byte(3);
      arena.kernels.cast.float64.bool(z.ptr, x.ptr, 3);
      expect(Array.from(z.view)).toEqual([1, 1, 1]);
    });

    it('not', () => {
      for (const n of [0, 1, 15, 16, 17, 40]) {
        const x = arena.byte(
          Array.from({ length: n }, (_, i) => (i % 3) * (i % 2)),
          1,
        );
        const y = arena.byte(n);
        arena.kernels.not(y.ptr, x.ptr, n);
        expect(Array.from(y.view)).toEqual(Array.from(x.view, (v) => (v === 0 ? 1 : 0)));
        expect(arena.touched()).toBe(0);
      }
    });
  });
}
