/**
 * @module likelihood/targets
 *
 * Checks of data targets that every family makes before it looks at their values: one row an example, and a shape it knows.
 */
import { FimError, type Complaint } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import type { TargetOptions } from './types.js';

/** The number of values per example: 1 for [N] and [N, 1], C for [N, C]. Throws `targets/count`, `targets/shape`. */
export function targetWidth(y: Tensor, n: number, options: TargetOptions): number {
  const [rows, width = 1, ...more] = y.shape;
  if (y.shape.length === 0 || more.some((d) => d !== 1)) {
    throw targetError(options, {
      code: 'targets/shape',
      rule: 'targets have the shape [N] or [N, T]',
      got: `shape [${y.shape.join(', ')}]`,
      next: '`targets: NAME` chooses another array',
    });
  }
  if (rows !== n) {
    throw targetError(options, {
      code: 'targets/count',
      rule: `there is one target for each of the ${n} examples`,
      got: `${rows} targets, shape [${y.shape.join(', ')}]`,
      next: '`targets: NAME` chooses another array',
    });
  }
  return width;
}

/** A complaint about the targets, or about one example of them. */
export function targetError(
  options: TargetOptions,
  complaint: Omit<Complaint, 'where'>,
  example?: number,
): FimError {
  const array = options.where ?? 'targets';
  const where = example === undefined ? array : `${array}, example ${example} (counting from 0)`;
  return new FimError({ ...complaint, where });
}

export function isIntegral(y: Tensor): boolean {
  return y.dtype !== 'float32' && y.dtype !== 'float64';
}

export function describeTargets(y: Tensor): string {
  return `${y.dtype} of shape [${y.shape.join(', ')}]`;
}
