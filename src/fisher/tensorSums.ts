/**
 * @module fisher/tensorSums
 *
 * What one pass accumulates for one tensor: moments of the per-example values f_x and the sum of the label variances, in float64,
 * merged batch by batch.
 */
import { sizeOf } from '../core/tensor.js';
import type { Network } from '../model/network.js';
import { ArrayMoments } from '../stats/array-moments.js';
import type { PassResult } from './pass.js';

export class TensorSums {
  /** Of f_x, per parameter. */
  readonly f: ArrayMoments;
  /** Σ_x 𝒱(x), per parameter. */
  readonly label: Float64Array;

  constructor(
    network: Network,
    readonly name: string,
    /** Divisor of a variance over draws: K/(K − 1) where its weights are 1/K, else 1. */
    private readonly labelScale = 1,
  ) {
    const size = sizeOf(network.parameters.get(name)?.shape as readonly number[]);
    this.f = new ArrayMoments(size);
    this.label = new Float64Array(size);
  }

  add(n: number, result: PassResult): void {
    const squares = result.squares(this.name);
    this.f.addSums(n, result.sum(this.name) ?? new Float64Array(this.f.size), squares ?? undefined);
    const batch = result.label(this.name);
    if (!batch) return;
    const { label, labelScale } = this;
    for (let i = 0; i < batch.length; i++) label[i] += labelScale * batch[i];
  }

  /** Replaces the spread of f_x by that of a more precise pass over the same examples. */
  takeVariance(exact: TensorSums | undefined): void {
    if (exact) this.f.m2.set(exact.f.m2);
  }
}
