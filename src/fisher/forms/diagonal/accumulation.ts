/**
 * @module fisher/forms/diagonal/accumulation
 *
 * The diagonal made ready for a job: passes over scores, or over scores and second derivatives where the estimator takes those.
 */
import type { Accumulation, Job } from '../../loop.js';
import { curvedDiagonal } from './curved.js';
import { scoreDiagonal } from './scores.js';
import type { Way } from './way.js';
import { Refiner } from './refine.js';
import type { DiagonalParts, DiagonalSums } from './sums.js';

/** Sums of the diagonal as a form of the loop, one for each group of examples. */
export interface DiagonalAccumulation extends Accumulation {
  readonly sums: readonly DiagonalSums[];
}

/** The way that the job's estimator takes. */
const wayOf = (job: Job, parts: DiagonalParts): Way =>
  job.estimator.curved ? curvedDiagonal(job, parts) : scoreDiagonal(job, parts);

/** The diagonal for `count` groups of examples. */
export function accumulateDiagonal(job: Job, parts: DiagonalParts, count = 1): DiagonalAccumulation {
  const one = wayOf(job, parts);
  const sums = Array.from({ length: count }, () => one.empty());
  const refiner =
    parts.refine && job.network.h.dtype === 'float32' ? new Refiner(job, wayOf, one.batch) : null;
  if (refiner) Refiner.watch(sums);
  return {
    graphs: one.graphs,
    batch: one.batch,
    share: one.share,
    doubts: one.doubts,
    sums,
    run: async (programs, batch) => {
      const add = await one.run(programs, batch);
      return async () => {
        const { places } = batch;
        if (places) for (const { trail } of sums[batch.group].value.totals) trail?.expect(places);
        add(sums[batch.group]);
        await refiner?.settle(batch, sums[batch.group]);
        return false;
      };
    },
    close: () => refiner?.dispose(),
  };
}
