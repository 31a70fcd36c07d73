/**
 * The whole matrix and its spectrum
 *
 * Of a small network the P×P Fisher fits in memory. Its trace is the sum of the diagonal that `estimate` gives, and its eigenvalues fall
 * by orders of magnitude: few directions in parameter space change what the network says. A batch of N examples with T classes
 * leaves at most N·(T − 1) of them above zero.
 */
import { denseNetwork, estimate, getLikelihood, makeDataset, tensor } from 'fim';
import { batches } from 'fim/data';
import { createSmallEngine } from 'fim/engine';
import { denseMoments } from 'fim/fisher';
import { largestEigenvalue } from 'fim/optim';
import { xyFigure } from 'fim/report';

const n = 4;
const network = denseNetwork({ widths: [2, 4, 3], seed: 1, dtype: 'float64' });
const likelihood = getLikelihood('categorical');
const x = Float64Array.from({ length: n * 2 }, (_, i) => Math.sin(5 * i));
const dataset = makeDataset({ source: 'sines', inputs: new Map([['x', tensor('float64', [n, 2], x)]]) });

const source = (batch: number, dtype: 'float32' | 'float64') => batches(dataset, { batch, dtype });
const options = { second: false };
const engine = createSmallEngine();
export const { fisher, P } = await denseMoments(engine, network, likelihood, source, options);
export const diagonal = await estimate(network, likelihood, dataset, { estimator: 'exact' });

/** Eigenvalues from the largest down: power iteration, then the found direction is taken out. */
export const eigenvalues: number[] = [];
for (const rest = fisher.slice(); eigenvalues.length < 10;) {
  let v = Float64Array.from({ length: P }, (_, i) => Math.sin(i + 1));
  for (let step = 0; step < 3000; step++) {
    const w = v.map((_, i) => v.reduce((sum, vj, j) => sum + rest[i * P + j] * vj, 0));
    const norm = Math.hypot(...w);
    v = w.map((wi) => wi / norm);
  }
  const lambda = v.reduce((s, vi, i) => s + vi * v.reduce((t, vj, j) => t + rest[i * P + j] * vj, 0), 0);
  eigenvalues.push(lambda);
  for (let i = 0; i < P; i++) for (let j = 0; j < P; j++) rest[i * P + j] -= lambda * v[i] * v[j];
}
export const largest = largestEigenvalue(fisher, P);

export const picture = xyFigure({
  title: 'Eigenvalues of the Fisher, from the largest down',
  description: 'They fall by orders of magnitude, and at most n·(T − 1) = 8 are above zero.',
  x: { label: 'rank', kind: 'linear' },
  y: { label: 'eigenvalue', kind: 'log' },
  series: [{ name: 'λ', draw: 'both', points: eigenvalues.slice(0, 8).map((y, i) => ({ x: i + 1, y })) }],
  standalone: true,
});
