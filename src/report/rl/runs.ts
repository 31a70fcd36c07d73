/**
 * @module report/rl/runs
 *
 * Summaries of runs from their folders: result and curve, and over the rows of progress.csv the medians of what their updates reported.
 */
import type { Job } from '../../store/training/grid.js';
import type { RunStatus } from '../../store/training/compare.js';
import { type Progress, readProgress } from '../../store/training/progress.js';
import type { Quantiles, RunSummary } from './types.js';

/** Further columns whose medians are shown, where a run has them. */
const DIAGNOSTICS = ['effective_rank', 'top_share', 'cosine_natural'] as const;

/** The summary of a run. Reads its progress.csv. */
export function summaryOf(job: Job, status: RunStatus): RunSummary {
  const { arm: algorithm, environment, seed, folder } = job;
  if (status.kind === 'new' || status.kind === 'begun' || status.kind === 'failed') {
    return {
      ...{ algorithm, environment, seed, status: status.kind === 'failed' ? 'failed' : 'missing' },
      ...(status.kind === 'failed' ? { reason: status.message.split('\n')[0] } : {}),
      steps: status.kind === 'new' ? 0 : status.steps,
      curve: { steps: [], return: [] },
      ...{ evaluation: null, return: null, seconds: 0, stepsPerSecond: 0, updates: 0 },
    };
  }
  const progress = readProgress(folder);
  const figures = {
    ...{ algorithm, environment, seed },
    curve: curveOf(progress),
    ...optional('medianStep', quantile(progress, 'step_norm', 0.5)),
    ...optional('klRatio', quantile(progress, 'kl_ratio', 0.5)),
    ...optional('scoreRatio', quantilesOf(progress, 'score_ratio')),
    ...diagnosticsOf(progress),
  };
  if (status.kind === 'done') {
    const {
      steps,
      evaluation: { mean, standardError, episodes, cut = 0 },
      return: training,
      seconds,
      stepsPerSecond,
      updates,
      updateSeconds,
    } = status.result;
    return {
      ...figures,
      status: 'done',
      ...{ steps, return: training, seconds, stepsPerSecond, updates },
      evaluation: { mean, standardError, episodes },
      ...(cut > 0 ? { cut } : {}),
      secondsPerUpdate: updateSeconds / updates,
    };
  }
  const { message, steps, updates, seconds, evaluation, return: training } = status.divergence;
  return {
    ...figures,
    status: 'diverged',
    reason: message.split('\n')[0],
    ...{ steps, evaluation, return: training, seconds, updates },
    stepsPerSecond: seconds > 0 ? steps / seconds : 0,
  };
}

function curveOf(progress: Progress | null): RunSummary['curve'] {
  return {
    steps: [...(progress?.get('steps') ?? [])],
    return: [...(progress?.get('return_mean') ?? [])],
  };
}

const optional = <K extends string, V>(name: K, value: V | null): { [P in K]?: V } =>
  (value === null ? {} : { [name]: value }) as { [P in K]?: V };

/** The numbers of a column that are some, in order. */
function sorted(progress: Progress | null, column: string): Float64Array {
  return (progress?.get(column) ?? new Float64Array()).filter((v) => Number.isFinite(v)).sort();
}

/** By linear interpolation between order statistics; null where the column has no number. */
function quantile(progress: Progress | null, column: string, p: number): number | null {
  const values = sorted(progress, column);
  if (values.length === 0) return null;
  const at = p * (values.length - 1);
  const low = Math.floor(at);
  return values[low] + (at - low) * (values[Math.min(low + 1, values.length - 1)] - values[low]);
}

function quantilesOf(progress: Progress | null, column: string): Quantiles | null {
  const [p5, p50, p95] = [0.05, 0.5, 0.95].map((p) => quantile(progress, column, p));
  return p5 === null || p50 === null || p95 === null ? null : { p5, p50, p95 };
}

function diagnosticsOf(progress: Progress | null): Pick<RunSummary, 'diagnostics'> {
  const found = DIAGNOSTICS.flatMap((column): [string, number][] => {
    const median = quantile(progress, column, 0.5);
    return median === null ? [] : [[column, median]];
  });
  return found.length === 0 ? {} : { diagnostics: Object.fromEntries(found) };
}
