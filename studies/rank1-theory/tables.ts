/**
 * @module studies/rank1-theory/tables
 *
 * Finite Markov decision processes with a softmax policy, θ [S, A] the logits; P = SA.
 *
 *   s(s, a) = e_s ⊗ (e_a − π_s),   F = ⊕_s d̄(s) (diag π_s − π_sπ_sᵀ)
 *
 * F is singular along e_s ⊗ 1 for each s (a shift of all logits of a state), and along states that are never visited: the natural
 * gradient is that of F + λI. A block is diagonal minus rank one, so (F + λI)⁻¹ is in closed form, O(SA). F is not bounded below
 * either where a policy becomes deterministic: no table is Fisher-non-degenerate.
 */
import { Sequence } from 'fim/core';
import { TransitionModel, frozenLakeModel, optimalReturn, softmaxPolicy, solveTabular } from 'fim/rl';
import type { ExactPoint, PairOutcome, TheoryProblem } from './problem.js';

/** A model with its discount as a problem; θ starts at 0, the uniform policy. */
export function tabularProblem(
  name: string,
  title: string,
  model: TransitionModel,
  discount: number,
): TheoryProblem {
  const parameters = model.states * model.actions;
  return {
    name,
    title,
    parameters,
    best: (1 - discount) * optimalReturn(model, { discount, horizon: 2000 }),
    start: new Float64Array(parameters),
    at: (theta) => new TabularPoint(model, theta, discount),
  };
}

class TabularPoint implements ExactPoint {
  readonly value: number;
  readonly gradient: Float64Array;
  private readonly pi: Float64Array;
  private readonly V: Float64Array;
  private readonly Q: Float64Array;
  /** d̄ [S]. */
  private readonly weight: Float64Array;
  /** P(not blank) = (1 − γ) Σd. */
  private readonly alive: number;

  constructor(
    private readonly model: TransitionModel,
    theta: Float64Array,
    private readonly discount: number,
  ) {
    const exact = solveTabular(model, theta, { discount });
    this.pi = softmaxPolicy(model, theta);
    this.value = (1 - discount) * exact.J;
    this.gradient = exact.gradient.map((g) => (1 - discount) * g);
    [this.V, this.Q] = [exact.V, exact.Q];
    const total = exact.occupancy.reduce((a, b) => a + b, 0);
    this.weight = exact.occupancy.map((d) => d / total);
    this.alive = (1 - discount) * total;
  }

  solve(g: Float64Array, damping: number): Float64Array {
    const { pi, weight } = this;
    const { states: S, actions: A } = this.model;
    const x = new Float64Array(S * A);
    for (let s = 0; s < S; s++) {
      const w = weight[s];
      let [along, rest] = [0, 0];
      for (let i = s * A; i < (s + 1) * A; i++) {
        const diagonal = w * pi[i] + damping;
        x[i] = g[i] / diagonal;
        along += pi[i] * x[i];
        // 1 − w πᵀD⁻¹π = λ πᵀD⁻¹1, which does not cancel.
        rest += (damping * pi[i]) / diagonal;
      }
      for (let i = s * A; i < (s + 1) * A; i++) {
        x[i] += ((w * pi[i]) / (w * pi[i] + damping)) * (along / rest);
      }
    }
    return x;
  }

  fisher(): Float64Array {
    const { pi, weight } = this;
    const { states: S, actions: A } = this.model;
    const P = S * A;
    const F = new Float64Array(P * P);
    for (let i = 0; i < P; i++) {
      const s = Math.floor(i / A);
      for (let j = s * A; j < (s + 1) * A; j++) {
        F[i * P + j] = weight[s] * pi[i] * ((i === j ? 1 : 0) - pi[j]);
      }
    }
    return F;
  }

