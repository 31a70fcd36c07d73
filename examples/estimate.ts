/**
 * The Fisher of a network built in TypeScript
 *
 * A linear model with Gaussian noise, because its Fisher is known: 1/σ² E x_j² for the weight of input j, 1/σ² for a bias. Three inputs of
 * rising size give three rising bars, twice, once for each output. The bars' whiskers are what the choice of these 400 examples
 * leaves open; nothing is drawn, so the labels add no error.
 */
import { denseNetwork, estimate, getLikelihood, makeDataset, tensor } from 'fim';
import { rowsFigure } from 'fim/report';

export const [n, variance] = [400, 0.5];
export const x = Float64Array.from({ length: n * 3 }, (_, i) => (1 + (i % 3)) * Math.sin(7 * i));

const network = denseNetwork({ widths: [3, 2], dtype: 'float64' });
const likelihood = getLikelihood('gaussian', { variance });
const dataset = makeDataset({
  source: 'sines',
  inputs: new Map([['x', tensor('float64', [n, 3], x)]]),
});

export const fisher = await estimate(network, likelihood, dataset, { estimator: 'exact' });

const weight = fisher.tensors[0];
export const picture = rowsFigure({
  title: 'Fisher of the weights of a linear model',
  description: 'The Fisher of a weight grows with the square of its input.',
  x: { label: 'Fisher ± 1.96 standard errors', kind: 'linear' },
  rows: Array.from(weight.fisher, (value, i) => {
    const error = 1.96 * weight.standardError![i];
    const name = `output ${Math.floor(i / 3)}, input ${i % 3}`;
    return { name, value, low: value - error, high: value + error, note: value.toFixed(2) };
  }),
  standalone: true,
});
