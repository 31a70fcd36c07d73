import { describe, expect, it } from 'vitest';
import { laws } from '../../../test/support/laws.js';
import { tensor } from '../../core/tensor.js';
import { evaluate } from '../../engine/oracle/evaluate.js';
import { input, N } from '../../graph/index.js';
import { getLikelihood, type Likelihood, makeLabels, outputs } from '../index.js';
import { overPositions } from '../positions.js';
import type { InGraph } from './in-graph.js';

/** Columns, weights and residuals by the host and by the graph, of rows h with a label each. */
function both(likelihood: Likelihood, rows: readonly (readonly number[])[], labels: readonly number[][]) {
  const [n, T] = [rows.length, rows[0].length];
  const K = likelihood.weightedColumns(T);
  const h = outputs(Float64Array.from(rows.flat()), n, T);
  const host = {
    columns: new Float64Array(n * K * T),
    weights: new Float64Array(n * K),
    residual: new Float64Array(n * T),
  };
  likelihood.columns(h, host.columns, host.weights, { from: 0, count: K });
  const own = makeLabels(likelihood, n, T, 1);
  own.data.set(labels.flat());
  likelihood.residual(h, own, host.residual);

  const form = likelihood.inGraph as InGraph;
  const z = input('h', 'float64', [N, T]);
  const { dtype, shape } = form.labels(z);
  const y = input('y', dtype, [N, ...shape]);
  const { columns, weights } = form.columns(z);
  expect(columns.shape.slice(1)).toEqual([K, T]);
  expect(weights.shape.slice(1)).toEqual([K]);
  const given = new Map([
    [z, tensor('float64', [n, T], rows.flat())],
    [y, tensor(dtype, [n, ...shape], labels.flat())],
  ]);
  const graph = evaluate([columns, weights, form.residual(z, y)], given, n).map(({ data }) => data);
  return { host, graph };
}

function compare(likelihood: Likelihood, rows: number[][], labels: number[][], tolerance = 4e-15): void {
  const { host, graph } = both(likelihood, rows, labels);
  [host.columns, host.weights, host.residual].forEach((want, i) => {
    expect(graph[i].length).toBe(want.length);
    want.forEach((x, j) => {
      expect(Math.abs(graph[i][j] - x)).toBeLessThanOrEqual(tolerance * Math.abs(x));
    });
  });
}

describe.each(Object.entries(laws))('%s in the graph', (_, { likelihood, h, outcomes }) => {
  it('has the columns, weights and residuals of the host', () => {
    const some = outcomes.filter((_, j) => j % Math.ceil(outcomes.length / 7) === 0);
    // A residual near 0 is a difference: its error is that of what it is taken from.
    compare(
      likelihood,
      some.map(() => h),
      some.map(({ y }) => y),
      1e-12,
    );
  });
});

it('keeps the digits of what is almost certain', () => {
  compare(getLikelihood('categorical'), [[0, 60, 1]], [[1]]);
  compare(getLikelihood('bernoulli'), [[60, -60, 0]], [[1, 0, 1]]);
});

it('has a variance for each output', () => {
  compare(getLikelihood('gaussian', { variance: [1, 4, 0.25] }), [[1, 2, 3]], [[0, 0, 1]]);
});

it('has positions', () => {
  const rows = [
    [0.1, -0.3, 2, 1, 0.4, -1],
    [0.7, 0.3, -2, 0, 0, 3],
  ];
  compare(overPositions(getLikelihood('categorical'), 2), rows, [
    [0, 2],
    [1, 1],
  ]);
  compare(overPositions(getLikelihood('bernoulli'), 3), rows, [
    [0, 1, 1, 0, 1, 0],
    [1, 1, 1, 0, 0, 0],
  ]);
});
