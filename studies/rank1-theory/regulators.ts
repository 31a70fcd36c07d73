/**
 * @module studies/rank1-theory/regulators
 *
 * The linear-quadratic regulator with u ~ N(Kx, σ²I), θ = K row by row, γ < 1, no horizon.
 *
 *   P = Q + KᵀRK + γ MᵀPM,   X = Σ_t γᵗ E xxᵀ = S₀ + γ M X Mᵀ + γ/(1−γ) W̄,   M = A + BK,  W̄ = σ²BBᵀ + noise²I
 *   V(x) = −xᵀPx − c,   ∇J̄ = −2(1−γ) [(R + γBᵀPB)K + γBᵀPA] X,   F = I_m/σ² ⊗ S̄,   S̄ = (1−γ)X
 *
 * The same numbers as `rl/linear/exact`, by two linear systems of n² unknowns in place of its sums over time: a descent asks for them
 * thousands of times. Score: (ε/σ) xᵀ. F is bounded below by S₀/σ² (1 − γ): Fisher-non-degenerate, yet |score| is unbounded.
 */
import type { Sequence } from 'fim/core';
import { Factored, type LinearSystem, type Matrix, matrices, optimalGain } from 'fim/rl';
import type { ExactPoint, PairOutcome, TheoryProblem } from './problem.js';

const { identity, inner, plus, sandwich, scaled, solved, times, transposed } = matrices;

export interface RegulatorSettings {
  readonly system: LinearSystem;
  readonly sigma: number;
  readonly discount: number;
  /** Factors on `startRange`, a state each. Default 1. */
  readonly startScale?: readonly number[];
}

/** θ starts at K* + `away` in every entry. */
export function regulatorProblem(
  name: string,
  title: string,
  settings: RegulatorSettings,
  away: number,
): TheoryProblem {
  const { system, discount } = settings;
  const parameters = system.A.length * system.R.length;
  const at = (theta: Float64Array) => regulatorPoint(settings, theta);
  const optimum = Float64Array.from(optimalGain(system, discount).flat());
  const best = at(optimum);
  return {
    name,
    title,
    parameters,
    best: best === null ? NaN : best.value,
    start: optimum.map((k) => k + away),
    at,
  };
}

function regulatorPoint(settings: RegulatorSettings, theta: Float64Array): ExactPoint | null {
  const { system, sigma, discount } = settings;
  const { A, B, Q, R, noise, startRange } = system;
  const [n, m] = [A.length, R.length];
  if (!theta.every(Number.isFinite)) return null;
  const K: Matrix = Array.from({ length: m }, (_, i) => Array.from(theta.subarray(i * n, (i + 1) * n)));
  const closed = plus(A, times(B, K));
  const shake = plus(scaled(times(B, transposed(B)), sigma * sigma), identity(n, noise * noise));
  const P = stein(transposed(closed), plus(Q, sandwich(transposed(K), R)), discount);
  const start = identity(n).map((row, i) =>
    row.map((v) => (v * (startRange * (settings.startScale?.[i] ?? 1)) ** 2) / 3),
  );
  const X = stein(closed, plus(start, shake, discount / (1 - discount)), discount);
  if (!isPositive(X)) return null;
  const trR = inner(R, identity(m));
  const constant = (sigma * sigma * trR + discount * inner(P, shake)) / (1 - discount);
  const inward = plus(R, scaled(sandwich(transposed(B), P), discount));
  const slope = plus(times(inward, K), scaled(times(times(transposed(B), P), A), discount));
  const second = scaled(X, 1 - discount);
  const value = -(1 - discount) * (inner(P, start) + constant);
  if (!Number.isFinite(value)) return null;
  return new RegulatorPoint(
    settings,
    { K, P, constant, second },
    value,
    Float64Array.from(scaled(times(slope, second), -2).flat()),
  );
}

class RegulatorPoint implements ExactPoint {
  constructor(
    private readonly settings: RegulatorSettings,
    private readonly parts: { K: Matrix; P: Matrix; constant: number; second: Matrix },
    readonly value: number,
    readonly gradient: Float64Array,
  ) {}

  solve(g: Float64Array, damping: number): Float64Array {
    const { second, K } = this.parts;
    const n = second.length;
    const block = plus(scaled(second, 1 / this.settings.sigma ** 2), identity(n, damping));
    const columns = Array.from({ length: n }, (_, j) => K.map((_, i) => g[i * n + j]));
    return Float64Array.from(transposed(solved(block, columns)).flat());
  }

