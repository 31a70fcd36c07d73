/**
 * @module fisher/forms/dense/size
 *
 * Size of a dense matrix: P×P numbers, which must fit.
 */
import { FimError } from '../../../core/errors.js';
import { type Network, parameterCount } from '../../../model/network.js';

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
  readonly errors?: boolean;
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
