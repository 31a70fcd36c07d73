import { describe, expect, it } from 'vitest';
import { closedFormErrors, rootOf, sampledErrors, type ErrorVariances } from './index.js';

// A population of three examples; a draw at x is one of two values. With n = 2 examples and K = 2 draws each, every
// outcome can be listed, so the variance of the estimate and the expectation of each error are exact.
const values = [
  [0, 4],
  [1, 2],
  [-3, 9],
];
const p = [0.7, 0.5, 0.9];
const mean = (x: number) => p[x] * values[x][0] + (1 - p[x]) * values[x][1];
const variance = (x: number) => p[x] * (1 - p[x]) * (values[x][0] - values[x][1]) ** 2;
const variance1 = (a: number[]) => {
  const m = a.reduce((t, v) => t + v, 0) / a.length;
  return a.reduce((t, v) => t + (v - m) ** 2, 0) / (a.length - 1);
};

interface Outcome {
  weight: number;
  examples: number[];
  draws: number[][];
}

function outcomes(pairs: [number, number][]): Outcome[] {
  const list: Outcome[] = [];
  for (const pair of pairs) {
    for (let bits = 0; bits < 16; bits++) {
      let weight = 1 / pairs.length;
      const draws = pair.map((x, e) =>
        [0, 1].map((k) => {
          const side = (bits >> (2 * e + k)) & 1;
          weight *= side ? 1 - p[x] : p[x];
          return values[x][side];
        }),
      );
      list.push({ weight, examples: pair, draws });
    }
  }
  return list;
}

const without: [number, number][] = [
  [0, 1],
  [0, 2],
  [1, 0],
  [1, 2],
  [2, 0],
  [2, 1],
];
const withReplacement: [number, number][] = [0, 1, 2].flatMap((a) =>
  [0, 1, 2].map((b) => [a, b] as [number, number]),
);

function expectations(list: Outcome[], fraction: number, sampled: boolean) {
  const design = { examples: 2, draws: 2, fraction };
  const average = { estimate: 0, square: 0, total: 0, label: 0 };
  for (const { weight, examples, draws } of list) {
    const means = draws.map((d) => (d[0] + d[1]) / 2);
    const estimate = (means[0] + means[1]) / 2;
    const e: ErrorVariances = sampled
      ? sampledErrors(variance1(means), (variance1(draws[0]) + variance1(draws[1])) / 2, design)
      : closedFormErrors(
          variance(examples[0]) + variance(examples[1]),
          variance1(examples.map(mean)),
          design,
        );
    average.estimate += weight * estimate;
    average.square += weight * estimate ** 2;
    average.total += weight * e.total!;
    average.label += weight * e.label!;
  }
  return { ...average, variance: average.square - average.estimate ** 2 };
}

describe('errors of a mean', () => {
  const labelTruth = (variance(0) + variance(1) + variance(2)) / 3 / 4;

  for (const sampled of [false, true]) {
    const how = sampled ? 'from draws' : 'closed form';
    it(`${how}: unbiased for inputs of a distribution`, () => {
      const e = expectations(outcomes(withReplacement), 0, sampled);
      expect(e.total).toBeCloseTo(e.variance, 12);
      expect(e.label).toBeCloseTo(labelTruth, 12);
    });

    it(`${how}: unbiased for n of N without replacement`, () => {
      const e = expectations(outcomes(without), 2 / 3, sampled);
      expect(e.total).toBeCloseTo(e.variance, 12);
      expect(e.label).toBeCloseTo(labelTruth, 12);
    });
  }

  it('a whole population has no data error', () => {
    const design = { examples: 3, draws: 1, fraction: 1 };
    expect(closedFormErrors(18, 5, design)).toEqual({ label: 2, data: 0, total: 2 });
    expect(sampledErrors(5, 6, { ...design, draws: 2 })).toEqual({ label: 1, data: 0, total: 1 });
  });

  it('the total is made of unclipped parts', () => {
    // Draws noisier than their means differ: the data part is clipped to 0, the total stays S²/n, below the label part.
    const e = sampledErrors(4, 40, { examples: 10, draws: 2, fraction: 0 });
    expect(e).toEqual({ label: 2, data: 0, total: 0.4 });
  });

  it('K = 1 knows the total only; one example nothing of the data', () => {
    expect(sampledErrors(4, NaN, { examples: 10, draws: 1, fraction: 0 })).toEqual({
      label: null,
      data: null,
      total: 0.4,
    });
    expect(sampledErrors(NaN, 4, { examples: 1, draws: 2, fraction: 0 })).toEqual({
      label: 2,
      data: null,
      total: null,
    });
    expect(sampledErrors(NaN, 4, { examples: 1, draws: 2, fraction: 1 })).toEqual({
      label: 2,
      data: 0,
      total: 2,
    });
    expect(closedFormErrors(3, NaN, { examples: 1, draws: 1, fraction: 0 })).toEqual({
      label: 3,
      data: null,
      total: null,
    });
    expect(closedFormErrors(3, NaN, { examples: 1, draws: 1, fraction: 1 })).toEqual({
      label: 3,
      data: 0,
      total: 3,
    });
    expect(rootOf(null)).toBeNull();
    expect(rootOf(4)).toBe(2);
  });
});
