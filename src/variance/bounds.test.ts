import { describe, expect, it } from 'vitest';
import { Sequence } from '../core/random.js';
import { getLikelihood, type Likelihood, outputs } from '../likelihood/index.js';
import { ACTIVATIONS } from '../model/activations.js';
import { ELEMENT_BOUNDS, looseness, quadraticForm, type1OffDiagonal, violated } from './bounds.js';
import { familyConstants } from '../fisher/closed-forms/constants.js';
import { type FamilyMoments, familyMoments } from './family-moments.js';
import { ACTIVATION_BOUNDS, layerBounds, operatorNorm } from './layer-bounds.js';
import {
  corollary46,
  corollary46Printed,
  ruheLower,
  ruheUpper,
  spectraOf,
  typeOneTensorBounds,
  typeTwoTensorBounds,
} from './sum-bounds.js';
import { zEigenvalue } from './zeigen.js';

/** A 2-hidden-layer network written out by theory (1.7) to (1.9), apart from the library: first-layer J and D [T, P] at one input. */
function draw(rng: Sequence, T: number) {
  const scale = Math.exp(1.2 * rng.normal());
  const matrix = (rows: number, columns: number) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => scale * rng.normal()));
  const [W1, W2, W3] = [matrix(3, 3), matrix(3, 3), matrix(T, 3)];
  const x = Array.from({ length: 3 }, () => rng.normal());
  const times = (W: number[][], v: number[]) => W.map((row) => row.reduce((s, w, i) => s + w * v[i], 0));
  const phi = rng.next() < 0.5 ? Math.tanh : (z: number) => 1 / (1 + Math.exp(-z));
  const slope = phi === Math.tanh ? (y: number) => 1 - y * y : (y: number) => y * (1 - y);
  const bend = phi === Math.tanh ? (y: number) => -2 * y : (y: number) => 1 - 2 * y;
  const a1 = times(W1, x).map(phi);
  const a2 = times(W2, a1).map(phi);
  const h = times(W3, a2);
  const [d1, d2] = [a1.map(slope), a2.map(slope)];
  const J = new Float64Array(T * 9);
  const D = new Float64Array(T * 9);
  for (let a = 0; a < T; a++)
    for (let o = 0; o < 3; o++) {
      let [first, second] = [0, 0];
      for (let m = 0; m < 3; m++) {
        first += W3[a][m] * d2[m] * W2[m][o];
        second += W3[a][m] * d2[m] * bend(a2[m]) * W2[m][o] ** 2;
      }
      const g = first * d1[o];
      const curvature = first * d1[o] * bend(a1[o]) + second * d1[o] ** 2;
      for (let i = 0; i < 3; i++) {
        J[a * 9 + o * 3 + i] = g * x[i];
        D[a * 9 + o * 3 + i] = curvature * x[i] ** 2;
      }
    }
  return { h, J, D };
}

const column = (X: Float64Array, T: number, i: number) =>
  Float64Array.from({ length: T }, (_, a) => X[a * (X.length / T) + i]);

/** M_abcd u_a v_b u_c v_d = 𝒱1_ij. */
function fourthForm({ M, T }: FamilyMoments, u: Float64Array, v: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < M.length; i++) {
    const [a, b, c, d] = [Math.floor(i / T ** 3), Math.floor(i / T ** 2) % T, Math.floor(i / T) % T, i % T];
    sum += M[i] * u[a] * v[b] * u[c] * v[d];
  }
  return sum;
}

const families: Record<string, { likelihood: Likelihood; T: (rng: Sequence) => number }> = {
  categorical: { likelihood: getLikelihood('categorical'), T: (rng) => 2 + rng.integer(3) },
  bernoulli: { likelihood: getLikelihood('bernoulli'), T: (rng) => 1 + rng.integer(3) },
  gaussian: { likelihood: getLikelihood('gaussian', { variance: 2 }), T: (rng) => 1 + rng.integer(3) },
  'gaussian, mean and variance': { likelihood: getLikelihood('gaussian-mv', {}, 'canonical'), T: () => 2 },
  poisson: { likelihood: getLikelihood('poisson', {}, 'canonical'), T: (rng) => 1 + rng.integer(2) },
  binomial: { likelihood: getLikelihood('binomial', { trials: 3 }), T: (rng) => 1 + rng.integer(2) },
  gamma: { likelihood: getLikelihood('gamma', { shape: 2 }, 'canonical'), T: (rng) => 1 + rng.integer(2) },
};

