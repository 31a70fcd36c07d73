/**
 * @module fisher/forms/diagonal/way
 *
 * A way to the sums of the diagonal: through scores alone (scores.ts), or with second derivatives (curved.ts).
 */
import type { Accumulation, Batch } from '../../loop.js';
import type { Passes } from '../../passes.js';
import type { DiagonalSums } from './sums.js';

/** Its graphs and memory, and what it makes of a batch. */
export interface Way extends Pick<Accumulation, 'graphs' | 'batch' | 'share' | 'doubts'> {
  empty(): DiagonalSums;
  /** Runs its passes on a batch; what comes back adds to sums what they gave. */
  run(programs: Passes, batch: Batch): Promise<(sums: DiagonalSums) => void>;
}
