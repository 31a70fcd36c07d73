/**
 * @module store/training/columns
 *
 * Columns that a training run logs: those of progress.csv, the same for every algorithm so that runs lie side by side, and the
 * TensorBoard tags of the same numbers (Stable-Baselines3's names, so that its dashboards work). Two of these quantities differ from what
 * Stable-Baselines3 puts under the name: `train/approx_kl` is the exact mean KL(π_before ‖ π_after) of a whole update, there an estimate
 * over minibatches while it goes; `train/n_updates` counts segments, there epochs of descent.
 */
import type { ReturnFigure } from '../../rl/train/returns.js';
import type { Row, Scalars } from '../folder/index.js';

/** Numbers that updates report; a cell is empty where an algorithm has no such number. */
export const METRICS = [
  'policy_loss',
  'value_loss',
  'entropy',
  'explained_variance',
  'learning_rate',
  'step_norm',
  'kl_asked',
  'kl_ratio',
  'damping',
  'score_ratio',
  'cg_iterations',
  'cg_residual',
  'backtracks',
  'clip_fraction',
  'clip_range',
  'epochs',
  'effective_rank',
  'top_share',
  'cosine_natural',
  'fisher_trace',
  'fisher_trace_se',
] as const;

export const COLUMNS = [
  'steps',
  'updates',
  'episodes',
  'return_mean',
  'return_se',
  'length_mean',
  'kl',
  ...METRICS,
  'seconds',
] as const;

const TAGS: Readonly<Record<string, string>> = {
  return_mean: 'rollout/ep_rew_mean',
  length_mean: 'rollout/ep_len_mean',
  kl: 'train/approx_kl',
  policy_loss: 'train/policy_gradient_loss',
  clip_fraction: 'train/clip_fraction',
  clip_range: 'train/clip_range',
  explained_variance: 'train/explained_variance',
  learning_rate: 'train/learning_rate',
  value_loss: 'train/value_loss',
  updates: 'train/n_updates',
};

/** What is known at a row. */
export interface Logged {
  readonly steps: number;
  readonly updates: number;
  readonly episodes: number;
  readonly returns: ReturnFigure;
  readonly lengthMean: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly seconds: number;
}

const finite = (v: number | null | undefined): number | null =>
  v !== null && v !== undefined && Number.isFinite(v) ? v : null;

export function rowOf(record: Logged): Row {
  const row: Record<string, number | null> = {
    steps: record.steps,
    updates: record.updates,
    episodes: record.episodes,
    return_mean: finite(record.returns.mean),
    return_se: finite(record.returns.standardError),
    length_mean: finite(record.lengthMean),
    kl: finite(record.metrics.kl),
    seconds: record.seconds,
  };
  for (const name of METRICS) row[name] = finite(record.metrics[name]);
  return row;
}

/** Scalars of a row; what TensorBoard has no name for stands under `fim/`. */
export function scalarsOf(row: Row, fps: number): Scalars {
  const scalars: Record<string, number> = { 'time/fps': fps };
  for (const [name, value] of Object.entries(row)) {
    if (typeof value !== 'number' || name === 'steps' || name === 'seconds') continue;
    if (name === 'entropy') scalars['train/entropy_loss'] = -value;
    else scalars[TAGS[name] ?? `fim/${name}`] = value;
  }
  return scalars;
}
