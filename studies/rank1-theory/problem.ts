/**
 * @module studies/rank1-theory/problem
 *
 * A small policy optimisation whose return, gradient and Fisher are exact, and whose stochastic gradient is unbiased.
 *
 *   J̄(θ) = (1 − γ) E Σ_t γᵗ r_t        the normalised return; every Fisher and gradient below is of this scale
 *   ∇J̄  = E_{d̄,π}[A s],  s = ∇log π(a|s)   (Sutton et al., NIPS 1999), d̄ the normalised discounted occupancy
 *   F    = E_{d̄,π}[s sᵀ]
 *
 * One *pair* is drawn by play with a random horizon (K. Zhang, A. Koppel, H. Zhu, T. Başar, SIAM J. Control Optim. 58(6), 2020): an
 * episode stops after every step with probability 1 − γ, so its last state and action have law d̄ π. Its advantage is the temporal
 * difference Â = r + γV(s′) − V(s) with the exact V, which has mean A: a perfect critic, since the subject is the actor. Where an
 * episode ends before its horizon the pair is blank (s = 0, Â = 0) and counts, so that E ĝ = ∇J̄ exactly.
 */
import type { Sequence } from 'fim/core';

/** What is exact at one θ. */
export interface ExactPoint {
  /** J̄. */
  readonly value: number;
  /** ∇J̄ [P]. */
  readonly gradient: Float64Array;
  /** (F + λI)⁻¹ g. */
  solve(g: Float64Array, damping: number): Float64Array;
  /** F [P, P]. */
  fisher(): Float64Array;
  /** Draws one pair: the score into `scores` at `offset`. */
  draw(random: Sequence, scores: Float64Array, offset: number): PairOutcome;
  /** Every (score, probability) under d̄π, where they can be listed. */
  enumerate?(): readonly {
    readonly probability: number;
    readonly score: Float64Array;
    readonly advantage: number;
  }[];
}

export interface PairOutcome {
  /** Â; 0 where blank. */
  readonly advantage: number;
  readonly blank: boolean;
  /** Steps of the environment that it took. */
  readonly steps: number;
}

export interface TheoryProblem {
  readonly name: string;
  /** For readers. */
  readonly title: string;
  /** P. */
  readonly parameters: number;
  /** max J̄ over the policies that θ can be (a supremum for softmax). */
  readonly best: number;
  readonly start: Float64Array;
  /** Null where the return does not exist (an unstable loop): the descent has diverged. */
  at(theta: Float64Array): ExactPoint | null;
}

/** N pairs in a row: ĝ = mean Â s. */
export interface Batch {
  readonly N: number;
  readonly scores: Float64Array;
  readonly advantages: Float64Array;
  /** Rows that are not blank. */
  readonly live: readonly number[];
  readonly steps: number;
  readonly gradient: Float64Array;
}

export function drawBatch(point: ExactPoint, P: number, N: number, random: Sequence): Batch {
  const scores = new Float64Array(N * P);
  const advantages = new Float64Array(N);
  const gradient = new Float64Array(P);
  const live: number[] = [];
  let steps = 0;
  for (let i = 0; i < N; i++) {
    const pair = point.draw(random, scores, i * P);
    steps += pair.steps;
    if (pair.blank) continue;
    live.push(i);
    advantages[i] = pair.advantage;
    for (let p = 0; p < P; p++) gradient[p] += (pair.advantage * scores[i * P + p]) / N;
  }
  return { N, scores, advantages, live, steps, gradient };
}
