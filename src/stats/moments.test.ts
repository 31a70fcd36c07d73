import { describe, expect, it } from 'vitest';
import { Sequence } from '../core/random.js';
import { ArrayMoments, Moments, TotalSkewness } from './index.js';

function sample(n: number, name: string): number[] {
  const s = new Sequence(0, name);
  return Array.from({ length: n }, () => 5 + s.normal() ** 2);
}

/** Two passes, the definition. */
function central(values: number[]): { mean: number; m2: number; m3: number } {
  const mean = values.reduce((t, x) => t + x, 0) / values.length;
  let m2 = 0;
  let m3 = 0;
  for (const x of values) {
    m2 += (x - mean) ** 2;
    m3 += (x - mean) ** 3;
  }
  return { mean, m2, m3 };
}

const near = (a: number, b: number, tol = 1e-12) =>
  expect(Math.abs(a - b)).toBeLessThanOrEqual(tol * Math.abs(b));

describe('Moments', () => {
  const values = sample(500, 'moments');
  const truth = central(values);

  it('one value at a time', () => {
    const m = Moments.of(values);
    near(m.mean, truth.mean);
    near(m.m2, truth.m2);
    near(m.m3, truth.m3);
    near(m.sum, truth.mean * 500);
    near(m.sampleVariance, truth.m2 / 499);
    near(m.populationVariance, truth.m2 / 500);
    near(m.thirdCentralMoment, truth.m3 / 500);
    near(m.skewness, truth.m3 / 500 / (truth.m2 / 500) ** 1.5);
    near(m.standardError, Math.sqrt(truth.m2 / 499 / 500));
  });

  it('any partition merges to the same, empty parts included', () => {
    for (const cuts of [
      [0, 1, 500],
      [0, 250, 500],
      [0, 0, 3, 499, 500],
      [0, 10, 20, 30, 400, 400, 500],
    ]) {
      const whole = new Moments();
      for (let i = 1; i < cuts.length; i++) whole.merge(Moments.of(values.slice(cuts[i - 1], cuts[i])));
      expect(whole.count).toBe(500);
      near(whole.mean, truth.mean);
      near(whole.m2, truth.m2);
      near(whole.m3, truth.m3);
    }
  });

  it('survives a mean a million times the spread', () => {
    const m = Moments.of(values.map((x) => x + 1e6));
    near(m.m2, truth.m2, 1e-8);
    near(m.m3, truth.m3, 1e-7);
  });

  it('continues from its state, through JSON', () => {
    const half = Moments.of(values.slice(0, 123));
    const again = Moments.from(JSON.parse(JSON.stringify(half)) as Moments);
    for (const x of values.slice(123)) again.add(x);
    near(again.m3, truth.m3);
  });

  it('says what one value or equal values cannot tell', () => {
    expect(Moments.of([3]).sampleVariance).toBeNaN();
    expect(Moments.of([3, 3, 3]).skewness).toBe(0);
  });
});