/** An output inside the family's domain. */
const inside = (family: string, h: number[]): number[] =>
  h.map((v, a) =>
    family === 'gamma' || (family.startsWith('gaussian, mean') && a === 1) ? -0.2 - Math.abs(v) : v % 12,
  );

describe.each(Object.entries(families))('1,000 random networks, %s', (family, { likelihood, T: size }) => {
  it('no bound is violated, of elements, of sums, of tensors', () => {
    const rng = new Sequence(11, `bounds ${family}`);
    const seen = new Map<string, number>();
    const broken: string[] = [];
    const judge = (name: string, side: 'upper' | 'lower', boundValue: number | null, value: number) => {
      if (boundValue === null) return;
      seen.set(name, (seen.get(name) ?? 0) + 1);
      if (violated(side, boundValue, value)) broken.push(`${name}: ${boundValue} against ${value}`);
    };
    for (let net = 0; net < 1000; net++) {
      const T = size(rng);
      const { h, J, D } = draw(rng, T);
      const rows = outputs(Float64Array.from(inside(family, h)), 1, T);
      const m = familyMoments(likelihood, rows, 0);
      const sums = { fisher: 0, type1: 0, type2: 0 };
      for (let i = 0; i < 9; i++) {
        const [j, d] = [column(J, T, i), column(D, T, i)];
        const truth = { fisher: quadraticForm(m, j), type1: fourthForm(m, j, j), type2: quadraticForm(m, d) };
        for (const q of ['fisher', 'type1', 'type2'] as const) sums[q] += truth[q];
        // A moment that cancels to rounding is compared with what it cancelled from.
        const noise = 1e-14 * truth.fisher ** 2;
        for (const { name, of, side, value } of ELEMENT_BOUNDS) {
          const v = side === 'upper' && of === 'type1' ? truth[of] - noise : truth[of];
          judge(`${of} ${side} ${name}`, side, value(m, j, d), v);
        }
        if (i % 4 === 0) {
          const other = column(J, T, (i + 1) % 9);
          judge(
            'type1 off-diagonal',
            'upper',
            type1OffDiagonal(m, j, other),
            fourthForm(m, j, other) - noise,
          );
        }
      }
      if (net % 5 > 0) continue;
      const s = spectraOf(J, D, T);
      for (const q of ['fisher', 'type1', 'type2'] as const) {
        const slack = q === 'type1' ? 1e-12 * sums.fisher ** 2 : 1e-12 * Math.abs(sums[q]);
        judge(`${q} ruhe`, 'upper', ruheUpper(m, s)[q] + slack, sums[q]);
        judge(`${q} ruhe`, 'lower', ruheLower(m, s)[q] - slack, sums[q]);
        judge(`${q} corollary 4.6`, 'upper', corollary46(m, s)[q] + slack, sums[q]);
      }
      judge('tensor 1', 'upper', typeOneTensorBounds(m, s.jacobian).trace, sums.type1);
      const tensor = typeOneTensorBounds(m, s.jacobian);
      judge('tensor orders', 'upper', tensor.frobenius, tensor.frobeniusOperator);
      judge('tensor orders', 'upper', tensor.frobeniusOperator, tensor.spectral * (1 - 1e-12));
    }
    expect(broken).toEqual([]);
    expect(Math.min(...seen.values())).toBeGreaterThanOrEqual(200);
    expect(seen.size).toBeGreaterThanOrEqual(
      ['categorical', 'bernoulli', 'binomial'].includes(family) ? 20 : 15,
    );
  });
});

