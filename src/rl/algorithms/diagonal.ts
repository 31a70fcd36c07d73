/**
 * @module rl/algorithms/diagonal
 *
 * Natural policy gradient by the diagonal of the Fisher alone (optim/diagonal-inverse).
 */
import type { ColumnKind } from '../../optim/column-pass.js';
import { diagonalInverse } from '../../optim/diagonal-inverse.js';
import { naturalActorCritic, type NaturalActorCriticOptions } from './natural-actor-critic.js';
import type { Algorithm, AlgorithmContext } from './types.js';

export interface DiagonalOptions extends NaturalActorCriticOptions {
  columns: ColumnKind;
  damping: number;
  /** ρ of the running mean. Default 0. */
  decay?: number;
}

export function diagonal(context: AlgorithmContext, options: DiagonalOptions): Promise<Algorithm> {
  const { columns, damping, decay = 0 } = options;
  return naturalActorCritic('diagonal', context, options, diagonalInverse({ columns, damping, decay }));
}