describe('ArrayMoments', () => {
  const size = 4;
  const rows = sample(60 * size, 'array moments');
  const column = (i: number) => rows.filter((_, j) => j % size === i);
  const row = (r: number) => Float64Array.from(rows.slice(r * size, (r + 1) * size));

  function check(m: ArrayMoments, tol = 1e-11): void {
    expect(m.count).toBe(60);
    const variance = m.sampleVariance();
    for (let i = 0; i < size; i++) {
      const truth = central(column(i));
      near(m.mean[i], truth.mean, tol);
      near(m.m2[i], truth.m2, tol);
      near(variance[i], truth.m2 / 59, tol);
    }
  }

  function sums(from: number, to: number): [number, Float64Array, Float64Array] {
    const s = new Float64Array(size);
    const q = new Float64Array(size);
    for (let r = from; r < to; r++) row(r).forEach((x, i) => ((s[i] += x), (q[i] += x * x)));
    return [to - from, s, q];
  }

  it('rows, sums, and merged records agree with two passes', () => {
    const byRow = new ArrayMoments(size);
    for (let r = 0; r < 60; r++) byRow.addRow(Float64Array.from(rows), r * size);
    check(byRow);

    const bySums = new ArrayMoments(size);
    for (const [a, b] of [
      [0, 7],
      [7, 7],
      [7, 50],
      [50, 60],
    ])
      bySums.addSums(...sums(a, b));
    check(bySums);

    const left = new ArrayMoments(size);
    left.addSums(...sums(0, 13));
    const right = new ArrayMoments(size);
    for (let r = 13; r < 60; r++) right.addRow(row(r));
    check(new ArrayMoments(size).merge(new ArrayMoments(size)).merge(left).merge(right));
  });

  it('from squares around the mean of each batch, which those of all values far from zero need', () => {
    const far = (r: number) => row(r).map((v) => 1e6 + v);
    const m = new ArrayMoments(size);
    for (const [from, to] of [
      [0, 1],
      [1, 20],
      [20, 60],
    ]) {
      const rows = Array.from({ length: to - from }, (_, r) => far(from + r));
      const sum = Float64Array.from({ length: size }, (_, i) => rows.reduce((s, v) => s + v[i], 0));
      const squares = sum.map((s, i) => rows.reduce((t, v) => t + (v[i] - s / rows.length) ** 2, 0));
      expect(m.blurredAround(rows.length, sum, squares, 1e-30)).toBe(false);
      expect(m.blurredAround(rows.length, sum, squares, 1)).toBe(from > 0);
      m.addCentred(rows.length, sum, squares);
    }
    for (let i = 0; i < size; i++) {
      const whole = central(Array.from({ length: 60 }, (_, r) => far(r)[i]));
      near(m.mean[i], whole.mean);
      expect(Math.abs(m.sampleVariance()[i] / (whole.m2 / 59) - 1)).toBeLessThan(1e-8);
    }
  });

  it('keeps the mean right without squares', () => {
    const m = new ArrayMoments(size);
    const [n, s] = sums(0, 60);
    m.addSums(n, s);
    for (let i = 0; i < size; i++) near(m.mean[i], central(column(i)).mean);
  });

  it('predicts the cancellation of sums', () => {
    // Mean 1000, variance 1, sums in float32: ε·(1 + 10⁶) = 6 %.
    const m = new ArrayMoments(1);
    m.addRow([999] as unknown as Float64Array);
    m.addRow([1001] as unknown as Float64Array);
    near(m.cancellation(2 ** -24), 2 ** -24 * (1 + 1e6));
    const constant = new ArrayMoments(1);
    constant.addSums(2, Float64Array.of(4), Float64Array.of(8));
    expect(constant.cancellation(2 ** -24)).toBe(Infinity);
    expect(new ArrayMoments(3).cancellation(1)).toBe(0);
  });

  it('refuses an array of another length', () => {
    expect(() => new ArrayMoments(3).addSums(1, new Float64Array(2))).toThrow('3 elements');
  });
});

describe('TotalSkewness', () => {
  // Three equally likely inputs; given x the draw is one of two values: every moment by enumeration.
  const law = [
    { values: [0, 4], p: [0.7, 0.3] },
    { values: [1, 2], p: [0.5, 0.5] },
    { values: [-1, 9], p: [0.9, 0.1] },
  ];
  const moments = law.map(({ values, p }) => {
    const mean = values[0] * p[0] + values[1] * p[1];
    const c = (k: number) => p[0] * (values[0] - mean) ** k + p[1] * (values[1] - mean) ** k;
    return { mean, variance: c(2), third: c(3) };
  });

  it('equals the skewness of the mean of two draws, enumerated', () => {
    const s = new TotalSkewness();
    for (const m of moments) s.add(m.mean, m.variance, m.third);
    const outcomes: [number, number][] = [];
    for (const { values, p } of law) {
      for (const i of [0, 1])
        for (const j of [0, 1]) outcomes.push([(values[i] + values[j]) / 2, (p[i] * p[j]) / 3]);
    }
    const mean = outcomes.reduce((t, [v, w]) => t + v * w, 0);
    const c = (k: number) => outcomes.reduce((t, [v, w]) => t + w * (v - mean) ** k, 0);
    near(s.overall(2, 1), c(3) / c(2) ** 1.5);
    near(s.overall(2, 50), c(3) / c(2) ** 1.5 / Math.sqrt(50));

    // Given the inputs: the sum of the three means of two draws.
    const third = moments.reduce((t, m) => t + m.third / 4, 0);
    const second = moments.reduce((t, m) => t + m.variance / 2, 0);
    near(s.ofDraws(2), third / second ** 1.5);
  });

  it('merges', () => {
    const whole = new TotalSkewness();
    const parts = [new TotalSkewness(), new TotalSkewness(), new TotalSkewness()];
    moments.forEach((m, i) => {
      whole.add(m.mean, m.variance, m.third);
      parts[i % 2].add(m.mean, m.variance, m.third);
    });
    const merged = new TotalSkewness().merge(parts[2]).merge(parts[0]).merge(parts[1]);
    near(merged.overall(3), whole.overall(3));
    near(merged.ofDraws(1), whole.ofDraws(1));
  });

  it('is 0 without variance', () => {
    const s = new TotalSkewness();
    s.add(1, 0, 0);
    expect(s.ofDraws(1)).toBe(0);
    expect(s.overall(1)).toBe(0);
  });
});
