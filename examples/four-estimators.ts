/**
 * Four estimators on a confident network
 *
 * The same network and data. The network is sure of many labels, so a drawn label often says little and `type1` has the widest error;
 * random signs (`rademacher`) on eigenvectors of the output's information have a small part of it; the sum over all labels (`exact`) has
 * no label error at all. `empirical` takes labels that the network did not make (here 0, 1, 2 in turn): it is
 * another matrix, and having no label error does not bring it nearer.
 */
import { denseNetwork, estimate, getLikelihood, makeDataset, tensor } from 'fim';
import { rowsFigure } from 'fim/report';

const n = 300;
const network = denseNetwork({ widths: [4, 12, 3], initialScale: 5, seed: 3, dtype: 'float64' });
const x = Float64Array.from({ length: n * 4 }, (_, i) => 2 * Math.sin(i * i));
const y = Int32Array.from({ length: n }, (_, i) => i % 3);
const dataset = makeDataset({
  source: 'sines',
  inputs: new Map([['x', tensor('float64', [n, 4], x)]]),
  targets: tensor('int32', [n], y),
});

const estimators = ['exact', 'rademacher', 'type1', 'empirical'] as const;
export const traces = new Map(
  await Promise.all(
    estimators.map(async (estimator) => {
      const likelihood = getLikelihood('categorical');
      const fisher = await estimate(network, likelihood, dataset, { estimator, seed: 1, population: 'data' });
      return [estimator, fisher.trace] as const;
    }),
  ),
);

export const picture = rowsFigure({
  title: 'The trace by four estimators',
  description: 'Three agree within their errors, which differ; the empirical Fisher is another matrix.',
  x: { label: 'trace ± 1.96 standard errors', kind: 'log' },
  rows: [...traces].map(([name, { value, labelError }]) => {
    const error = 1.96 * (labelError ?? 0);
    const note = `${value.toPrecision(3)} ± ${error.toPrecision(2)}`;
    return { name, value, low: Math.max(value - error, value / 10), high: value + error, note };
  }),
  standalone: true,
});
