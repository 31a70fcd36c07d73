/**
 * @module studies/intervals/networks
 *
 * Two networks and the population of their inputs: 1,797 digits of 7 × 7 pixels, each a mean of 4 × 4, and a dense network of tanh that
 * has learnt them until it is nearly certain of each, or for a few epochs only.
 */
import { denseNetwork, getLikelihood, loadDigits, makeDataset, type Network, tensor } from 'fim';
import type { Dataset } from 'fim/data';
import type { Engine } from 'fim/engine';
import { fit, labelled } from 'fim/jobs';
import { adam } from 'fim/optim';

/** Examples of the population N. */
export const POPULATION = 1797;
/** Side of a picture, and of the square whose mean is one pixel. */
const SIDE = 28;
const POOL = 4;

/** A network by how long it has learnt. */
export interface StudyNetwork {
  readonly name: string;
  readonly epochs: number;
}

/** Nearly certain, and mild. */
export const NETWORKS: readonly StudyNetwork[] = [
  { name: 'near-certain', epochs: 120 },
  { name: 'mild', epochs: 3 },
];

/** Outcomes of a digit. */
export const likelihood = getLikelihood('categorical');

/** The population. Throws what `loadDigits` throws. */
export function population(): Dataset {
  const digits = loadDigits({ part: 'test', input: 'x' });
  const pixels = (digits.inputs.get('x') as { data: ArrayLike<number> }).data;
  const side = SIDE / POOL;
  const x = new Float32Array(POPULATION * side * side);
  for (let n = 0; n < POPULATION; n++)
    for (let r = 0; r < SIDE; r++)
      for (let c = 0; c < SIDE; c++) {
        const pixel = pixels[(n * SIDE + r) * SIDE + c];
        x[(n * side + Math.floor(r / POOL)) * side + Math.floor(c / POOL)] += pixel / POOL ** 2;
      }
  const labels = (digits.targets as { data: Uint8Array }).data.slice(0, POPULATION);
  return makeDataset({
    source: `the first ${POPULATION} test digits, means of ${POOL} × ${POOL} pixels`,
    inputs: new Map([['x', tensor('float32', [POPULATION, side * side], x)]]),
    targets: tensor('uint8', [POPULATION], labels),
  });
}

/** The network of a study, trained on the population itself. */
export async function train(engine: Engine, dataset: Dataset, of: StudyNetwork): Promise<Network> {
  const widths = [(SIDE / POOL) ** 2, 24, 24, 10];
  const network = denseNetwork({ widths, activation: 'tanh', seed: 1 });
  const data = labelled(dataset, likelihood, 10);
  const made = await fit(engine, network, likelihood, data, data, {
    epochs: of.epochs,
    batch: 32,
    optimiser: adam(),
    learningRate: 0.01,
    seed: 1,
  });
  return made.network;
}
