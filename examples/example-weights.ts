/**
 * Examples that count more than others
 *
 * A weight for every example makes the mean a weighted one. Weights of 1 for even and 0 for odd examples are the estimate
 * over the even ones alone; weights between say how many equally weighted examples they are worth, (Σω)²/Σω².
 */
import { denseNetwork, estimate, getLikelihood, makeDataset, tensor } from 'fim';
import { takeExamples } from 'fim/data';

const n = 120;
const network = denseNetwork({ widths: [3, 6, 2], seed: 5, dtype: 'float64' });
const likelihood = getLikelihood('bernoulli');
const x = tensor(
  'float64',
  [n, 3],
  Float64Array.from({ length: n * 3 }, (_, i) => Math.sin(i)),
);
const weighted = (weight: (i: number) => number) =>
  makeDataset({
    source: 'sines',
    inputs: new Map([['x', x]]),
    exampleWeights: tensor(
      'float64',
      [n],
      Float64Array.from({ length: n }, (_, i) => weight(i)),
    ),
  });
const exact = { estimator: 'exact' } as const;

export const everySecond = await estimate(
  network,
  likelihood,
  weighted((i) => (i + 1) % 2),
  exact,
);
export const rising = await estimate(
  network,
  likelihood,
  weighted((i) => 1 + i),
  exact,
);

const all = makeDataset({ source: 'sines', inputs: new Map([['x', x]]) });
const even = takeExamples(
  all,
  Uint32Array.from({ length: n / 2 }, (_, i) => 2 * i),
  'even',
);
export const alone = await estimate(network, likelihood, even, exact);
