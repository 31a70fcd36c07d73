/**
 * @module likelihood/domain
 *
 * Outputs that are no parameter of the family are refused, with the example that has them.
 */
import { FimError } from '../core/errors.js';
import type { Outputs } from './types.js';

/** Throws `likelihood/domain` for the first output that `holds` refuses. `examples`: the data set's index of each row. */
export function requireDomain(
  { data, n, T }: Outputs,
  examples: ArrayLike<number> | undefined,
  holds: (x: number, output: number) => boolean,
  { rule, cause, next }: { rule: string; cause: string; next: string },
): void {
  for (let j = 0; j < n * T; j++) {
    if (holds(data[j], j % T)) continue;
    const row = Math.floor(j / T);
    const whose = examples ? `example ${examples[row]} (counting from 0)` : `row ${row} in a batch of ${n}`;
    throw new FimError({
      code: 'likelihood/domain',
      where: `network output ${j % T} of ${whose}`,
      rule,
      got: String(data[j]),
      cause,
      next,
    });
  }
}
