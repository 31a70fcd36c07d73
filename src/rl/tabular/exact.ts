/**
 * @module rl/tabular/exact
 *
 * Value, gradient and Fisher of a softmax policy π(a|s) = softmax(θ_s)_a on a table, in closed form.
 *
 *   symbol   shape      meaning
 *   θ        [S, A]     logits, one row a state
 *   V, Q     [S], [S,A] values: V = r_π + γP_πV (terminated transitions carry no value)
 *   d        [S]        Σ_t γᵗ P(s_t = s, not ended before): d = μ + γP_πᵀd
 *   J                   μᵀV, the expected (discounted) return
 *   ∇J       [S, A]     d(s) π(a|s) (Q − V)(s, a)                        (Sutton et al., NIPS 1999, theorem 1)
 *   𝓘        [S, A, A]  d̄(s) (diag π_s − π_sπ_sᵀ), d̄ = d/Σd: the conditional Fisher of an action, averaged over the visited
 *                       states, mean over steps; block-diagonal over states
 *
 * With a horizon H (a time limit) values depend on the time left; J and ∇J are sums over t < H, and V, Q are those at the start.
 * Cost: LU of S × S, or H sweeps over the transitions.
 */
import { FimError } from '../../core/errors.js';
import type { TransitionModel } from './model.js';
import { Factored } from './solve.js';

/** Discount and horizon of a problem. */
export interface TabularOptions {
  /** γ. Default 1. */
  discount?: number;
  /** Steps after which the episode is cut. Default: never. */
  horizon?: number;
}

/** Exact quantities of a softmax policy on a model with S states and A actions. */
export interface TabularSolution {
  /** Expected (discounted) return from the start distribution. */
  readonly J: number;
  /** Value of each state [S]. */
  readonly V: Float64Array;
  /** Value of each action in each state [S, A]. */
  readonly Q: Float64Array;
  /** d [S], not normalised; its sum is the expected (discounted) length of an episode. */
  readonly occupancy: Float64Array;
  /** ∂J/∂θ of the logits [S, A]. */
  readonly gradient: Float64Array;
  /** Diagonal blocks of the Fisher information of the logits, mean over steps, weighted by how often a state is visited [S, A, A]. */
  readonly fisher: Float64Array;
}

/** π [S, A] of logits θ [S, A]. Throws `rl/logits`. */
export function softmaxPolicy(model: TransitionModel, logits: ArrayLike<number>): Float64Array {
  const { states: S, actions: A } = model;
  if (logits.length !== S * A) {
    throw new FimError({
      code: 'rl/logits',
      kind: 'usage',
      where: 'logits of a tabular policy',
      rule: `are ${S} × ${A} numbers, one row a state`,
      got: `${logits.length}`,
    });
  }
  const pi = new Float64Array(S * A);
  for (let s = 0; s < S; s++) {
    let max = -Infinity;
    for (let a = 0; a < A; a++) max = Math.max(max, logits[s * A + a]);
    let sum = 0;
    for (let a = 0; a < A; a++) sum += pi[s * A + a] = Math.exp(logits[s * A + a] - max);
    for (let a = 0; a < A; a++) pi[s * A + a] /= sum;
  }
  return pi;
}

/** Everything that is exact about a softmax policy. Throws `rl/improper`, `rl/logits`. */
export function solveTabular(
  model: TransitionModel,
  logits: ArrayLike<number>,
  options: TabularOptions = {},
): TabularSolution {
  const { discount = 1, horizon = Infinity } = options;
  const pi = softmaxPolicy(model, logits);
  const parts = Number.isFinite(horizon)
    ? finite(model, pi, discount, horizon)
    : stationary(model, pi, discount);
  const { states: S, actions: A } = model;
  const total = parts.occupancy.reduce((a, b) => a + b, 0);
  const fisher = new Float64Array(S * A * A);
  for (let s = 0; s < S; s++) {
    const weight = parts.occupancy[s] / total;
    for (let a = 0; a < A; a++) {
      for (let b = 0; b < A; b++) {
        const p = pi[s * A + a];
        fisher[(s * A + a) * A + b] = weight * ((a === b ? p : 0) - p * pi[s * A + b]);
      }
    }
  }
  let J = 0;
  model.start.forEach((mu, s) => (J += mu * parts.V[s]));
  return { J, ...parts, fisher };
}

