/**
 * @module fisher/forms/diagonal/way
 *
 * A way to the sums of the diagonal: through scores alone (scores.ts), or with second derivatives (curved.ts).
 */
import type { Accumulation, Batch } from '../../loop.js';
import type { Passes } from '../../passes.js';
import type { DiagonalSums } from './sums.js';

/** Its graphs and memory, and what it adds of a batch to which sums. */
export interface Way extends Pick<Accumulation, 'graphs' | 'batch' | 'doubts'> {
  empty(): DiagonalSums;
  add(programs: Passes, batch: Batch, sums: DiagonalSums): Promise<void>;
}
