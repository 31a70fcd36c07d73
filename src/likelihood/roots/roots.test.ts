import { describe, expect, it } from 'vitest';
import { symmetricEigen } from '../../linalg/index.js';
import { Z_LIMIT, zScore } from '../../stats/index.js';
import { draws, getLikelihood, outputs } from '../index.js';
import { ClassRoot, EigenRoot, eigenpairs, KernelRoot, type Root, rootFor, StickRoot } from './index.js';

const LOGITS: Record<string, number[]> = {
  mild: [0.3, -0.2, 0.9, 0.1, -1.1],
  confident: [9, 1, -2, 0.5, 3, -4],
  saturated: [70, 0, 1, -3, 2],
  flat: [0, 0, 0, 0],
  ties: [2, 1, 1, 1, -1, -1, 5],
  'nearly tied': [1, 1 + 1e-13, 1 - 1e-13, 1 + 2e-16, -3],
  two: [0.4, -0.7],
  'two saturated': [0, -90],
  'with nothing': [0, -2000, 1, -800, 0.5],
  hundred: Array.from({ length: 100 }, (_, c) => 3 * Math.sin(1.7 * c + c * c)),
};

/** BBᵀ + 1 of numbers of no order, [T, T]. */
function someKernel(T: number): Float64Array {
  const B = Float64Array.from({ length: T * T }, (_, i) => Math.sin(1 + 3.7 * i + i * i));
  return Float64Array.from({ length: T * T }, (_, i) => {
    const [a, b] = [Math.floor(i / T), i % T];
    let sum = a === b ? 1 : 0;
    for (let k = 0; k < T; k++) sum += B[a * T + k] * B[b * T + k];
    return sum;
  });
}

const wide = Array.from({ length: 300 }, (_, c) => 2 * Math.cos(c * 1.3) + (c === 17 ? 6 : 0));

/** RRᵀ − I(h), each entry relative to √(I_aa I_bb). */
function residue(root: Root, family: string, h: number[], exact = 0): number {
  const likelihood = getLikelihood(family);
  const T = h.length;
  const x = outputs(Float64Array.from(h), 1, T);
  const information = new Float64Array(T * T);
  likelihood.information(x, information);
  const R = root.columnCount(T);
  const delta = new Float64Array(R * T);
  const w = new Float64Array(R);
  root.columns(x, delta, w, { from: 0, count: exact });
  root.columns(x, delta.subarray(exact * T), w.subarray(exact), { from: exact, count: R - exact });
  let worst = 0;
  for (let a = 0; a < T; a++) {
    for (let b = 0; b < T; b++) {
      let sum = 0;
      for (let r = 0; r < R; r++) sum += w[r] * delta[r * T + a] * delta[r * T + b];
      const scale = Math.sqrt(information[a * T + a] * information[b * T + b]);
      const off = Math.abs(sum - information[a * T + b]);
      worst = Math.max(worst, scale > 1e-280 ? off / scale : off);
    }
  }
  return worst;
}

describe.each(Object.entries(LOGITS))('roots of %s', (name, h) => {
  it.each([
    ['eigen', new EigenRoot()],
    ['stick-breaking', new StickRoot()],
    ['class', new ClassRoot(getLikelihood('categorical'))],
    ['kernel', new KernelRoot(new EigenRoot(), someKernel(h.length), h.length)],
  ] as [string, Root][])('%s: RRᵀ = I(h)', (_, root) => {
    expect(residue(root, 'categorical', h)).toBeLessThan(name === 'nearly tied' ? 1e-12 : 3e-14 * h.length);
    expect(residue(root, 'categorical', h, 1)).toBeLessThan(
      name === 'nearly tied' ? 1e-12 : 3e-14 * h.length,
    );
  });

  it('eigen: the eigenvalues of the matrix, descending, and orthonormal vectors orthogonal to 1', () => {
    const T = h.length;
    const likelihood = getLikelihood('categorical');
    const x = outputs(Float64Array.from(h), 1, T);
    const information = new Float64Array(T * T);
    likelihood.information(x, information);
    const p = new Float64Array(T);
    likelihood.mean(x, p);
    const values = new Float64Array(T - 1);
    const vectors = new Float64Array((T - 1) * T);
    eigenpairs(p, T - 1, values, vectors);
    const right = [...symmetricEigen(information, T).values].sort((a, b) => b - a);
    values.forEach((value, r) => expect(Math.abs(value - right[r])).toBeLessThan(1e-13));
    const some = [...values].filter((v) => v > 0).length;
    for (let r = 0; r < some; r++) {
      const v = vectors.subarray(r * T, (r + 1) * T);
      if (r > 0) expect(values[r]).toBeLessThanOrEqual(values[r - 1] * (1 + 1e-15));
      const largest = Math.max(...v.map(Math.abs));
      expect(v.find((c) => Math.abs(c) >= (1 - 1e-6) * largest)).toBeGreaterThan(0);
      for (let s = 0; s <= r; s++) {
        const other = vectors.subarray(s * T, (s + 1) * T);
        const dot = v.reduce((sum, c, a) => sum + c * other[a], 0);
        expect(Math.abs(dot - (r === s ? 1 : 0))).toBeLessThan(name === 'nearly tied' ? 1e-2 : 1e-13);
      }
    }
  });
});

