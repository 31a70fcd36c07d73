import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import type { FloatType } from '../../../core/tensor.js';
import { Arena, buildsUnderTest, uniforms, ulps } from './testing.js';
import type { MapName } from './types.js';

/** erf = 2x/√π·e^(−x²)·Σ (2x²)^n/(2n + 1)!!, all terms positive; 1 − erfc by its continued fraction beyond 1. */
function erf(x: number): number {
  const a = Math.abs(x);
  if (!(a < 6)) return Number.isNaN(x) ? x : Math.sign(x);
  if (a < 1) {
    let term = 1;
    let sum = 1;
    for (let n = 1; n < 30; n++) sum += term *= (2 * x * x) / (2 * n + 1);
    return (2 / Math.sqrt(Math.PI)) * x * Math.exp(-x * x) * sum;
  }
  let f = 0;
  for (let n = Math.ceil(30 + 400 / (a * a)); n > 0; n--) f = n / 2 / (a + f);
  return Math.sign(x) * (1 - Math.exp(-x * x) / Math.sqrt(Math.PI) / (a + f));
}

/** The exact function, and the promised error in ulps for float32 and float64. */
const EXACT: Record<MapName, [f: (x: number) => number, single: number, double: number]> = {
  neg: [(x) => -x, 0, 0],
  abs: [Math.abs, 0, 0],
  sqrt: [Math.sqrt, 0.5, 0],
  square: [(x) => x * x, 0.5, 0],
  reciprocal: [(x) => 1 / x, 0.5, 0],
  relu: [(x) => (x < 0 ? 0 : x), 0, 0],
  sign: [(x) => (x > 0 ? 1 : x < 0 ? -1 : x), 0, 0],
  exp: [Math.exp, 1.5, 2],
  log: [Math.log, 1.5, 2],
  tanh: [Math.tanh, 5.5, 3],
  sigmoid: [(x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))), 3, 3],
  softplus: [(x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), 3, 3],
  logSigmoid: [(x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))), 3, 3],
  // Four of the six are the reference's own; below, tabulated values.
  erf: [erf, 5.5, 6],
};

/** Results below the least normal number may be 0. */
const FLUSHED: MapName[] = ['sigmoid', 'softplus', 'logSigmoid'];

/** Every sign, exponent and leading digits, the rest at random: includes ±0, ±∞, NaN and denormals. */
function everywhere(dtype: FloatType, seed: number): number[] {
  const next = uniforms(seed);
  const bits = new DataView(new ArrayBuffer(8));
  return Array.from({ length: 65536 }, (_, i) => {
    bits.setUint32(0, i * 65536 + (i % 8 === 0 ? 0 : Math.floor(next() * 65536)));
    bits.setUint32(4, i % 8 === 0 ? 0 : Math.floor(next() * 2 ** 32));
    return dtype === 'float32' ? bits.getFloat32(0) : bits.getFloat64(0);
  });
}

/** Where the interesting part of the curves is. */
function near(dtype: FloatType, seed: number): number[] {
  const next = uniforms(seed);
  const round = dtype === 'float32' ? Math.fround : (x: number): number => x;
  return Array.from({ length: 60001 }, (_, i) =>
    round((i / 30000 - 1) * [1, 12, 110][i % 3] + 1e-4 * next()),
  );
}

