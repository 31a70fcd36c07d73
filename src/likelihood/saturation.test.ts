import { describe, expect, it } from 'vitest';
import {
  draws,
  enumeratedTotal,
  getLikelihood,
  makeLabels,
  outputs,
  pairwiseTotalVariance,
} from './index.js';

/** References from 60-digit arithmetic. The scores are those of one parameter with J = (1, −2, ½, 3). */
const confident = [
  {
    h: [0, 12.5, -3, 11],
    p: [3.0468067698800133108e-6, 0.81757186118303313917, 1.5169157695568692641e-7, 0.18242494031862002513],
    q: [0.99999695319323011999, 0.18242813881696686083, 0.99999984830842304431, 0.81757505968137997487],
    fisher: 3.7286630397373932922,
    variance: 37.604440571558401219,
    third: 379.25233804375058065,
  },
  {
    h: [40, 0, -40, -80],
    p: [
      0.99999999999999999575, 4.2483542552915889773e-18, 1.8048513878454151646e-35, 7.6676480737219995999e-53,
    ],
    q: [4.2483542552915889953e-18, 0.99999999999999999575, 1.0, 1.0],
    fisher: 3.8235188297624300638e-17,
    variance: 3.4411669467861869985e-16,
    third: 3.097050252107568246e-15,
  },
  {
    h: [1000, 0, -1000, 300],
    p: [1.0, 5.0759588975494567653e-435, 2.5765358729611496522e-869, 9.8596765437597708567e-305],
    q: [9.8596765437597708567e-305, 1.0, 1.0, 1.0],
    fisher: 3.9438706175039083427e-304,
    variance: 1.5775482470015633371e-303,
    third: 6.3101929880062533483e-303,
  },
  {
    h: [-1000, -1000.25, -1030, -1000],
    p: [0.35986746732332054186, 0.28026506535332524125, 3.3675040779630452917e-14, 0.35986746732332054186],
    q: [0.64013253267667945814, 0.71973493464667475875, 0.99999999999996632496, 0.64013253267667945814],
    fisher: 3.9471998705797487607,
    variance: 10.956471380406603766,
    third: 1.1025985921159720605,
  },
];

/** h, p, 1 − p, v, κ3, Var δ², −log p(1). */
const binary: [number, number, number, number, number, number, number][] = [
  [
    1e-9, 0.50000000025, 0.49999999975, 0.24999999999999999994, -1.2500000000000000774e-10,
    6.2500000000000007759e-20, 0.69314718005994530954,
  ],
  [
    -0.001, 0.49975000002083333124, 0.50024999997916666876, 0.24999993750001041667, 0.0001249999583333421901,
    6.2499973958340019962e-8, 0.69364730555994010109,
  ],
  [
    9.5, 0.99992515377248938877, 0.000074846227510611231063, 0.000074840625552838660886,
    -0.000074829422475864332432, 0.000074818221075906100057, 0.000074849028629267164088,
  ],
  [
    40, 0.99999999999999999575, 4.2483542552915889773e-18, 4.2483542552915889592e-18,
    -4.2483542552915889231e-18, 4.248354255291588887e-18, 4.2483542552915889863e-18,
  ],
  [
    -700.5, 5.9801961186397912064e-305, 1.0, 5.9801961186397912064e-305, 5.9801961186397912064e-305,
    5.9801961186397912064e-305, 700.5,
  ],
];

/** Relative difference, 0 where the reference is below float64. */
const off = (got: number, truth: number) =>
  Math.abs(truth) < 1e-307 ? Math.abs(got - truth) : Math.abs(got - truth) / Math.abs(truth);