/** Q(s, a) = Σ p (r + γ V(s′) [not terminated]). */
function backup(model: TransitionModel, V: Float64Array, discount: number, Q: Float64Array): void {
  for (let row = 0; row < Q.length; row++) {
    let q = 0;
    for (let i = model.offsets[row]; i < model.offsets[row + 1]; i++) {
      const value = model.terminated[i] ? 0 : discount * V[model.next[i]];
      q += model.probability[i] * (model.reward[i] + value);
    }
    Q[row] = q;
  }
}

function stationary(model: TransitionModel, pi: Float64Array, discount: number) {
  const { states: S, actions: A } = model;
  // Rows of states that start is not led to, and from which nothing returns, may stand for themselves.
  const reached = reachable(model);
  const matrix = new Float64Array(S * S);
  const reward = new Float64Array(S);
  for (let s = 0; s < S; s++) {
    matrix[s * S + s] = 1;
    if (!reached[s]) continue;
    for (let a = 0; a < A; a++) {
      const row = s * A + a;
      for (let i = model.offsets[row]; i < model.offsets[row + 1]; i++) {
        const w = pi[row] * model.probability[i];
        reward[s] += w * model.reward[i];
        if (!model.terminated[i]) matrix[s * S + model.next[i]] -= discount * w;
      }
    }
  }
  const factored = new Factored(matrix, S);
  const V = factored.solve(reward);
  const occupancy = factored.solveTransposed(model.start);
  const Q = new Float64Array(S * A);
  backup(model, V, discount, Q);
  const gradient = new Float64Array(S * A);
  for (let row = 0; row < S * A; row++) {
    const s = Math.floor(row / A);
    gradient[row] = occupancy[s] * pi[row] * (Q[row] - V[s]);
  }
  return { V, Q, occupancy, gradient };
}

/** States that some policy can visit. */
function reachable(model: TransitionModel): Uint8Array {
  const seen = Uint8Array.from(model.start, (p) => Number(p > 0));
  const queue = [...seen.keys()].filter((s) => seen[s]);
  for (let s = queue.pop(); s !== undefined; s = queue.pop()) {
    for (let i = model.offsets[s * model.actions]; i < model.offsets[(s + 1) * model.actions]; i++) {
      const next = model.next[i];
      if (model.terminated[i] || seen[next]) continue;
      seen[next] = 1;
      queue.push(next);
    }
  }
  return seen;
}

function finite(model: TransitionModel, pi: Float64Array, discount: number, horizon: number) {
  const { states: S, actions: A } = model;
  const Qs: Float64Array[] = new Array<Float64Array>(horizon);
  const Vs: Float64Array[] = new Array<Float64Array>(horizon);
  let ahead = new Float64Array(S);
  for (let t = horizon - 1; t >= 0; t--) {
    const Q = new Float64Array(S * A);
    backup(model, ahead, discount, Q);
    const V = new Float64Array(S);
    for (let row = 0; row < S * A; row++) V[Math.floor(row / A)] += pi[row] * Q[row];
    [Qs[t], Vs[t], ahead] = [Q, V, V];
  }
  const occupancy = new Float64Array(S);
  const gradient = new Float64Array(S * A);
  let d = model.start.slice();
  for (let t = 0, weight = 1; t < horizon; t++, weight *= discount) {
    const later = new Float64Array(S);
    for (let row = 0; row < S * A; row++) {
      const s = Math.floor(row / A);
      const mass = d[s] * pi[row];
      gradient[row] += weight * mass * (Qs[t][row] - Vs[t][s]);
      for (let i = model.offsets[row]; i < model.offsets[row + 1]; i++) {
        if (!model.terminated[i]) later[model.next[i]] += mass * model.probability[i];
      }
    }
    for (let s = 0; s < S; s++) occupancy[s] += weight * d[s];
    d = later;
  }
  return { V: Vs[0], Q: Qs[0], occupancy, gradient };
}

/** The best expected return within `horizon` steps, by backward induction. */
export function optimalReturn(model: TransitionModel, options: TabularOptions = {}): number {
  const { discount = 1, horizon = 1000 } = options;
  const { states: S, actions: A } = model;
  const V = new Float64Array(S);
  const Q = new Float64Array(S * A);
  for (let t = 0; t < horizon; t++) {
    backup(model, V, discount, Q);
    for (let s = 0; s < S; s++) V[s] = Q.subarray(s * A, (s + 1) * A).reduce((a, b) => Math.max(a, b));
  }
  return model.start.reduce((sum, mu, s) => sum + mu * V[s], 0);
}
