/**
 * @module rl/rollout/normalise
 *
 * Running scales of what a learner sees, with their whole state to save.
 *
 *   observations   clip((x − mean)/√(variance + 1e-8), ±10), moments of every observation seen in training
 *   rewards        clip(r/√(variance of G + 1e-8), ±10), G ← γG + r the running discounted return of each environment, 0 after an end
 *
 * Source: OpenAI baselines' VecNormalize. Evaluate with `training = false`: a normaliser that moves on, or is lost, is another policy.
 */
import type { FloatArray } from '../../core/tensor.js';
import { ArrayMoments } from '../../stats/index.js';

const EPSILON = 1e-8;
/** Normalised numbers stay within ±10. */
export const CLIP = 10;
const clip = (v: number): number => (v > CLIP ? CLIP : v < -CLIP ? -CLIP : v);

/** Arrays that `save` gives and `load` takes. */
export type NormaliserState = Readonly<Record<string, Float64Array>>;

/** (x − mean)/√(variance + ε) by the running moments of all observations so far, clipped to ±10. */
export class ObservationNormaliser {
  private readonly moments: ArrayMoments;

  constructor(
    /** Numbers of an observation. */
    readonly size: number,
  ) {
    this.moments = new ArrayMoments(size);
  }

  /** Takes observations [rows, size] into account. */
  learn(observations: FloatArray, rows: number): void {
    for (let r = 0; r < rows; r++) this.moments.addRow(observations, r * this.size);
  }

  /** Writes observations [rows, size] normalised by what is known now; before anything is, they are only clipped. */
  apply(observations: ArrayLike<number>, rows: number, out: FloatArray): void {
    const { size } = this;
    const { count, mean, m2 } = this.moments;
    for (let i = 0; i < size; i++) {
      const centre = count > 0 ? mean[i] : 0;
      const scale = count > 0 ? 1 / Math.sqrt(m2[i] / count + EPSILON) : 1;
      for (let r = 0, at = i; r < rows; r++, at += size) out[at] = clip((observations[at] - centre) * scale);
    }
  }

  /** What `apply` does before it clips: (x − centre) · scale. */
  affine(): {
    /** Mean of each number, [size]. */
    centre: Float64Array;
    /** 1/√(variance + ε) of each number, [size]. */
    scale: Float64Array;
  } {
    const { count, mean, m2 } = this.moments;
    if (count === 0)
      return { centre: new Float64Array(this.size), scale: new Float64Array(this.size).fill(1) };
    return { centre: mean.slice(), scale: m2.map((v) => 1 / Math.sqrt(v / count + EPSILON)) };
  }

  /** Arrays that `load` takes. */
  save(): NormaliserState {
    return {
      count: Float64Array.of(this.moments.count),
      mean: this.moments.mean.slice(),
      m2: this.moments.m2.slice(),
    };
  }

  /** Goes on from what `save` gave. */
  load(state: NormaliserState): void {
    this.moments.count = state.count[0];
    this.moments.mean.set(state.mean);
    this.moments.m2.set(state.m2);
  }
}

/** Rewards divided by the running standard deviation of discounted returns, clipped to ±10. */
export class RewardNormaliser {
  private readonly returns: Float64Array;
  private readonly moments = new ArrayMoments(1);

  constructor(
    /** Environments. */
    readonly n: number,
    /** γ of the returns. */
    readonly discount: number,
  ) {
    this.returns = new Float64Array(n);
  }

  /** Writes rewards [n] scaled; learns from them first where `training`. */
  apply(
    rewards: ArrayLike<number>,
    ended: (i: number) => boolean,
    training: boolean,
    out: FloatArray,
    offset: number,
  ): void {
    if (training) {
      for (let i = 0; i < this.n; i++) {
        this.returns[i] = this.returns[i] * this.discount + rewards[i];
        this.moments.addRow(this.returns, i);
        if (ended(i)) this.returns[i] = 0;
      }
    }
    const { count, m2 } = this.moments;
    const scale = count > 0 ? 1 / Math.sqrt(m2[0] / count + EPSILON) : 1;
    for (let i = 0; i < this.n; i++) out[offset + i] = clip(rewards[i] * scale);
  }

  /** Arrays that `load` takes. */
  save(): NormaliserState {
    return {
      returns: this.returns.slice(),
      moments: Float64Array.of(this.moments.count, this.moments.mean[0], this.moments.m2[0]),
    };
  }

  /** Goes on from what `save` gave. */
  load(state: NormaliserState): void {
    this.returns.set(state.returns);
    this.moments.count = state.moments[0];
    this.moments.mean[0] = state.moments[1];
    this.moments.m2[0] = state.moments[2];
  }
}