for (const build of buildsUnderTest(setFlagsFromString)) {
  const arena = new Arena(build);
  for (const dtype of ['float32', 'float64'] as const) {
    const least = dtype === 'float32' ? 2 ** -126 : 2 ** -1022;
    describe(`${build} ${dtype} maps`, () => {
      for (const [name, [f, single, double]] of Object.entries(EXACT) as [
        MapName,
        (typeof EXACT)[MapName],
      ][]) {
        it(`${name} stays within its ulps over the whole range`, () => {
          const inputs = [...everywhere(dtype, 1), ...near(dtype, 2)];
          const x = arena.float(dtype, inputs);
          const y = arena.float(dtype, inputs.length);
          arena.floats(dtype).map[name](y.ptr, x.ptr, inputs.length);
          const allowed = dtype === 'float32' ? single : double;
          let worst = 0;
          let where = NaN;
          for (let i = 0; i < inputs.length; i++) {
            const want = f(x.view[i]);
            if (FLUSHED.includes(name) && Math.abs(want) < least && Math.abs(y.view[i]) < least) continue;
            const error = ulps(dtype, y.view[i], want);
            if (error > worst) [worst, where] = [error, x.view[i]];
          }
          expect(worst, `at ${where}`).toBeLessThanOrEqual(allowed);
          expect(arena.touched()).toBe(0);
        });
      }

      it('an element has the same bits wherever it lies, in place too', () => {
        const next = uniforms(3);
        const values = Array.from({ length: 40 }, () => (2 * next() - 1) * 5);
        for (const name of Object.keys(EXACT) as MapName[]) {
          const f = arena.floats(dtype).map[name];
          const whole = arena.float(dtype, values);
          f(whole.ptr, whole.ptr, 40);
          const want = Array.from(whole.view);
          for (let n = 0; n <= 9; n++) {
            for (const from of [0, 3, 30]) {
              const x = arena.float(dtype, values.slice(from, from + n), n % 4);
              const y = arena.float(dtype, n, from % 4);
              f(y.ptr, x.ptr, n);
              expect(Array.from(y.view), `${name} ${n}`).toEqual(want.slice(from, from + n));
            }
          }
          expect(arena.touched()).toBe(0);
        }
      });
    });
  }

  describe(`${build} saturation`, () => {
    it('tanh and erf end at exactly ±1, softplus at x, and none passes its limit', () => {
      const x = arena.float('float32', [9.7, 20, 1e30, Infinity, -9.7, -Infinity, 200, 0]);
      const y = arena.float('float32', 8);
      const { map } = arena.kernels.float32;
      map.tanh(y.ptr, x.ptr, 8);
      expect(Array.from(y.view)).toEqual([1, 1, 1, 1, -1, -1, 1, 0]);
      map.erf(y.ptr, x.ptr, 8);
      expect(Array.from(y.view)).toEqual([1, 1, 1, 1, -1, -1, 1, 0]);
      map.softplus(y.ptr, x.ptr, 8);
      expect(Array.from(y.view).slice(1, 4)).toEqual([20, Math.fround(1e30), Infinity]);
      const dense = arena.float('float32', 4096);
      for (let i = 0; i < 4096; i++) dense.view[i] = i / 100;
      for (const name of ['tanh', 'erf', 'sigmoid'] as const) {
        const out = arena.float('float32', 4096);
        map[name](out.ptr, dense.ptr, 4096);
        expect(Math.max(...out.view)).toBe(1);
      }
    });
  });
}

// 20 digits, rounded.
const ERF: [x: number, erf: number][] = [
  [1e-300, 1.1283791670955126e-300],
  [1e-8, 1.1283791670955126e-8],
  [0.1, 0.1124629160182849],
  [0.5, 0.5204998778130465],
  [0.84375, 0.7672256612323416],
  [0.999, 0.8422852702064969],
  [1, 0.8427007929497149],
  [1.0001, 0.8427422995485203],
  [1.25, 0.9229001282564583],
  [1.5, 0.9661051464753108],
  [2, 0.9953222650189527],
  [2.5, 0.999593047982555],
  [3, 0.9999779095030014],
  [3.5, 0.9999992569016276],
  [4, 0.9999999845827421],
  [5, 0.9999999999984626],
  [5.9, 0.9999999999999999],
  [6, 1.0],
  [7, 1.0],
];

describe('float64 erf', () => {
  it('agrees with tabulated values to 2 ulp', () => {
    const arena = new Arena('simd128');
    const x = arena.float(
      'float64',
      ERF.flatMap(([v]) => [v, -v]),
    );
    const y = arena.float('float64', x.view.length);
    arena.kernels.float64.map.erf(y.ptr, x.ptr, x.view.length);
    for (let i = 0; i < x.view.length; i++) {
      const want = ERF[i >> 1][1] * (i % 2 ? -1 : 1);
      expect(ulps('float64', y.view[i], want), `${x.view[i]}`).toBeLessThanOrEqual(2);
    }
  });
});
