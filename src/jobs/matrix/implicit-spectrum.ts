/**
 * @module jobs/matrix/implicit-spectrum
 *
 * Figures of the Fisher of a network that is too large to be formed, by products with it over the examples.
 */
import { FimError } from '../../core/errors.js';
import { batches } from '../../data/batches.js';
import { ImplicitFisher, implicitFigures, type MatrixFigures } from '../../matrix/index.js';
import type { EstimateSubject } from '../estimate.js';
import { turn } from '../yielding.js';

/** How it is computed. */
export interface ImplicitSpectrumRequest {
  readonly examples: number;
  readonly batch: number;
  readonly order: 'seed' | 'file';
  readonly seed: number;
  readonly top: number;
  readonly level: number;
  readonly left: number;
  readonly damping: number | undefined;
  readonly signal: AbortSignal;
}

/** Groups of examples. */
const GROUPS = 20;

/** The figures with the λ that they are at. Throws `matrix/weights`, and what the signal was aborted with. */
export async function implicitSpectrum(
  { engine, network, likelihood, dataset }: EstimateSubject,
  request: ImplicitSpectrumRequest,
  hear: (words: string) => void,
): Promise<{ figures: MatrixFigures; damping: number; groups: number }> {
  const { examples, batch, order, seed, signal } = request;
  if (dataset.exampleWeights !== null)
    throw new FimError({
      code: 'matrix/weights',
      kind: 'unsupported',
      where: `${dataset.source}: example weights`,
      rule: 'products with the matrix weigh all examples the same',
    });
  const fisher = await ImplicitFisher.compile(
    engine,
    network,
    likelihood,
    (size, dtype) => batches(dataset, { batch: size, dtype, order, seed, examples }),
    {
      examples,
      batch,
      pause: async () => {
        await turn();
        signal.throwIfAborted();
        hear(`${fisher.passes} products`);
      },
    },
  );
  try {
    const damping = request.damping ?? (await usualOf(fisher, seed));
    const figures = await implicitFigures(fisher, { ...request, damping, groups: GROUPS });
    return { figures, damping, groups: request.left > 0 ? GROUPS : 0 };
  } finally {
    fisher.dispose();
  }
}

/** 1e-3 of the mean of the diagonal, by one probe, to one digit. */
async function usualOf(fisher: ImplicitFisher, seed: number): Promise<number> {
  const trace = await fisher.quadratic(fisher.probe(seed, 0));
  return Number(((1e-3 * trace) / fisher.size).toPrecision(1));
}
