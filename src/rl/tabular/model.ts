/**
 * @module rl/tabular/model
 *
 * A finite Markov decision process as numbers: P(s′, r, end | s, a) in compressed rows, the start distribution, and an environment
 * that plays it. Because the model is at hand, value, gradient and Fisher of a policy are exact (rl/tabular/exact).
 */
import type { Sequence } from '../../core/random.js';
import type { FloatArray } from '../../core/tensor.js';
import { badState } from '../complaints.js';
import { discrete } from '../spaces.js';
import type { Dynamics, Info, Outcome } from '../types.js';

/** One thing that may happen after an action. */
export interface Transition {
  /** Its probability. */
  readonly probability: number;
  /** The state that follows. */
  readonly next: number;
  /** The reward. */
  readonly reward: number;
  /** Whether the episode ends there. */
  readonly terminated: boolean;
}

/** S states, A actions; the transitions of (s, a) are entries offsets[s·A + a] … offsets[s·A + a + 1] − 1. */
export class TransitionModel {
  /** First transition of each pair of state and action, with one entry more at the end [S·A + 1]. */
  readonly offsets: Int32Array;
  /** Probability of each transition [transitions]. */
  readonly probability: Float64Array;
  /** State that follows each transition [transitions]. */
  readonly next: Int32Array;
  /** Reward of each transition [transitions]. */
  readonly reward: Float64Array;
  /** 1 where a transition ends the episode. */
  readonly terminated: Uint8Array;

  /** `start` [S] sums to 1; `rule(s, a)` lists what may happen, probabilities summing to 1. */
  constructor(
    /** S. */
    readonly states: number,
    /** A. */
    readonly actions: number,
    /** Distribution of the first state [S]. */
    readonly start: Float64Array,
    rule: (state: number, action: number) => readonly Transition[],
  ) {
    const all: Transition[] = [];
    this.offsets = new Int32Array(states * actions + 1);
    for (let s = 0, row = 0; s < states; s++) {
      for (let a = 0; a < actions; a++, row++) {
        all.push(...rule(s, a));
        this.offsets[row + 1] = all.length;
      }
    }
    this.probability = Float64Array.from(all, (t) => t.probability);
    this.next = Int32Array.from(all, (t) => t.next);
    this.reward = Float64Array.from(all, (t) => t.reward);
    this.terminated = Uint8Array.from(all, (t) => Number(t.terminated));
  }

  /** What may happen after `action` in `state`, in the order of the inverse CDF. */
  outcomes(state: number, action: number): Transition[] {
    const row = state * this.actions + action;
    return Array.from({ length: this.offsets[row + 1] - this.offsets[row] }, (_, k) => {
      const i = this.offsets[row] + k;
      return {
        probability: this.probability[i],
        next: this.next[i],
        reward: this.reward[i],
        terminated: this.terminated[i] === 1,
      };
    });
  }
}

/**
 * Plays a model. The observation is the state's index. One uniform for a start or a step with more than one outcome.
 * @throws FimError with `rl/space`
 */
export class Tabular implements Dynamics {
  /** The states' indices. */
  readonly observationSpace;
  /** The actions' indices. */
  readonly actionSpace;
  /** The state's index. */
  readonly state = new Float64Array(1);
  /** The last action (−1 after a reset), for the picture, and the probability of what happened. */
  readonly memory = Float64Array.of(-1, 1);
  private readonly onlyStart: number;

  constructor(
    private readonly id: string,
    /** The model that is played. */
    readonly model: TransitionModel,
    private readonly look: {
      draw(state: number, action: number): string;
      mask?(state: number): Int8Array;
    },
  ) {
    this.observationSpace = discrete(model.states);
    this.actionSpace = discrete(model.actions);
    this.onlyStart = model.start.indexOf(1);
  }

  reset(random: Sequence): void {
    this.state[0] = this.onlyStart;
    if (this.onlyStart < 0) {
      const u = random.next();
      let s = -1;
      for (let c = 0; c <= u && s + 1 < this.model.states;) c += this.model.start[++s];
      this.state[0] = s;
    }
    this.memory[0] = -1;
    this.memory[1] = 1;
  }

  step(action: ArrayLike<number>, outcome: Outcome, random: Sequence): void {
    const { model, state, memory } = this;
    const row = state[0] * model.actions + action[0];
    let i = model.offsets[row];
    const last = model.offsets[row + 1] - 1;
    if (i < last) {
      const u = random.next();
      for (let c = model.probability[i]; c <= u && i < last;) c += model.probability[++i];
    }
    state[0] = model.next[i];
    memory[0] = action[0];
    memory[1] = model.probability[i];
    outcome.reward = model.reward[i];
    outcome.terminated = model.terminated[i] === 1;
  }

  observe(out: FloatArray, offset: number): void {
    out[offset] = this.state[0];
  }

  readState(): Float64Array {
    return this.state.slice();
  }

  writeState(state: Float64Array): void {
    if (!Number.isInteger(state[0]) || state[0] < 0 || state[0] >= this.model.states) {
      throw badState(this.id, `a state is a whole number below ${this.model.states}; here`, 'other', state);
    }
    this.state[0] = state[0];
    this.memory[0] = -1;
    this.memory[1] = 1;
  }

  info(): Info {
    const mask = this.look.mask?.(this.state[0]);
    return { prob: this.memory[1], ...(mask ? { action_mask: mask } : {}) };
  }

  render(): string {
    return this.look.draw(this.state[0], this.memory[0]);
  }
}
