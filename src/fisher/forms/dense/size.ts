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