  draw(random: Sequence, scores: Float64Array, offset: number): PairOutcome {
    const { model, discount, pi } = this;
    const A = model.actions;
    let state = pick(random, model.start, 0, model.states);
    let steps = 0;
    let action = pick(random, pi, state * A, A);
    while (random.next() < discount) {
      const i = this.transition(random, state * A + action);
      steps++;
      if (model.terminated[i]) return { advantage: 0, blank: true, steps };
      state = model.next[i];
      action = pick(random, pi, state * A, A);
    }
    this.score(state, action, scores, offset);
    const i = this.transition(random, state * A + action);
    const ahead = model.terminated[i] ? 0 : discount * this.V[model.next[i]];
    const advantage = model.reward[i] + ahead - this.V[state];
    steps++;
    return { advantage, blank: false, steps };
  }

  enumerate() {
    const { states: S, actions: A } = this.model;
    return Array.from({ length: S * A }, (_, i) => {
      const s = Math.floor(i / A);
      const score = new Float64Array(S * A);
      this.score(s, i % A, score, 0);
      return { probability: this.weight[s] * this.pi[i], score, advantage: this.Q[i] - this.V[s] };
    });
  }

  /** P(not blank): E ĝ = alive · E_{d̄π}[A s]. */
  get liveShare(): number {
    return this.alive;
  }

  private score(state: number, action: number, out: Float64Array, offset: number): void {
    const A = this.model.actions;
    for (let a = 0; a < A; a++) out[offset + state * A + a] = Number(a === action) - this.pi[state * A + a];
  }

  private transition(random: Sequence, row: number): number {
    const { offsets, probability } = this.model;
    const from = offsets[row];
    const count = offsets[row + 1] - from;
    return count === 1 ? from : from + pick(random, probability, from, count);
  }
}

/** Index of one of `count` weights, which sum to 1. */
function pick(random: Sequence, weights: Float64Array, from: number, count: number): number {
  const u = random.next();
  let i = 0;
  for (let c = weights[from]; c <= u && i < count - 1;) c += weights[from + ++i];
  return i;
}

/** S states, A actions: next-state laws uniform on the simplex, rewards uniform in [0, 1], uniform start. */
export function randomModel(states: number, actions: number, seed: number): TransitionModel {
  const random = new Sequence(seed, 'rank1-theory/random-mdp');
  return new TransitionModel(states, actions, new Float64Array(states).fill(1 / states), () => {
    const reward = random.next();
    const weights = Array.from({ length: states }, () => -Math.log(random.next()));
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.map((w, next) => ({ probability: w / total, next, reward, terminated: false }));
  });
}

/** Chance that the better action pays, and that the other does. */
export const PAYS = [0.7, 0.3] as const;

/**
 * One step, then the end: state s comes with probability `weights`[s], one of its two actions pays 1 with probability 0.7, the other with
 * 0.3. The Fisher has one direction a state, of size 2 w_s π(1 − π), so its effective rank is 1/max w at the uniform policy.
 */
export function banditModel(weights: readonly number[]): TransitionModel {
  return new TransitionModel(weights.length, 2, Float64Array.from(weights), (state, action) => {
    const pays = PAYS[action === state % 2 ? 0 : 1];
    return [pays, 1 - pays].map((probability, i) => ({
      probability,
      next: state,
      reward: 1 - i,
      terminated: true,
    }));
  });
}

export const randomMdp = (seed: number): TheoryProblem =>
  tabularProblem('random-mdp', 'Random MDP, 6 states, 3 actions, γ = 0.9', randomModel(6, 3, seed), 0.9);

export const frozenLakeProblem = (): TheoryProblem =>
  tabularProblem(
    'frozen-lake',
    'FrozenLake 4×4, 0.8 of the steps as wanted, γ = 0.95',
    frozenLakeModel(['SFFF', 'FHFH', 'FFFH', 'HFFG'], true, 0.8),
    0.95,
  );

/** γ = 0: a pair is one step. */
export function bandit(weights: readonly number[], name: string, title: string): TheoryProblem {
  return tabularProblem(name, title, banditModel(weights), 0);
}
