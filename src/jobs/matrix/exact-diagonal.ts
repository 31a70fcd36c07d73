/**
 * @module jobs/matrix/exact-diagonal
 *
 * The exact diagonal over the examples that products are taken over, and the λ that it makes usual.
 */
import type { DiagonalEstimate } from '../../fisher/index.js';
import { type EstimateSubject, runEstimate } from '../estimate.js';
import type { EstimateRequest } from '../request.js';

/** Settings of it. */
export interface ExactDiagonalRequest extends Pick<
  EstimateRequest,
  'examples' | 'order' | 'seed' | 'level' | 'memory' | 'batch' | 'population'
> {
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** The exact diagonal over the same examples. */
export const exactDiagonal = (
  subject: EstimateSubject,
  { examples, order, seed, level, memory, batch, population, signal }: ExactDiagonalRequest,
  heard: () => void,
): Promise<DiagonalEstimate> =>
  runEstimate(
    subject,
    {
      ...{ estimator: 'exact', visits: 'uniform', examples, order, seed, level, population },
      ...{ memory, batch },
    },
    { signal, progress: heard },
  );

/** 1e-3 of the mean of the diagonal. */
export const usualOf = ({ trace }: DiagonalEstimate, P: number): number => (1e-3 * trace.value) / P;
