/**
 * @module optim/preconditioner
 *
 * An inverse of the Fisher as something that turns a gradient into a direction: d = (𝓘̂ + λI)⁻¹ g, or an approximation of it.
 * One file each; all read the same batch, and none forms an N × P or a P × P array.
 *
 *   symbol   shape    meaning
 *   N        –        examples of the batch (states, with the action taken in each)
 *   δ_n      [T]      t(a_n) − η_n: the score of example n is s_n = J_nᵀδ_n
 *   g        [P]      gradient to be preconditioned (ascent direction), entropy term and all
 *   λ                 damping
 */
import type { FloatArray, TypedArray } from '../core/tensor.js';
import type { Engine, Store } from '../engine/types.js';
import type { Outputs, ScoreFamily } from '../likelihood/index.js';
import type { Network } from '../model/network.js';
import type { Linearisation } from '../matrix/linearisation.js';

/** What a preconditioner is made for. */
export interface PreconditionerContext {
  /** Compiles its programs. */
  readonly engine: Engine;
  /** Holds the parameters. */
  readonly store: Store;
  /** Whose parameters are moved. */
  readonly network: Network;
  /** Of the network's outputs: one family, or the product of two. */
  readonly likelihood: ScoreFamily;
  /** Most examples of a batch, N. */
  readonly maxBatch: number;
  /** The network to first order; `forward` has been called on a batch before `direction` is. */
  readonly linear: Linearisation;
  /** Of its draws. */
  readonly seed: number;
}

/** A batch at the present parameters. */
export interface ScoreBatch {
  /** By the network's names, each [N, …]. */
  readonly inputs: ReadonlyMap<string, TypedArray>;
  /** N. */
  readonly n: number;
  /** Outputs [N, T] at the present parameters. */
  readonly h: Outputs;
  /** δ [N, T] of the actions taken. */
  readonly residuals: FloatArray;
  /** Weight of each action's advantage [N], for damping by method of moments; null where there are none. */
  readonly advantages: Float64Array | null;
  /** Which trajectory each example belongs to [N]; null: all are independent. */
  readonly trajectories: ArrayLike<number> | null;
  /** Counts updates; it names the draws. */
  readonly step: number;
}

/** A preconditioned gradient with numbers for the log. */
export interface Direction {
  /** d [P]. */
  readonly direction: Float64Array;
  /** Named numbers for the log, e.g. `damping`, `residual`, `scoreRatio`. */
  readonly report: Readonly<Record<string, number>>;
}

/** An approximate inverse of the damped Fisher, applied to gradients. */
export interface Preconditioner {
  /** For logs and messages. */
  readonly name: string;
  /** The direction d [P] from the gradient g [P]. Throws `optim/…` where the system cannot be solved. */
  direction(batch: ScoreBatch, g: Float64Array): Promise<Direction>;
  /** State between updates (running factors), by name. */
  save(): Record<string, Float64Array>;
  /** Takes up what `save` gave. */
  load(state: Readonly<Record<string, Float64Array>>): void;
  /** Frees the compiled programs. */
  dispose(): void;
}

/** Compiles a preconditioner for a network and an engine. */
export type PreconditionerFactory = (context: PreconditionerContext) => Promise<Preconditioner>;
