/**
 * @module stats/draw-part
 *
 * The part of bias and variance of a smooth function θ of means over examples that is of their K draws: with S_g the sum over group g, and S_g1 and
 * S_g2 those that its first K₁ draws and the other K₂ give alone, θ_g1 and θ_g2 the values where one group has S_g1 or S_g2 in place of S_g,
 *
 *   bias_L = Σ_g [(K₁/K) θ_g1 + (K₂/K) θ_g2 − θ]
 *   var_L = (K₁K₂/K²) Σ_g (θ_g1 − θ_g2)²
 *
 * to second and to first order (theory (18.4)): draws are independent given the inputs, so S_g1 − S_g2 has the variance of S_g times
 * K²/(K₁K₂), and no mean. All groups changed at once say what the correction leaves.
 */

/** Values of θ where draws are changed. */
export interface DrawValues {
  /** θ_g1, by group. */
  readonly first: readonly number[];
  /** θ_g2. */
  readonly second: readonly number[];
  /** θ of the first draws of all groups, and of the others. */
  readonly all: readonly [first: number, second: number];
  /** K₁/K. */
  readonly share: number;
}

/** What a jackknife finds of θ. */
export interface JackknifePart {
  /** E θ̂ − θ. */
  readonly bias: number;
  /** Var θ̂. */
  readonly variance: number;
  /** What a second extrapolation finds beyond the first. */
  readonly remaining: number;
}

/** The part of the draws; `whole`: θ as it is. */
export function drawPart(whole: number, { first, second, all, share }: DrawValues): JackknifePart {
  const mix = (a: number, b: number): number => share * a + (1 - share) * b - whole;
  const bias = first.reduce((sum, a, g) => sum + mix(a, second[g]), 0);
  const squares = first.reduce((sum, a, g) => sum + (a - second[g]) ** 2, 0);
  return { bias, variance: share * (1 - share) * squares, remaining: bias - mix(all[0], all[1]) };
}

/**
 * Where a share `left` of what the inputs do is left: `both` is of inputs and draws, `draws` of the draws alone, which no number of inputs takes
 * away.
 */
export function partLeft(both: JackknifePart, draws: JackknifePart, left: number): JackknifePart {
  return {
    bias: left * (both.bias - draws.bias) + draws.bias,
    variance: left * Math.max(0, both.variance - draws.variance) + draws.variance,
    remaining: left * (both.remaining - draws.remaining) + draws.remaining,
  };
}