it.each(['categorical', 'bernoulli'])('kernel root of %s: RᵀḠR is diagonal, descending', (family) => {
  const h = LOGITS.confident;
  const T = h.length;
  const kernel = someKernel(T);
  const root = rootFor(getLikelihood(family), T, { kernel: [...kernel] });
  const K = root.columnCount(T);
  const R = new Float64Array(K * T);
  root.columns(outputs(Float64Array.from(h), 1, T), R, new Float64Array(K), { from: 0, count: K });
  const form = (r: number, s: number): number => {
    let sum = 0;
    for (let a = 0; a < T; a++)
      for (let b = 0; b < T; b++) sum += R[r * T + a] * kernel[a * T + b] * R[s * T + b];
    return sum;
  };
  const diagonal = Array.from({ length: K }, (_, r) => form(r, r));
  for (let r = 1; r < K; r++) expect(diagonal[r]).toBeLessThanOrEqual(diagonal[r - 1]);
  for (let r = 0; r < K; r++)
    for (let s = 0; s < r; s++) expect(Math.abs(form(r, s))).toBeLessThan(1e-13 * diagonal[0]);
});

it('kernel root: refused for another shape and for too many outputs', () => {
  const likelihood = getLikelihood('categorical');
  expect(() => rootFor(likelihood, 3, { kernel: [1, 0, 0, 1] })).toThrow('has 3 × 3 numbers');
  expect(() => rootFor(likelihood, 130, { kernel: [] })).toThrow('of at most 128 columns');
});

it('one pair is the first of all', () => {
  const h = LOGITS.hundred;
  const x = outputs(Float64Array.from(h), 1, 100);
  const p = new Float64Array(100);
  getLikelihood('categorical').mean(x, p);
  const all = { values: new Float64Array(99), vectors: new Float64Array(9900) };
  eigenpairs(p, 99, all.values, all.vectors);
  const first = { values: new Float64Array(2), vectors: new Float64Array(200) };
  eigenpairs(p, 2, first.values, first.vectors);
  expect([...first.values]).toEqual([...all.values.subarray(0, 2)]);
  expect([...first.vectors]).toEqual([...all.vectors.subarray(0, 200)]);
});

it('the chooser: eigenvectors to 256 outputs, then the stick; a class root where it is asked for or as good', () => {
  expect(rootFor(getLikelihood('categorical'), 256).name).toBe('eigen');
  expect(rootFor(getLikelihood('categorical'), 257).name).toBe('stick-breaking');
  expect(rootFor(getLikelihood('categorical'), 10, 'class').name).toBe('class');
  expect(rootFor(getLikelihood('bernoulli'), 10).name).toBe('class');
  expect(residue(rootFor(getLikelihood('categorical'), 300), 'categorical', wide, 3)).toBeLessThan(1e-12);
  expect(residue(rootFor(getLikelihood('bernoulli'), 5), 'bernoulli', LOGITS.mild, 2)).toBeLessThan(1e-14);
});

