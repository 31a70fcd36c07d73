import { expect, it } from 'vitest';
import { outputs } from './batch.js';
import { getLikelihood } from './registry.js';

it.each([
  ['categorical', {}],
  ['bernoulli', {}],
  ['gaussian', { variance: 2 }],
  ['poisson', {}],
] as const)('%s: squared lengths and weights of the columns without the columns', (family, options) => {
  const likelihood = getLikelihood(family, options);
  const [n, T] = [3, 5];
  const h = outputs(
    Float64Array.from({ length: n * T }, (_, i) => (i < T ? 40 : 1) * Math.sin(i * i)),
    n,
    T,
  );
  const K = likelihood.columnCount(T);
  const [columns, w] = [new Float64Array(n * K * T), new Float64Array(n * K)];
  likelihood.columns(h, columns, w);
  const [squares, weights] = [new Float64Array(n * K), new Float64Array(n * K)];
  likelihood.squaredLengths?.(h, squares, weights);
  expect(weights).toEqual(w);
  for (let j = 0; j < n * K; j++) {
    const sum = columns.subarray(j * T, (j + 1) * T).reduce((s, v) => s + v * v, 0);
    expect(Math.abs(squares[j] - sum)).toBeLessThan(1e-15 * (1 + sum));
  }
});
