/**
 * @module report/rl/cells
 *
 * The runs of a comparison by environment and algorithm, and what may be said of each cell. A run that diverged counts with the
 * evaluation of its last good parameters and is flagged; a run without an evaluation does not count and is flagged.
 */
import { FimError } from '../../core/errors.js';
import { aggregate, type Aggregate, IQM, MEAN, valueOf } from '../../stats/aggregate/index.js';
import { FEW_SEEDS, FEWEST_SEEDS } from '../../stats/aggregate/scores.js';
import type { SeedScore } from '../../stats/aggregate/paired.js';
import type { CompareReport, RunSummary } from './types.js';

export interface Cell {
  readonly algorithm: string;
  readonly environment: string;
  readonly runs: readonly RunSummary[];
  /** Final evaluations, by seed. */
  readonly scores: readonly SeedScore[];
  /** Mean over seeds; its interval is null with one or two. Null without a score. */
  readonly mean: Pick<Aggregate, 'value' | 'interval'> | null;
  readonly iqm: Pick<Aggregate, 'value' | 'interval'> | null;
  /** What a reader of its numbers must know. */
  readonly flags: readonly string[];
}

export const algorithmsOf = (report: CompareReport): readonly string[] =>
  report.algorithms ?? [...new Set(report.runs.map((r) => r.algorithm))];

export const environmentsOf = (report: CompareReport): readonly string[] =>
  report.environments ?? [...new Set(report.runs.map((r) => r.environment))];

/** The score of a run: its final evaluation. */
export function scoreOf(run: RunSummary): number | null {
  const mean = run.status === 'missing' || run.status === 'failed' ? null : (run.evaluation?.mean ?? null);
  return mean !== null && Number.isFinite(mean) ? mean : null;
}

/** Cells in the order of tables; those without any run are left out. Throws `report/run-twice`. */
export function cellsOf(report: CompareReport): Cell[] {
  checkOnce(report);
  const algorithms = algorithmsOf(report);
  return environmentsOf(report).flatMap((environment) =>
    algorithms.flatMap((algorithm) => {
      const runs = report.runs.filter((r) => r.algorithm === algorithm && r.environment === environment);
      return runs.length === 0 ? [] : [cellOf(algorithm, environment, runs, report.seed)];
    }),
  );
}

function cellOf(
  algorithm: string,
  environment: string,
  runs: readonly RunSummary[],
  seed: number | undefined,
): Cell {
  const scores = runs.flatMap((run) => {
    const score = scoreOf(run);
    return score === null ? [] : [{ seed: run.seed, score }];
  });
  const values = [scores.map((s) => s.score)];
  const enough = scores.length >= FEWEST_SEEDS;
  const of = (statistic: typeof MEAN) =>
    scores.length === 0
      ? null
      : enough
        ? aggregate(values, statistic, { ...(seed === undefined ? {} : { seed }) })
        : { value: valueOf(statistic, values), interval: null };
  return {
    algorithm,
    environment,
    runs,
    scores,
    mean: of(MEAN),
    iqm: of(IQM),
    flags: flagsOf(runs, scores.length),
  };
}

function flagsOf(runs: readonly RunSummary[], seeds: number): string[] {
  const count = (what: (r: RunSummary) => boolean): number => runs.filter(what).length;
  const diverged = count((r) => r.status === 'diverged');
  const missing = count((r) => r.status === 'missing');
  const failed = count((r) => r.status === 'failed');
  const silent = runs.length - seeds - missing - failed;
  return [
    ...(diverged > 0 ? [`${diverged} diverged`] : []),
    ...(runs.some((r) => (r.cut ?? 0) > 0) ? ['episodes cut'] : []),
    ...(silent > 0 ? [`${silent} without evaluation`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(missing > 0 ? [`${missing} missing`] : []),
    ...(seeds < FEWEST_SEEDS ? ['too few seeds'] : seeds < FEW_SEEDS ? ['few seeds'] : []),
  ];
}

function checkOnce({ runs }: CompareReport): void {
  const seen = new Set<string>();
  for (const { algorithm, environment, seed } of runs) {
    const key = JSON.stringify([algorithm, environment, seed]);
    if (seen.has(key)) {
      throw new FimError({
        code: 'report/run-twice',
        kind: 'usage',
        where: 'report of a comparison',
        rule: 'an algorithm has one run of a seed in an environment',
        got: `${algorithm} in ${environment} twice with seed ${seed}`,
      });
    }
    seen.add(key);
  }
}
