/**
 * @module run/open/first-examples
 *
 * Checks on the first examples what the graph alone cannot show: that examples are independent of one another, and that the output
 * is a natural parameter and not probabilities. Cost: three forward passes over at most 32 examples.
 */
import { FimError } from '../../core/errors.js';
import { isFloat, type TypedArray } from '../../core/tensor.js';
import { batches } from '../../data/batches.js';
import type { Dataset } from '../../data/dataset.js';
import type { Engine } from '../../engine/types.js';
import { Passes } from '../../fisher/passes.js';
import { looksLikeProbabilities } from '../../graph/onnx/index.js';
import { requireIndependent } from '../../model/independence.js';
import type { Network } from '../../model/network.js';

/** How many examples the checks look at. */
const CHECKED = 32;

/** Runs the first examples. Throws `model/probabilities` and what `requireIndependent` throws. */
export async function checkFirstExamples(
  engine: Engine,
  network: Network,
  dataset: Dataset,
  outputIs?: 'natural',
): Promise<void> {
  const T = network.h.shape[1] as number;
  const batch = Math.min(CHECKED, dataset.n);
  const programs = await Passes.compile(engine, network, {}, batch);
  try {
    for (const first of batches(dataset, { batch, dtype: programs.dtype, examples: batch, order: 'file' })) {
      const inputs = new Map<string, TypedArray>([...first.inputs].map(([name, t]) => [name, t.data]));
      const h = (await programs.forward(inputs, first.n)).slice();
      if (outputIs !== 'natural' && looksLikeProbabilities(h, first.n, T)) throw probabilities();
      if ([...network.inputs.values()].some((v) => isFloat(v.dtype))) {
        await requireIndependent((x, n) => programs.forward(x, n), inputs, first.n, T);
      }
    }
  } finally {
    programs.dispose();
  }
}

function probabilities(): FimError {
  return new FimError({
    code: 'model/probabilities',
    where: 'network output',
    rule: 'must be the natural parameter (logits), not probabilities',
    got: 'every row of the first examples lies in [0, 1] and sums to 1',
    cause: 'a Softmax at the end that could not be recognised',
    next: 'name the logits with --output NAME, or confirm with --output-is natural',
  });
}
