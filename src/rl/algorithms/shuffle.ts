/** @module rl/algorithms/shuffle */
import type { Sequence } from '../../core/random.js';

/** A random order in place (Fisher–Yates). */
export function shuffle(order: Int32Array, random: Sequence): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
}