  fisher(): Float64Array {
    const { second, K } = this.parts;
    const n = second.length;
    const P = n * K.length;
    const F = new Float64Array(P * P);
    for (let b = 0; b < P; b += n)
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) F[(b + i) * P + b + j] = second[i][j] / this.settings.sigma ** 2;
    return F;
  }

  draw(random: Sequence, scores: Float64Array, offset: number): PairOutcome {
    const { system, sigma, discount, startScale } = this.settings;
    const n = system.A.length;
    const m = system.R.length;
    const u = new Float64Array(m);
    const noise = new Float64Array(m);
    let x: Float64Array = Float64Array.from(
      { length: n },
      (_, i) => system.startRange * (startScale?.[i] ?? 1) * (2 * random.next() - 1),
    );
    const act = (): void => {
      for (let i = 0; i < m; i++) {
        u[i] = noise[i] = sigma * random.normal();
        for (let j = 0; j < n; j++) u[i] += this.parts.K[i][j] * x[j];
      }
    };
    let steps = 1;
    act();
    for (; random.next() < discount; steps++) {
      x = moved(system, x, u, random);
      act();
    }
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) scores[offset + i * n + j] = (noise[i] * x[j]) / sigma ** 2;
    const { P, constant } = this.parts;
    const paid = quadratic(system.Q, x) + quadratic(system.R, u);
    const next = moved(system, x, u, random);
    const advantage = quadratic(P, x) + constant - paid - discount * (quadratic(P, next) + constant);
    return { advantage, blank: false, steps };
  }
}

function moved(
  { A, B, noise }: LinearSystem,
  x: Float64Array,
  u: Float64Array,
  random: Sequence,
): Float64Array {
  const next = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) {
    let v = noise > 0 ? noise * random.normal() : 0;
    for (let j = 0; j < x.length; j++) v += A[i][j] * x[j];
    for (let j = 0; j < u.length; j++) v += B[i][j] * u[j];
    next[i] = v;
  }
  return next;
}

function quadratic(m: Matrix, x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) for (let j = 0; j < x.length; j++) sum += x[i] * m[i][j] * x[j];
  return sum;
}

/** X = C + γ M X Mᵀ, as n² equations. */
function stein(M: Matrix, C: Matrix, discount: number): Matrix {
  if (discount === 0) return C;
  const n = M.length;
  const size = n * n;
  const a = new Float64Array(size * size);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      for (let k = 0; k < n; k++)
        for (let l = 0; l < n; l++) {
          const at = (i * n + j) * size + k * n + l;
          a[at] = (i === k && j === l ? 1 : 0) - discount * M[i][k] * M[j][l];
        }
  const x = new Factored(a, size).solve(Float64Array.from(C.flat()));
  return Array.from({ length: n }, (_, i) => Array.from(x.subarray(i * n, (i + 1) * n)));
}

/** Whether all pivots are positive: for a C that is, X is exactly where γ ρ(M)² < 1 (Lyapunov). */
function isPositive(a: Matrix): boolean {
  const rows = a.map((row) => [...row]);
  for (let k = 0; k < rows.length; k++) {
    if (!(rows[k][k] > 0)) return false;
    for (let i = k + 1; i < rows.length; i++) {
      const f = rows[i][k] / rows[k][k];
      for (let j = k; j < rows.length; j++) rows[i][j] -= f * rows[k][j];
    }
  }
  return true;
}

export const DOUBLE: RegulatorSettings = {
  system: {
    A: [
      [1, 0.3],
      [0, 0.9],
    ],
    B: [[0], [0.5]],
    Q: [
      [1, 0],
      [0, 0.1],
    ],
    R: [[0.1]],
    noise: 0.3,
    startRange: 1,
  },
  sigma: 0.5,
  discount: 0.9,
};

/** A mass with friction on a rail. */
export const regulatorStudy = (): TheoryProblem =>
  regulatorProblem(
    'regulator',
    'Linear-quadratic regulator, 2 states, 1 control, γ = 0.9, σ = 0.5',
    DOUBLE,
    0.5,
  );

/**
 * One step, γ = 0: x uniform around 0 with variances ∝ `weights`, u ~ N(Kx, σ²), reward −u²; K* = 0. Both the Fisher, S̄/σ², and the
 * curvature of J̄, −2S̄, have the weights for eigenvalues. The start is as far from the optimum in J̄ along each direction.
 */
export function oneStepRegulator(weights: readonly number[], name: string, title: string): TheoryProblem {
  const n = weights.length;
  const zero = identity(n, 0);
  const system: LinearSystem = {
    A: zero,
    B: Array.from({ length: n }, () => [0]),
    Q: zero,
    R: [[1]],
    noise: 0,
    startRange: Math.sqrt(3),
  };
  const settings = { system, sigma: 0.1, discount: 0, startScale: weights.map(Math.sqrt) };
  const problem = regulatorProblem(name, title, settings, 0);
  return { ...problem, start: Float64Array.from(weights, (w) => 0.5 / Math.sqrt(w)) };
}
