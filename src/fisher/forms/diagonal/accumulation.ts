/**
 * @module fisher/forms/diagonal/accumulation
 *
 * The diagonal made ready for a job: passes over scores, or over scores and second derivatives where the estimator takes those.
 */
import type { Accumulation, Job } from '../../loop.js';
import { curvedDiagonal } from './curved.js';
import { scoreDiagonal } from './scores.js';
import type { DiagonalParts, DiagonalSums } from './sums.js';

/** Sums of the diagonal as a form of the loop, one for each group of examples. */
export interface DiagonalAccumulation extends Accumulation {
  readonly sums: readonly DiagonalSums[];
}

/** The diagonal for `count` groups of examples. */
export function accumulateDiagonal(job: Job, parts: DiagonalParts, count = 1): DiagonalAccumulation {
  const one = job.estimator.curved ? curvedDiagonal(job, parts) : scoreDiagonal(job, parts);
  const sums = Array.from({ length: count }, () => one.empty());
  return {
    graphs: one.graphs,
    batch: one.batch,
    doubts: one.doubts,
    sums,
    add: async (programs, batch) => {
      await one.add(programs, batch, sums[batch.group]);
      return false;
    },
  };
}
