/**
 * @module rl/policies/features
 *
 * Features that a network reads of an observation: the numbers of a Box as they are, a discrete one as a one-hot row.
 */
import type { FloatArray } from '../../core/tensor.js';
import { startOf } from '../spaces.js';
import type { Space } from '../types.js';

/** Inputs of a network for this space. */
export function featureLength(space: Space): number {
  return space.kind === 'discrete' ? space.n : space.size;
}

/** Writes `rows` observations [rows, observation width] as features [rows, `featureLength`]. */
export function features(space: Space, observations: ArrayLike<number>, rows: number, out: FloatArray): void {
  if (space.kind === 'box') {
    for (let i = 0; i < rows * space.size; i++) out[i] = observations[i];
    return;
  }
  out.fill(0, 0, rows * space.n);
  const first = startOf(space);
  for (let r = 0; r < rows; r++) out[r * space.n + observations[r] - first] = 1;
}