describe('bounds', () => {
  const softmax = (h: number[]) =>
    familyMoments(getLikelihood('categorical'), outputs(Float64Array.from(h), 1, h.length), 0);

  it('Corollary 4.6 as printed is false: J ten times as large', () => {
    const m = softmax([0.3, -0.2, 0.1, 0.4]);
    const rng = new Sequence(1, 'counter-example');
    const J = Float64Array.from({ length: 4 * 6 }, () => 10 * rng.normal());
    const s = spectraOf(J, J, 4);
    const truth = { fisher: 0, type1: 0, type2: 0 };
    for (let i = 0; i < 6; i++) {
      const j = column(J, 4, i);
      truth.fisher += quadraticForm(m, j);
      truth.type1 += fourthForm(m, j, j);
      truth.type2 += quadraticForm(m, j);
    }
    for (const q of ['fisher', 'type1', 'type2'] as const) {
      expect(violated('upper', corollary46Printed(m, s)[q], truth[q])).toBe(true);
      expect(violated('upper', corollary46(m, s)[q], truth[q])).toBe(false);
    }
  });

  it('an isotropic Gaussian meets eqs 7–9 with equality', () => {
    const m = familyMoments(
      getLikelihood('gaussian', { variance: 1 }),
      outputs(Float64Array.of(0, 1, 2), 1, 3),
      0,
    );
    const [j, d] = [Float64Array.of(1, -2, 0.5), Float64Array.of(0.3, 0.1, -1)];
    const truth = { fisher: quadraticForm(m, j), type1: fourthForm(m, j, j), type2: quadraticForm(m, d) };
    const exact = ELEMENT_BOUNDS.filter(({ name }) => ['eq7', 'matrix'].includes(name));
    expect(exact.length).toBe(6);
    for (const { of, value } of exact) expect(looseness(value(m, j, d)!, truth[of])).toBeCloseTo(1, 12);
  });

  it('R⁴/16 is sharp: two atoms', () => {
    const h = Math.log((1 + Math.SQRT1_2) / (1 - Math.SQRT1_2));
    const m = familyMoments(getLikelihood('bernoulli'), outputs(Float64Array.of(h), 1, 1), 0);
    const range = ELEMENT_BOUNDS.find((b) => b.name === 'range' && b.of === 'type1')!;
    const j = Float64Array.of(2);
    expect(looseness(range.value(m, j, j)!, fourthForm(m, j, j))).toBeCloseTo(1, 12);
  });

  it('constants of a batch are those of the moments', () => {
    for (const [family, { likelihood }] of Object.entries(families)) {
      const T = 2;
      const rows = [inside(family, [0.2, -1]), inside(family, [2, -3])];
      const h = outputs(Float64Array.from(rows.flat()), 2, T);
      const constants = familyConstants(likelihood, h);
      for (const e of [0, 1]) {
        const m = familyMoments(likelihood, h, e);
        expect(constants.information![e]).toBeCloseTo(m.informationEigenvalues[0], 12);
        expect(constants.fourth![e]).toBeCloseTo(m.fourthEigenvalues[0], 12);
      }
    }
  });

  it('Z-eigenvalues: from below, and the sup over all softmaxes is ¼', () => {
    const rng = new Sequence(5, 'z');
    for (const T of [2, 3, 4]) {
      const m = softmax(Array.from({ length: T }, () => rng.normal()));
      const top = zEigenvalue(m.M, T, 'max');
      const bottom = zEigenvalue(m.M, T, 'min');
      expect(top.value).toBeLessThanOrEqual(m.fourthEigenvalues[0] * (1 + 1e-12));
      expect(top.value).toBeLessThanOrEqual(0.25);
      expect(bottom.value).toBeLessThanOrEqual(top.value);
      let best = -Infinity;
      let least = Infinity;
      for (let r = 0; r < 3000; r++) {
        const v = Float64Array.from({ length: T }, () => rng.normal());
        const size = Math.sqrt(v.reduce((s, x) => s + x * x, 0));
        const u = v.map((x) => x / size);
        best = Math.max(best, fourthForm(m, u, u));
        least = Math.min(least, fourthForm(m, u, u));
      }
      expect(top.value).toBeGreaterThanOrEqual(best - 1e-12);
      // A flat minimum is reached slowly.
      expect(bottom.value).toBeLessThanOrEqual(least + 1e-5 * top.value);
      expect(fourthForm(m, top.u, top.u)).toBeCloseTo(top.value, 12);
    }
    // One Bernoulli in disguise: p = (1 ± 1/√2)/2 along (1, −1)/√2.
    const worst = softmax([Math.log((1 + Math.SQRT1_2) / (1 - Math.SQRT1_2)), 0]);
    expect(zEigenvalue(worst.M, 2, 'max').value).toBeCloseTo(0.25, 10);
  });
});

