/**
 * @module rl/types
 *
 * Types of an environment, from both sides. Its author writes a `Dynamics`: spaces, a state, how it starts, moves and is seen,
 * about 30 lines, no bookkeeping. Its user gets an `Environment` (rl/environment): checks, time limit, random stream, saving.
 *
 *   symbol        meaning
 *   state         Float64Array that determines the future together with the actions and the random stream
 *   observation   what a policy sees, rounded to the type of the observation space
 *   terminated    the episode ended inside the problem: no value is left
 *   truncated     the episode was cut from outside (time limit): the value of the last state is still owed
 *
 * Source of the semantics: Gymnasium 1.3 (`Env`, `TimeLimit`, vector `AutoresetMode.SAME_STEP`).
 */
import type { Sequence } from '../core/random.js';
import type { FloatArray, FloatType } from '../core/tensor.js';

/** The integers start … start + n − 1. An observation of it is an array of one number; an action of it a number. */
export interface DiscreteSpace {
  /** `discrete`. */
  readonly kind: 'discrete';
  /** How many integers. */
  readonly n: number;
  /** Default 0. */
  readonly start?: number;
}

/** Arrays of `size` numbers with bounds; ±∞ where there is none. */
export interface BoxSpace {
  /** `box`. */
  readonly kind: 'box';
  /** Precision of an observation of it. */
  readonly dtype: FloatType;
  /** How many numbers. */
  readonly size: number;
  /** Smallest value of each number [size]. */
  readonly low: Float64Array;
  /** Largest value of each number [size]. */
  readonly high: Float64Array;
}

/** What observations or actions can be. */
export type Space = DiscreteSpace | BoxSpace;

/** A discrete action as a number, or any action as an array. */
export type Action = number | ArrayLike<number>;

/** Named quantities of a step for people and tests; never needed by an algorithm. */
export type Info = Readonly<Record<string, number | ArrayLike<number>>>;

/** What a step says, filled in by `Dynamics.step`; arrives as reward 0, not terminated, not truncated. */
export interface Outcome {
  /** Reward of the step. */
  reward: number;
  /** Whether the problem ended. */
  terminated: boolean;
  /** Set to end the episode from inside without an end of the problem: like the time limit, the value of the last state is owed. */
  truncated?: boolean;
}

/**
 * An environment as its author writes it. Nothing here needs to check actions, count steps or remember that an episode ended.
 * Either hold `state` in place, or give `readState` and `writeState`.
 */
export interface Dynamics {
  /** What an observation can be. */
  readonly observationSpace: Space;
  /** What an action can be. */
  readonly actionSpace: Space;
  /** The whole physical state [state size], held in place. */
  readonly state?: Float64Array;
  /** Where the state is not held in one array: a copy of it [state size]. */
  readState?(): Float64Array;
  /** Replaces the state [state size], of the length that `readState` gives; one that is no state may be refused, as `rl/state` does. */
  writeState?(state: Float64Array): void;
  /** Like `writeState`, but may accept shorter descriptions of a start [length of its own]. */
  startFrom?(state: Float64Array): void;
  /** What the next step needs besides the state [memory size] (saved with it, not part of it). */
  readonly memory?: Float64Array;
  /** Draws a start from the reset distribution. */
  reset(random: Sequence): void;
  /** One step of a checked action (`action[0]` of a discrete one). Sets `outcome`; what it returns is not read. */
  step(action: ArrayLike<number>, outcome: Outcome, random: Sequence): void;
  /** Writes the observation [observation size] to out from `offset` on; a Float32Array rounds by itself. */
  observe(out: FloatArray, offset: number): void;
  /** Quantities of the last step or reset. */
  info?(): Info;
  /** A picture of the present state as an SVG document. */
  render?(): string;
  /** Frees what is not garbage-collected. Called once. */
  close?(): void;
}

/** What a registered environment promises besides its dynamics. */
export interface EnvironmentSpec {
  /** Its name, e.g. `CartPole-v1`. */
  readonly id: string;
  /** Steps after which an episode is truncated; null: never. */
  readonly maxSteps: number | null;
  /** Mean return from which the problem counts as solved; null: none is published. */
  readonly threshold: number | null;
}

/** How an episode starts. */
export interface ResetOptions {
  /** Starts the random stream anew. Without it the stream goes on (from seed 0 if there was none). */
  seed?: number;
  /** Which of many environments of that seed this is: streams of different indices never overlap. Default 0. */
  index?: number;
  /** Starts here instead of at a draw. */
  state?: ArrayLike<number>;
}

/** The start of an episode. */
export interface ResetResult {
  /** The first observation [observation size]. */
  observation: FloatArray;
  /** Named quantities. */
  info: Info;
}

/** A step into memory of the caller. */
export interface StepBuffer {
  /** The observation after the step [observation size], written in place. */
  readonly observation: FloatArray;
  /** Reward of the step. */
  reward: number;
  /** Whether the problem ended. */
  terminated: boolean;
  /** Whether the episode was cut. */
  truncated: boolean;
}

/** A step. */
export interface StepResult extends StepBuffer {
  /** Named quantities. */
  info: Info;
}

/** How a trained policy may act: the likeliest action of every state, or one drawn from its distribution. */
export const ACTING = ['likeliest', 'drawn'] as const;

/** How a policy acts. */
export type Acting = (typeof ACTING)[number];
