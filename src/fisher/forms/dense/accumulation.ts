/**
 * @module fisher/forms/dense/accumulation
 *
 * The dense form made ready for a job: derivatives at the neurons for a batch, then the matrix of one example after another, from the
 * columns of its estimator. An example takes P²K operations, so it is done in steps of some ten milliseconds, between which the
 * signal is heard; one that is left unfinished stays in the first rows.
 */
import { type Accumulation, type Batch, columnsOf, type Heed, type Job } from '../../loop.js';
import { parameterCount } from '../../../model/network.js';
import type { Passes } from '../../passes.js';
import { nextTask } from '../../pause.js';
import { DenseSums, emptyDense } from './dense-sums.js';
import { planDerivatives } from './derivatives.js';
import { elementsOf, type ExampleElements, scoresAlong } from './elements.js';

const ONE = Float64Array.of(1);

/** Sums of the dense form in the loop, one for each group of examples. */
export interface DenseAccumulation extends Accumulation {
  readonly sums: readonly DenseSums[];
}

/** Whether one draw is a vector of random signs, not a label. */
function drawsSigns({ estimator, likelihood, network, root, exactPairs }: Job): boolean {
  const outputs = network.h.shape[1] as number;
  return estimator.oneDraw?.({ likelihood, outputs, root, exactPairs }).law === 'signs';
}

/** The matrices for `count` groups of examples; `alpha`: share of type 1; `onExample` after each. */
export function accumulateDense(
  given: Job,
  alpha: number,
  count = 1,
  onExample?: (done: number) => void,
): DenseAccumulation {
  // Columns that are taken exactly are the diagonal's.
  const job = { ...given, exactPairs: 0 };
  const { network, likelihood, estimator, error, draws, weights } = job;
  const signs = drawsSigns(job) ? job.root : null;
  const P = parameterCount(network);
  const plan = planDerivatives(network, estimator.curved);
  const source = columnsOf(job);
  const sums = Array.from(
    { length: count },
    () => new DenseSums(emptyDense(P, error, weights !== undefined), error),
  );

  /** The columns of the estimator [n, K, T] where they are not the exact ones. */
  const ownColumns = (batch: Batch): Float64Array | null => {
    if (!estimator.drawn && !estimator.targets) return null;
    const { n, T } = batch.h;
    const K = Math.max(1, draws);
    const columns = new Float64Array(n * K * T);
    source.fill(batch, { from: 0, count: K }, columns, new Float64Array(n * K));
    return columns;
  };

  const stepsOf = (elements: ExampleElements, own: Float64Array | null, into: DenseSums, weight: number) => {
    if (!own) return into.addExact(elements, weight);
    if (estimator.drawn) return into.addDrawn(elements, { residuals: own, K: draws, alpha }, weight);
    const scores = scoresAlong(own, elements.jacobian, P);
    return into.addExact({ scores, weights: ONE }, weight);
  };

  return {
    graphs: plan.graphs,
    batch: job.batch,
    doubts: null,
    sums,
    async add(programs: Passes, batch: Batch, { signal, pause = signal && nextTask }: Heed) {
      const derivatives = await plan.read(programs, batch);
      const columns = ownColumns(batch);
      const size = columns ? columns.length / batch.n : 0;
      let e = 0;
      for (const elements of elementsOf(derivatives, likelihood, signs)) {
        const own = columns && columns.subarray(e * size, (e + 1) * size);
        for (const _ of stepsOf(elements, own, sums[batch.group], batch.weights?.data[e] ?? 1)) {
          await pause?.();
          if (signal?.aborted) return true;
        }
        onExample?.(sums.reduce((all, s) => all + s.examples, 0));
        e += 1;
      }
      return false;
    },
  };
}
