/**
 * @module rl/linear/exact
 *
 * Return, gradient and Fisher of the policy u ~ N(K x, σ² I) on a linear system with quadratic cost, in closed form.
 *
 *   symbol   shape        meaning
 *   S_t      [n, n]       E xxᵀ at step t:  S_{t+1} = (A + BK) S_t (A + BK)ᵀ + σ²BBᵀ + W
 *   P_t      [n, n]       cost to go:       P_t = Q + KᵀRK + γ (A + BK)ᵀ P_{t+1} (A + BK),  P_H = 0
 *   J                     −Σ_t γᵗ (tr (Q + KᵀRK) S_t + σ² tr R)
 *   ∇J       [m, n]       −2 Σ_t γᵗ [(R + γBᵀP_{t+1}B) K + γBᵀP_{t+1}A] S_t      (Fazel et al., ICML 2018, lemma 1)
 *   𝓘        [mn, mn]     I_m/σ² ⊗ S̄, S̄ = Σγᵗ S_t / Σγᵗ: score vec((u − Kx)xᵀ)/σ², mean over visited steps; K row by row
 *
 * Without a horizon the sums run until a term no longer counts (γ ρ(A + BK)² < 1 is needed). Cost: O(H n³).
 */
import { FimError } from '../../core/errors.js';
import { identity, inner, type Matrix, plus, sandwich, scaled, solved, times, transposed } from './matrix.js';
import type { LinearSystem } from './regulator.js';

/** Discount and horizon of a problem. */
export interface LinearOptions {
  /** γ. Default 1; below 1 without a horizon. */
  discount?: number;
  /** Steps of an episode; without it, no end. */
  horizon?: number;
}

/** Exact quantities of the policy u = Kx + σε on a linear-quadratic regulator. */
export interface LinearSolution {
  /** Expected (discounted) return from the start distribution. */
  readonly J: number;
  /** ∂J/∂K [m, n]. */
  readonly gradient: Matrix;
  /** The Fisher information of K, mean over steps: δ_{ab} S̄/σ², rows and columns in the order of K [m·n, m·n]. */
  readonly fisher: Matrix;
  /** S̄ [n, n]. */
  readonly secondMoment: Matrix;
}

/** Throws `rl/improper` where the sums do not converge. */
export function solveLinearQuadratic(
  system: LinearSystem,
  K: Matrix,
  sigma: number,
  options: LinearOptions = {},
): LinearSolution {
  const { discount = 1, horizon = Infinity } = options;
  const { A, B, Q, R, noise, startRange } = system;
  const n = A.length;
  const m = R.length;
  const closed = plus(A, times(B, K));
  const price = plus(Q, sandwich(transposed(K), R));
  const shake = plus(scaled(times(B, transposed(B)), sigma * sigma), identity(n, noise * noise));
  const steps = Number.isFinite(horizon) ? horizon : stepsUntilStill(closed, discount);
  // costs[t] is P_{t+1}; without a horizon P is its fixed point at every t.
  const costs: Matrix[] = new Array<Matrix>(steps);
  let P: Matrix = scaled(Q, 0);
  for (let t = steps - 1; t >= 0; t--) {
    costs[t] = P;
    P = plus(price, scaled(sandwich(transposed(closed), P), discount));
  }
  let S: Matrix = identity(n, startRange ** 2 / 3);
  let J = 0;
  let weights = 0;
  let moment: Matrix = scaled(Q, 0);
  let gradient: Matrix = scaled(K, 0);
  for (let t = 0, weight = 1; t < steps; t++, weight *= discount) {
    const ahead = Number.isFinite(horizon) ? costs[t] : P;
    const inward = plus(R, scaled(sandwich(transposed(B), ahead), discount));
    const slope = plus(times(inward, K), scaled(times(times(transposed(B), ahead), A), discount));
    gradient = plus(gradient, times(slope, S), -2 * weight);
    J -= weight * (inner(price, S) + sigma * sigma * inner(R, identity(m)));
    moment = plus(moment, S, weight);
    weights += weight;
    S = plus(sandwich(closed, S), shake);
  }
  const secondMoment = scaled(moment, 1 / weights);
  const fisher = Array.from({ length: m * n }, (_, p) =>
    Array.from({ length: m * n }, (_, q) =>
      Math.floor(p / n) === Math.floor(q / n) ? secondMoment[p % n][q % n] / sigma ** 2 : 0,
    ),
  );
  return { J, gradient, fisher, secondMoment };
}

/** Steps after which γᵗ and γᵗ(A + BK)ᵗ are below 1e-18. */
function stepsUntilStill(closed: Matrix, discount: number): number {
  const limit = 100_000;
  let power = identity(closed.length);
  for (let t = 1, weight = discount; t < limit; t++, weight *= discount) {
    power = times(closed, power);
    const size = Math.max(...power.flat().map(Math.abs));
    if (weight * Math.max(1, size * size) < 1e-18) return t;
  }
  throw new FimError({
    code: 'rl/improper',
    where: 'solveLinearQuadratic',
    rule: 'without a horizon, discount < 1 and discount · ρ(A + BK)² < 1',
    got: `discount ${discount}`,
    next: '{ horizon: 100 }',
  });
}

/** The best linear feedback K without a horizon, by iterating the Riccati equation. */
export function optimalGain(system: LinearSystem, discount = 1): Matrix {
  const { A, B, Q, R } = system;
  let P = Q;
  let K: Matrix = [];
  for (let i = 0; i < 10_000; i++) {
    const right = scaled(times(times(transposed(B), P), A), -discount);
    K = solved(plus(R, scaled(sandwich(transposed(B), P), discount)), right);
    const closed = plus(A, times(B, K));
    const next = plus(plus(Q, sandwich(transposed(K), R)), scaled(sandwich(transposed(closed), P), discount));
    const moved = Math.max(...plus(next, P, -1).flat().map(Math.abs));
    P = next;
    if (moved < 1e-14 * Math.max(...P.flat().map(Math.abs))) break;
  }
  return K;
}