/** z of the mean of (a·Rξ)² for a fixed direction against Σ_{r≥m} (a·R_r)², and the law of its variance. */
describe.each(
  [
    { name: 'eigen root', root: new EigenRoot() },
    { name: 'stick-breaking root', root: new StickRoot() },
    { name: 'class root of categorical', root: new ClassRoot(getLikelihood('categorical')) },
    { name: 'class root of bernoulli', root: new ClassRoot(getLikelihood('bernoulli')) },
    { name: 'kernel root', root: new KernelRoot(new EigenRoot(), someKernel(6), 6) },
  ].flatMap((of) => [0, 2].map((exact) => ({ ...of, exact }))),
)('signs on the $name, $exact exact', ({ root, exact }) => {
  const h = [0.3, -0.2, 2.9, 0.1, -1.1, 0.6];
  const T = h.length;
  const a = [0.5, -1.3, 0.8, 1, -0.2, 0.7];

  it('are unbiased, with the variance of the closed form', () => {
    const x = outputs(Float64Array.from(h), 1, T);
    const R = root.columnCount(T) - exact;
    const delta = new Float64Array(R * T);
    const w = new Float64Array(R);
    root.columns(x, delta, w, { from: exact, count: R });
    const c = Array.from({ length: R }, (_, r) =>
      a.reduce((s, v, k) => s + v * Math.sqrt(w[r]) * delta[r * T + k], 0),
    );
    const mean = c.reduce((s, v) => s + v * v, 0);
    const variance = 2 * (mean ** 2 - c.reduce((s, v) => s + v ** 4, 0));
    const K = 20000;
    const out = new Float64Array(K * T);
    root.signs(x, draws(5, 'signs', [3], null, K), exact, out);
    const squares = Array.from(
      { length: K },
      (_, k) => a.reduce((s, v, j) => s + v * out[k * T + j], 0) ** 2,
    );
    const found = squares.reduce((s, v) => s + v, 0) / K;
    expect(Math.abs(zScore(found, mean, Math.sqrt(variance / K)))).toBeLessThanOrEqual(Z_LIMIT);
    const spread = squares.map((v) => (v - mean) ** 2);
    const fourth = spread.reduce((s, v) => s + v * v, 0) / K - variance ** 2;
    expect(
      Math.abs(zScore(spread.reduce((s, v) => s + v, 0) / K, variance, Math.sqrt(fourth / K))),
    ).toBeLessThanOrEqual(Z_LIMIT);
  });

  it('belong to the example and the draw: the same in any batch and chunk', () => {
    const many = outputs(Float64Array.from([...h, ...h.map((v) => -v), ...h]), 3, T);
    const all = new Float64Array(3 * 4 * T);
    root.signs(many, draws(9, 'signs', [4, 7, 1], [0, 0, 2], 4), exact, all);
    const one = new Float64Array(2 * T);
    const row = outputs(Float64Array.from(h.map((v) => -v)), 1, T);
    root.signs(row, draws(9, 'signs', [7], [0], 2, 1), exact, one);
    expect([...one]).toEqual([...all.subarray((4 + 1) * T, (4 + 3) * T)]);
  });
});

it('without exact columns the class root draws what the likelihood draws, bit for bit', () => {
  for (const family of ['categorical', 'bernoulli', 'gaussian']) {
    const likelihood = getLikelihood(family, family === 'gaussian' ? { variance: 2 } : {});
    const x = outputs(Float64Array.from([0.1, 2, -1, 0.4, 0.2, 1]), 2, 3);
    const [own, root] = [new Float64Array(18), new Float64Array(18)];
    likelihood.rademacher(x, draws(2, 's', [0, 1], null, 3), own);
    new ClassRoot(likelihood).signs(x, draws(2, 's', [0, 1], null, 3), 0, root);
    expect([...root]).toEqual([...own]);
  }
});

it('the stick-breaking order does not move with the last bits of h', () => {
  const h = [1, 1, 1.00000001, 0.99999999, -2];
  const root = new StickRoot();
  const signs = (logits: number[]) => {
    const out = new Float64Array(5);
    root.signs(outputs(Float64Array.from(logits), 1, 5), draws(1, 's', [0], null, 1), 0, out);
    return out;
  };
  const a = signs(h);
  const b = signs([1.00000002, 1, 0.99999998, 1, -2]);
  a.forEach((v, c) => expect(Math.abs(v - b[c])).toBeLessThan(1e-6));
});

it('eigenpairs of 50,000 classes: seven of them solve the equation and are orthogonal to 1', () => {
  const T = 50_000;
  const h = Float64Array.from({ length: T }, (_, c) => 4 * Math.sin(c * 12.9898 + c * c * 0.001));
  const p = new Float64Array(T);
  getLikelihood('categorical').mean(outputs(h, 1, T), p);
  const values = new Float64Array(7);
  const vectors = new Float64Array(7 * T);
  eigenpairs(p, 7, values, vectors);
  for (let r = 0; r < 7; r++) {
    const v = vectors.subarray(r * T, (r + 1) * T);
    const pv = v.reduce((s, x, c) => s + p[c] * x, 0);
    let off = 0;
    for (let c = 0; c < T; c++) off = Math.max(off, Math.abs(p[c] * v[c] - p[c] * pv - values[r] * v[c]));
    expect(off).toBeLessThan(1e-15);
    expect(Math.abs(v.reduce((s, x) => s + x, 0))).toBeLessThan(1e-9);
  }
});
