/**
 * @module rl/algorithms/acktr-step
 *
 * Parts that the two forms of ACKTR share: options, factors, momentum.
 */
import type { ColumnKind } from '../../optim/column-pass.js';
import { kfac } from '../../optim/kfac.js';
import type { PreconditionerFactory } from '../../optim/preconditioner.js';
import type { NaturalOptions } from './natural.js';

export interface AcktrOptions extends NaturalOptions {
  columns: ColumnKind;
  damping: number;
  decay: number;
  /** Updates between inversions. */
  interval: number;
  /** Trust region of the critic, in nats of its Gaussian: of unit variance; with a shared trunk of `valueVariance`. */
  criticTargetKl: number;
  /** Without a shared trunk: steps of the critic on every segment. Default 5. */
  criticSteps?: number;
  /** μ, of all that is learned. Default 0. */
  momentum?: number;
  /** With a shared trunk: c_V, weight of the value's gradient beside the policy's. Default 0.5. */
  valueCoefficient?: number;
  /** With a shared trunk: variance of the value's Gaussian, its mean squared error (default) or 1. */
  valueVariance?: 'error' | 'unit';
}

export function factorsOf({ columns, damping, decay, interval }: AcktrOptions): PreconditionerFactory {
  return kfac({ columns, damping, decay, interval });
}

/** The step αd with momentum: u ← μu + αd in `velocity`, and (1 − μ)u. */
export function carried(
  direction: Float64Array,
  alpha: number,
  momentum: number,
  velocity: Float64Array,
): { direction: Float64Array; alpha: number } {
  if (momentum === 0) return { direction, alpha };
  for (let i = 0; i < velocity.length; i++) velocity[i] = momentum * velocity[i] + alpha * direction[i];
  return { direction: velocity, alpha: 1 - momentum };
}
