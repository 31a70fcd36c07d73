/**
 * @module jobs/matrix/implicit-spectrum
 *
 * Figures of the Fisher of a network that is too large to be formed: its trace by the exact diagonal in one pass, everything else by products
 * with it over the examples.
 */
import { implicitFigures, type MatrixFigures } from '../../matrix/index.js';
import type { EstimateSubject } from '../estimate.js';
import { exactDiagonal, usualOf } from './exact-diagonal.js';
import { IMPLICIT_GROUPS, implicitOf, tracesOf } from './implicit.js';

/** How it is computed. */
export interface ImplicitSpectrumRequest {
  readonly examples: number;
  readonly batch: number;
  readonly order: 'seed' | 'file';
  readonly seed: number;
  readonly top: number;
  readonly level: number;
  readonly left: number;
  readonly population: 'distribution' | 'data';
  readonly memory: number | undefined;
  readonly damping: number | undefined;
  readonly signal: AbortSignal;
}

/** The figures with the λ that they are at. Throws `matrix/weights`, and what the signal was aborted with. */
export async function implicitSpectrum(
  subject: EstimateSubject,
  request: ImplicitSpectrumRequest,
  hear: (words: string) => void,
): Promise<{ figures: MatrixFigures; damping: number; groups: number }> {
  const { signal } = request;
  const fisher = await implicitOf(subject, request, {
    signal,
    hear: () => hear(`${fisher.passes} products`),
  });
  try {
    const diagonal = await exactDiagonal(subject, request, () => hear('diagonal'));
    signal.throwIfAborted();
    const damping = request.damping ?? usualOf(diagonal, fisher.size);
    const figures = await implicitFigures(fisher, {
      ...request,
      ...{ damping, groups: IMPLICIT_GROUPS, density: true },
      traces: tracesOf(diagonal),
    });
    return { figures, damping, groups: request.left > 0 ? IMPLICIT_GROUPS : 0 };
  } finally {
    fisher.dispose();
  }
}