describe('categorical far from the middle', () => {
  const likelihood = getLikelihood('categorical');
  const J = [1, -2, 0.5, 3];

  it.each(confident)('h = $h', ({ h, p, q, fisher, variance, third }) => {
    const x = outputs(Float64Array.from(h), 1, 4);
    const [mean, w, logp, F] = [4, 4, 4, 1].map((size) => new Float64Array(size));
    const I = new Float64Array(16);
    const D = new Float64Array(16);
    likelihood.mean(x, mean);
    likelihood.information(x, I);
    likelihood.columns(x, D, w);
    likelihood.logPartition(x, F);
    const labels = { data: Float64Array.of(0, 1, 2, 3), count: 4, width: 1 };
    likelihood.logProbability(x, labels, logp);
    for (let c = 0; c < 4; c++) {
      expect(off(mean[c], p[c])).toBeLessThan(1e-14);
      expect(off(w[c], p[c])).toBeLessThan(1e-14);
      expect(off(D[c * 5], q[c])).toBeLessThan(1e-14);
      expect(off(I[c * 5], p[c] * q[c])).toBeLessThan(1e-14);
      expect(Math.abs(logp[c] - (h[c] - F[0]))).toBeLessThan(1e-12);
    }
    const s = [0, 1, 2, 3].map((c) => J.reduce((t, j, a) => t + j * D[c * 4 + a], 0));
    const square = Float64Array.from(s, (v) => v * v);
    const m = square.reduce((t, v, c) => t + w[c] * v, 0);
    const out = new Float64Array(1);
    expect(off(m, fisher)).toBeLessThan(1e-13);
    enumeratedTotal(square, w, 1, 4, 2, out);
    expect(off(out[0], variance)).toBeLessThan(1e-13);
    enumeratedTotal(square, w, 1, 4, 3, out);
    expect(off(out[0], third)).toBeLessThan(1e-13);
  });

  it('keeps log p of the likeliest class, 1 − p and the number of labels off the mode', () => {
    const x = outputs(Float64Array.of(40, 0, -40, -80), 1, 4);
    const logp = new Float64Array(1);
    likelihood.logProbability(x, { data: Float64Array.of(0), count: 1, width: 1 }, logp);
    expect(off(logp[0], -4.2483542552915889953e-18)).toBeLessThan(1e-14);
    expect(off(likelihood.offMode(x)!, 4.2483542552915889953e-18)).toBeLessThan(1e-14);
  });

  it('Rademacher cotangents keep their digits: error below an ulp of the terms, none of which is a lost difference', () => {
    for (const { h } of confident) {
      const x = outputs(Float64Array.from(h), 1, 4);
      const d = draws(6, 'signs', [1], null, 64);
      const out = new Float64Array(64 * 4);
      const D = new Float64Array(16);
      const w = new Float64Array(4);
      likelihood.rademacher(x, d, out);
      likelihood.columns(x, D, w);
      for (let k = 0; k < 64; k++) {
        for (let a = 0; a < 4; a++) {
          let truth = 0;
          let size = 0;
          for (let c = 0; c < 4; c++) {
            const term = d.stream.signAt(1, 0, k, c) * Math.sqrt(w[c]) * D[c * 4 + a];
            truth += term;
            size += Math.abs(term);
          }
          expect(Math.abs(out[k * 4 + a] - truth)).toBeLessThanOrEqual(1e-15 * size);
        }
      }
    }
  });

  it('float32 columns give the label variance to 1e-5 where p > 0.9999', () => {
    const h = Float32Array.of(11.5, 0, -1.25, 1);
    const results = [Float32Array, Float64Array].map((Array_) => {
      const D = new Array_(16);
      const w = new Array_(4);
      likelihood.columns(outputs(h, 1, 4), D, w);
      expect(w[0]).toBeGreaterThan(0.9999);
      const q = new Array_(4);
      for (let c = 0; c < 4; c++) {
        // float32 at every step, where E s⁴ − (E s²)² would lose everything.
        const s = new Array_(1);
        for (let a = 0; a < 4; a++) s[0] += J[a] * D[c * 4 + a];
        q[c] = s[0] * s[0];
      }
      const out = new Array_(1);
      enumeratedTotal(q, w, 1, 4, 2, out);
      return out[0];
    });
    expect(off(results[0], results[1])).toBeLessThan(1e-5);
  });
});

describe('Bernoulli far from the middle, and near it', () => {
  const likelihood = getLikelihood('bernoulli');

  it.each(binary)('h = %d', (h, p, q, v, third, squareVariance, surprise) => {
    const x = outputs(Float64Array.of(h), 1, 1);
    const [mean, one, w, k3, c, out] = Array.from({ length: 6 }, () => new Float64Array(1));
    likelihood.mean(x, mean);
    likelihood.columns(x, one, w);
    likelihood.components!.third(x, k3);
    likelihood.components!.fourth(x, c);
    expect(off(mean[0], p)).toBeLessThan(1e-14);
    expect(off(w[0], v)).toBeLessThan(1e-14);
    expect(off(k3[0], third)).toBeLessThan(1e-14);
    expect(off(c[0], squareVariance)).toBeLessThan(1e-14);
    const delta = new Float64Array(2);
    likelihood.residual(x, { data: Float64Array.of(1, 0), count: 2, width: 1 }, delta);
    expect(off(delta[0], q)).toBeLessThan(1e-14);
    expect(off(delta[1], -p)).toBeLessThan(1e-14);
    likelihood.logProbability(x, { data: Float64Array.of(1), count: 1, width: 1 }, out);
    expect(off(out[0], -surprise)).toBeLessThan(1e-14);
    pairwiseTotalVariance(Float64Array.of(9), w, c, 1, 1, out);
    expect(off(out[0], 81 * squareVariance)).toBeLessThan(1e-14);
  });

  it('h = ±1000 is certain: no NaN, no variance, always the same label', () => {
    const x = outputs(Float64Array.of(1000, -1000), 1, 2);
    const [eta, w, logp] = [new Float64Array(2), new Float64Array(2), new Float64Array(1)];
    likelihood.mean(x, eta);
    likelihood.columns(x, new Float64Array(4), w);
    expect([...eta]).toEqual([1, 0]);
    expect([...w]).toEqual([0, 0]);
    const labels = makeLabels(likelihood, 1, 2, 50);
    likelihood.sample(x, draws(0, 's', [0], null, 50), labels);
    expect(labels.data.every((y, j) => y === (j % 2 === 0 ? 1 : 0))).toBe(true);
    likelihood.logProbability(x, { data: Float64Array.of(0, 1), count: 1, width: 2 }, logp);
    expect(logp[0]).toBe(-2000);
  });
});
