/**
 * @module report/rl/learning
 *
 * Learning curves of one environment: with fewer than ten seeds in any arm the mean over runs with Student's t, from ten on the IQM
 * with a bootstrap band, pointwise. A run that diverged keeps its last return to the end, as it keeps its last good parameters.
 */
import {
  commonGrid,
  type Curve,
  curveAt,
  efficiencyCurve,
  FEWEST_SEEDS,
  IQM,
  MEAN,
  type MeasuredCoverage,
} from '../../stats/aggregate/index.js';
import { BOOTSTRAP_SEEDS } from '../../stats/aggregate/interval.js';
import type { Cell } from './cells.js';
import type { RunSummary } from './types.js';

export interface LearningCurve {
  readonly algorithm: string;
  readonly seeds: number;
  readonly points: readonly {
    readonly x: number;
    readonly y: number;
    readonly low?: number;
    readonly high?: number;
  }[];
}

export interface Learning {
  readonly environment: string;
  readonly statistic: 'mean' | 'IQM';
  /** Of the bands, where they are bootstraps: of the arm with the fewest seeds. */
  readonly coverage: MeasuredCoverage | null;
  readonly curves: readonly LearningCurve[];
}

/** The curves of one environment's cells. */
export function learningOf(environment: string, cells: readonly Cell[], seed = 0): Learning {
  const arms = cells
    .filter((c) => c.environment === environment)
    .map((c) => ({ algorithm: c.algorithm, runs: usable(c.runs) }))
    .filter((a) => a.runs.length > 0);
  const many = arms.length > 0 && arms.every((a) => a.runs.length >= BOOTSTRAP_SEEDS);
  let coverage: MeasuredCoverage | null = null;
  const curves = arms.map(({ algorithm, runs }): LearningCurve => {
    const seeds = runs.length;
    if (seeds < FEWEST_SEEDS) {
      const grid = commonGrid(runs);
      const values = runs.map((curve) => curveAt(curve, grid));
      const mean = (k: number): number => values.reduce((sum, run) => sum + run[k], 0) / seeds;
      return { algorithm, seeds, points: grid.map((x, k) => ({ x, y: mean(k) })) };
    }
    const along = efficiencyCurve([runs], { statistic: many ? IQM : MEAN, seed });
    const own = along.interval[0]?.coverage ?? null;
    if (own && (coverage === null || own.coverage < coverage.coverage)) coverage = own;
    return {
      algorithm,
      seeds,
      points: along.steps.map((x, k) => {
        const band = along.interval[k];
        return { x, y: along.value[k], ...(band === null ? {} : { low: band.low, high: band.high }) };
      }),
    };
  });
  return { environment, statistic: many ? 'IQM' : 'mean', coverage, curves };
}

/** Curves with a return; those of diverged runs drawn on to the end of the longest. */
function usable(runs: readonly RunSummary[]): Curve[] {
  const end = Math.max(...runs.map((r) => r.curve.steps.at(-1) ?? 0));
  return runs
    .filter((r) => r.status !== 'missing' && r.curve.return.some(Number.isFinite))
    .map(({ status, curve }) => {
      const last = curve.return.filter(Number.isFinite).at(-1) as number;
      const stopped = status === 'diverged' && (curve.steps.at(-1) as number) < end;
      return stopped ? { steps: [...curve.steps, end], return: [...curve.return, last] } : curve;
    });
}