describe('bounds by layer', () => {
  it('hold for J and H of random networks', () => {
    const rng = new Sequence(2, 'layers');
    for (let net = 0; net < 100; net++) {
      const T = 2;
      const W = [
        [3, 3],
        [3, 3],
        [3, T],
      ].map(([i, o]) => ({ in: i, out: o, data: Float64Array.from({ length: i * o }, () => rng.normal()) }));
      const name = net % 2 === 0 ? ('tanh' as const) : ('sigmoid' as const);
      const bounds = layerBounds(W, ACTIVATION_BOUNDS[name]!);
      const f = (z1: number[]) => {
        const phi = name === 'tanh' ? Math.tanh : (z: number) => 1 / (1 + Math.exp(-z));
        const apply = (w: (typeof W)[0], v: number[]) =>
          Array.from({ length: w.out }, (_, o) => v.reduce((s, x, i) => s + w.data[o * w.in + i] * x, 0));
        return apply(W[2], apply(W[1], z1.map(phi)).map(phi));
      };
      const z = [rng.normal(), rng.normal(), rng.normal()];
      const step = 1e-4;
      const at = (i: number, j: number, s: number, t: number) =>
        f(z.map((v, k) => v + (k === i ? s * step : 0) + (k === j ? t * step : 0)));
      let first = 0;
      const second = [0, 0];
      for (let i = 0; i < 3; i++) {
        const [p, q] = [at(i, i, 0.5, 0.5), at(i, i, -0.5, -0.5)];
        for (let a = 0; a < T; a++) first += ((p[a] - q[a]) / (2 * step)) ** 2;
        for (let j = 0; j < 3; j++) {
          const [pp, pm, mp, mm] = [at(i, j, 1, 1), at(i, j, 1, -1), at(i, j, -1, 1), at(i, j, -1, -1)];
          for (let a = 0; a < T; a++) second[a] += ((pp[a] - pm[a] - mp[a] + mm[a]) / (4 * step * step)) ** 2;
        }
      }
      expect(Math.sqrt(first)).toBeLessThanOrEqual(bounds[0].jacobian * (1 + 1e-6));
      second.forEach((s, a) => expect(Math.sqrt(s)).toBeLessThanOrEqual(bounds[0].hessian[a] * (1 + 1e-4)));
      expect(bounds[2].hessian).toEqual(new Float64Array(T));
    }
  });

  it('norms: exact where small, never below where large', () => {
    expect(operatorNorm({ data: Float64Array.of(3, 0, 0, 0, 4, 0), out: 2, in: 3 })).toBeCloseTo(4, 13);
    expect(operatorNorm({ data: Float64Array.of(3, 4, 0, 0, 0, 0), out: 3, in: 2 })).toBeCloseTo(5, 13);
    const n = 70;
    const ones = new Float64Array(n * n).fill(1);
    expect(operatorNorm({ data: ones, out: n, in: n })).toBeGreaterThanOrEqual(n * (1 - 1e-12));
    for (const name of Object.keys(ACTIVATION_BOUNDS)) expect(name in ACTIVATIONS).toBe(true);
  });
});

describe('tensor norms', () => {
  it('of Cov Î2: ‖Cov‖_op ≤ ‖Cov‖_F ≤ its bounds', () => {
    const m = familyMoments(getLikelihood('bernoulli'), outputs(Float64Array.of(0.3, -1), 1, 2), 0);
    const hessian = Float64Array.of(5, 0.2);
    const b = typeTwoTensorBounds(m, hessian);
    expect(b.spectral).toBeLessThanOrEqual(b.frobeniusOperator);
    expect(b.frobeniusOperator).toBeLessThanOrEqual(b.frobenius);
    // H̄ with orthogonal rows: Cov = H̄ᵀIH̄ has eigenvalues s_t² I_tt.
    const eigen = [0, 1].map((t) => hessian[t] * m.I[t * 3]);
    expect(Math.max(...eigen)).toBeLessThanOrEqual(b.spectral * (1 + 1e-12));
    expect(Math.hypot(...eigen)).toBeLessThanOrEqual(b.frobeniusOperator * (1 + 1e-12));
    expect(eigen[0] + eigen[1]).toBeLessThanOrEqual(b.trace * (1 + 1e-12));
  });
});
