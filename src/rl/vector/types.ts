/**
 * @module rl/vector/types
 *
 * Many environments of one kind as arrays: row i of each array is environment i. The buffers are reused: what they hold is valid
 * until the next step. Environment i draws from stream (seed, i), so trajectories do not depend on how many workers share them.
 */
import type { FloatArray } from '../../core/tensor.js';
import type { MakeOptions } from '../registration.js';
import type { EnvironmentSpec, Space } from '../types.js';

/** Buffers of n environments. */
export interface Rows {
  /** What a policy sees next [n, size]: after an end, already the first observation of the next episode (SAME_STEP). */
  readonly observations: FloatArray;
  /** The last observation of the episode [n, observation size], in rows where `terminated` or `truncated` is 1; other rows are older. */
  readonly finalObservations: FloatArray;
  /** [n] */
  readonly rewards: Float64Array;
  /** 1 where the episode ended by itself [n]. */
  readonly terminated: Uint8Array;
  /** 1 where the episode was cut [n]. */
  readonly truncated: Uint8Array;
}

/** n environments of one kind, stepped together; one whose episode ends is reset in the same step. */
export interface VectorEnvironment extends Rows {
  /** Name and time limit. */
  readonly spec: EnvironmentSpec;
  /** How many environments. */
  readonly n: number;
  /** Threads that step: 1 is the caller's own. */
  readonly workers: number;
  /** What an observation of one is. */
  readonly observationSpace: Space;
  /** What an action of one is. */
  readonly actionSpace: Space;
  /** Starts n episodes. Throws `random/seed`. */
  reset(options?: { seed?: number }): void;
  /** One step of each with actions [n, size] (discrete: [n]). Throws `rl/action-…` before any has moved, `rl/not-reset`. */
  step(actions: ArrayLike<number>): void;
  /** Everything, buffers included; the same bytes for any number of workers. */
  save(): Uint8Array;
  /** Goes on from what `save` gave. */
  load(bytes: Uint8Array): void;
  /** Ends threads and environments. */
  close(): void;
}

/** How many environments, over how many threads. */
export interface VectorOptions {
  /** How many environments. */
  n: number;
  /**
   * Threads that step: 1 (default) is the caller's own, more add worker threads of Node to it. `auto` takes as many as the machine
   * has cores where a step is dear enough to pay for waking them (MuJoCo), else 1.
   */
  workers?: number | 'auto';
  /** Options of each environment. */
  options?: MakeOptions;
  /**
   * Modules that this thread and every worker import first: those that `register` environments of one's own, or export one by default.
   * Paths from the working directory, or file URLs.
   */
  modules?: readonly (string | URL)[];
}
