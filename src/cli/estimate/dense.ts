/**
 * @module cli/estimate/dense
 *
 * `--form dense`: the whole P×P matrix with the error of every element, beside the diagonal. Small networks only.
 */
import { FimError } from '../../core/errors.js';
import { UniformStream } from '../../core/random.js';
import { type Tensor, tensor } from '../../core/tensor.js';
import { batches } from '../../data/batches.js';
import type { DiagonalEstimate } from '../../fisher/index.js';
import { type DenseEstimate, estimateDense, requireDense } from '../../fisher/variance/dense.js';
import type { Network } from '../../model/network.js';
import type { EstimateSubject } from '../../run/estimate.js';

const KINDS = ['exact', 'type1', 'type2', 'mix'] as const;
type Kind = (typeof KINDS)[number];

const isKind = (name: string): name is Kind => (KINDS as readonly string[]).includes(name);

/** Before anything is computed: the matrix must fit, and the estimator must have a dense form. */
export function checkDense(network: Network, estimator: string | undefined): void {
  requireDense(network);
  if (estimator === undefined || isKind(estimator)) return;
  throw new FimError({
    code: 'usage/dense',
    kind: 'usage',
    where: `--form dense --estimator ${estimator}`,
    rule: `the dense form has the estimators ${KINDS.join(', ')}`,
    next: '--estimator exact, or leave --form out',
  });
}

/** The matrix over the same examples and labels as the diagonal. */
export async function denseBeside(
  subject: EstimateSubject,
  diagonal: DiagonalEstimate,
  order: 'seed' | 'file',
): Promise<DenseEstimate> {
  const { engine, network, likelihood, dataset } = subject;
  const { seed, examples, populationSize, population, labels } = diagonal;
  const estimator = isKind(diagonal.estimator) ? diagonal.estimator : 'exact';
  return estimateDense(
    engine,
    network,
    likelihood,
    (batch, dtype) => batches(dataset, { batch, dtype, order, seed, examples }),
    {
      estimator,
      labels: Math.max(1, labels),
      ...(diagonal.error === 'none' ? {} : { error: diagonal.error }),
      stream: new UniformStream(seed, 'type1/estimate'),
      ...(population === 'data' ? { population: populationSize } : {}),
    },
  );
}

/** `fisher_dense`, `label_se_dense` and `data_se_dense` [P, P]: parameters in the file's order, each row by row. */
export function denseArrays(e: DenseEstimate): Map<string, Tensor> {
  const P = e.parameters;
  const arrays = new Map<string, Tensor>([['fisher_dense', tensor('float64', [P, P], e.fisher)]]);
  if (e.labelError) arrays.set('label_se_dense', tensor('float64', [P, P], e.labelError));
  if (e.dataError) arrays.set('data_se_dense', tensor('float64', [P, P], e.dataError));
  return arrays;
}
