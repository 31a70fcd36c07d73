/**
 * @module jobs/open/first-examples
 *
 * Checks on the first examples what the graph alone cannot show: that examples are independent of one another, and that the output
 * is a natural parameter and not probabilities. Cost: three forward passes over at most 32 examples,
 * fewer where one of them is large.
 */
import { FimError } from '../../core/errors.js';
import { isFloat, type TypedArray } from '../../core/tensor.js';
import { batches } from '../../data/batches.js';
import type { Dataset } from '../../data/dataset.js';
import type { Engine } from '../../engine/types.js';
import { examplesAtOnce } from '../../fisher/memory.js';
import { Passes } from '../../fisher/passes.js';
import { looksLikeProbabilities, type OutputIs } from '../../model/output/choose.js';
import { requireIndependent } from '../../model/independence.js';
import type { Network } from '../../model/network.js';
import { weighingOf } from '../weighing.js';

/** How many examples the checks look at. */
const CHECKED = 32;

/** What was said of the output. */
export interface OutputSaid {
  readonly outputIs?: OutputIs | undefined;
  /** Name of the likelihood: probabilities may be the means of a Gaussian, if that was confirmed. */
  readonly likelihood: string;
}

/** Runs the first examples. Throws `model/probabilities` and what `requireIndependent` throws. */
export async function checkFirstExamples(
  engine: Engine,
  network: Network,
  dataset: Dataset,
  said: OutputSaid,
): Promise<void> {
  const T = network.h.shape[1] as number;
  const { n, among } = weighingOf(dataset);
  const batch = examplesAtOnce(network, Math.min(CHECKED, n));
  const programs = await Passes.compile(engine, network, {}, batch);
  try {
    for (const first of batches(dataset, {
      batch,
      dtype: programs.dtype,
      examples: batch,
      order: 'file',
      among,
    })) {
      const inputs = new Map<string, TypedArray>([...first.inputs].map(([name, t]) => [name, t.data]));
      const h = (await programs.forward(inputs, first.n)).slice();
      if (!confirmed(said) && looksLikeProbabilities(h, first.n, T)) throw probabilities(said);
      if ([...network.inputs.values()].some((v) => isFloat(v.dtype))) {
        await requireIndependent((x, n) => programs.forward(x, n), inputs, first.n, T);
      }
    }
  } finally {
    programs.dispose();
  }
}

/** Whether probabilities may stand: as asked twice over, or as the means that `natural` says they are. */
function confirmed({ outputIs, likelihood }: OutputSaid): boolean {
  return outputIs === 'as-it-stands' || (outputIs === 'natural' && likelihood === 'gaussian');
}

function probabilities({ likelihood }: OutputSaid): FimError {
  return new FimError({
    code: 'model/probabilities',
    where: 'network output',
    rule: 'must be the natural parameter (logits), not probabilities',
    got: 'every row of the first examples lies in [0, 1] and sums to 1',
    cause: 'a Softmax at the end that could not be recognised',
    next:
      likelihood === 'gaussian'
        ? "`likelihood: 'categorical'` with `output: NAME` of the logits; if they are means: `outputIs: 'natural'`"
        : "name the logits with `output: NAME`; only where the loss applied a softmax to these numbers: `outputIs: 'as-it-stands'`",
  });
}
