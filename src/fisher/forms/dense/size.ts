/**
 * @module fisher/forms/dense/size
 *
 * Size of a dense matrix: P×P numbers, which must fit, and the examples of a pass that fit beside them.
 */
import { FimError } from '../../../core/errors.js';
import type { Likelihood } from '../../../likelihood/types.js';
import { type Network, parameterCount } from '../../../model/network.js';
import type { ErrorSource, Estimator } from '../../estimate.js';
import { ESTIMATORS } from '../../estimators/table.js';
import { budgetOf, planMemory } from '../../memory.js';

/** Largest number of parameters of a P×P matrix. */
export const LARGEST_DENSE = 8192;

/** Throws `fisher/dense-size` where a P×P matrix is too large to hold. */
export function requireDense(network: Network): number {
  const P = parameterCount(network);
  if (P <= LARGEST_DENSE) return P;
  throw new FimError({
    code: 'fisher/dense-size',
    kind: 'usage',
    where: 'dense Fisher matrix',
    rule: `holds P×P numbers, for at most ${LARGEST_DENSE} parameters`,
    got: `${P} parameters`,
    next: "`form: 'diagonal'`",
  });
}

/** What is kept of a dense estimate. */
export interface DenseSize {
  /** Errors of elements; default true. */
  readonly errors?: boolean | undefined;
  /** Something is drawn, and its label error has a closed form. */
  readonly closedForm?: boolean;
  /** Examples have weights. */
  readonly weighted?: boolean;
}

/** Bytes that a P×P estimate holds when it is done: 8P² each for the matrix, label, data and standard error, and what these come from. */
export function denseBytes(
  P: number,
  { errors = true, closedForm = false, weighted = false }: DenseSize = {},
): number {
  const matrices = errors ? 4 + Number(closedForm) + Number(weighted) : 1;
  return 8 * P * P * matrices;
}

/** Whether something is drawn whose label error has a closed form. */
export const inClosedForm = ({
  estimator,
  error = 'closed-form',
}: {
  readonly estimator: Estimator;
  readonly error?: ErrorSource | undefined;
}): boolean => ESTIMATORS[estimator].drawn && error === 'closed-form';

/** What goes through a pass of the dense form. */
export interface DensePass extends DenseSize {
  readonly labels?: number | undefined;
  /** Examples that are wanted. */
  readonly batch: number;
  /** Bytes for the matrices and the passes together. */
  readonly memory: number | undefined;
}

/** Examples of a pass, as many as the bound leaves room for beside the matrices and the scores of one example. Throws `memory/too-small`. */
export function denseBatch(
  network: Network,
  likelihood: Likelihood,
  { memory, batch, labels = 1, ...size }: DensePass,
): number {
  if (memory === undefined) return batch;
  const P = parameterCount(network);
  const columns = Math.max(labels, likelihood.columnCount(network.h.shape[1] as number));
  const held = denseBytes(P, size) + 8 * P * columns;
  return planMemory(network, columns, batch, 1, budgetOf(network, memory, held)).batch;
}
