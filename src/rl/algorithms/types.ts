/**
 * @module rl/algorithms/types
 *
 * Interface of an algorithm to the one training loop: turn a segment of experience into an update of the networks. Everything else
 * (environments, rollouts, advantages, logs, checkpoints, evaluation) is the loop's, the same for all.
 */
import type { FloatArray } from '../../core/tensor.js';
import type { Engine, Store } from '../../engine/types.js';
import type { ActorCritic } from '../policies/actor-critic.js';
import type { Segment } from '../rollout/collector.js';

/** The algorithms' names. */
export const ALGORITHMS = [
  'reinforce',
  'a2c',
  'ppo',
  'trpo',
  'npg',
  'acktr',
  'diagonal',
  'smac',
  'woodbury',
] as const;
/** One of `ALGORITHMS`. */
export type AlgorithmName = (typeof ALGORITHMS)[number];

/** Quadratic forms that size a step: of the exact Fisher, or with the damping added, as published TRPO does. */
export const KL_SCALES = ['exact', 'damped'] as const;

/** What a KL-sized step is measured by. */
export type KlScale = (typeof KL_SCALES)[number];

/** Options of an algorithm by name, as a preset or a command line gives them. */
export type OptionValues = Readonly<Record<string, number | string | boolean>>;

/** What an algorithm is made over. */
export interface AlgorithmContext {
  /** Policy and value, as networks. */
  readonly model: ActorCritic;
  /** Where the updates are computed, and its store with the parameters. */
  readonly engine: Engine;
  /** The parameters, by name. */
  readonly store: Store;
  /** Rows of a segment, T·n. */
  readonly rows: number;
  /** Seed of the run. */
  readonly seed: number;
}

/** Where in the run an update stands. */
export interface Moment {
  /** Updates done before this one; it names the draws. */
  readonly update: number;
  /** Share of the run's steps used up when the segment was begun, in [0, 1), for schedules. */
  readonly progress: number;
}

/** Named numbers of an update for the logs: `kl`, `entropy`, `policy_loss`, `value_loss`, `step_norm`, … */
export type UpdateMetrics = Record<string, number>;

/** Turns a segment of experience into an update of the parameters. */
export interface Algorithm {
  /** Which algorithm it is. */
  readonly name: AlgorithmName;
  /** Throws where outputs are no longer finite; the loop then names the last good state. */
  update(segment: Segment, moment: Moment): Promise<UpdateMetrics>;
  /**
   * V of the segment's states [T·n], where the update's own forward pass gives them: asked before advantages are known, and kept for the
   * update that follows.
   */
  values?(segment: Segment): Promise<FloatArray>;
  /**
   * Shrinkage of the unit vector u [P] by the damped inverse of a natural gradient, 1 − λ uᵀ(F̂ + λI)⁻¹u, on this segment before the
   * update. Read by the Fisher probe; leaves state unchanged.
   */
  removes?(u: Float64Array, segment: Segment, moment: Moment): Promise<number>;
  /** State that is not in the store: step counts, running factors. */
  save(): Record<string, Float64Array>;
  /** Goes on from what `save` gave. */
  load(state: Readonly<Record<string, Float64Array>>): void;
  /** Frees the compiled programs. */
  dispose(): void;
}
