/**
 * @module cli/reproduce/rank1-theory
 *
 * `fim reproduce rank1-theory`: the claims about the rank-1 inverse of the Fisher where everything is exact.
 */
import { type ExitCode, FimError } from '../../core/errors.js';
import { studyFiles } from '../../report/study-page.js';
import { theoryPage } from '../../studies/report/rank1-theory.js';
import { claimsOf } from '../../studies/report/rank1-theory-claims.js';
import { csvTable } from '../../jobs/layer-record.js';
import {
  comparisons,
  gains,
  meanWithError,
  rateRows,
  runsOf,
} from '../../studies/run/rank1-theory/analysis.js';
import { curveOf, QUANTITIES } from '../../studies/run/rank1-theory/fits.js';
import { rateArms, THEORY, THEORY_QUICK } from '../../studies/run/rank1-theory/plan.js';
import { openTheory, runTheory, type TheoryResult } from '../../studies/run/rank1-theory/study.js';
import { significant } from '../../jobs/spread.js';
import { writeFiles } from '../../store/study-files.js';
import type { Context } from '../command.js';
import { finishStudy, seedsOf } from '../study.js';
import { startProgress } from '../terminal/live.js';

/** `fim reproduce rank1-theory`. Throws `usage/seeds`. */
export async function reproduceRank1Theory(context: Context<'reproduce'>): Promise<ExitCode> {
  const { options, io, signal } = context;
  const began = io.now();
  const folder = options.run ?? 'runs/rank1-theory';
  const base = options.quick ? THEORY_QUICK : THEORY;
  const seeds = options.seeds === undefined ? base.seeds : seedsOf(options.seeds);
  if (seeds.length < 2) {
    throw new FimError({
      code: 'usage/seeds',
      kind: 'usage',
      where: '--seeds',
      rule: 'is at least 2 here: every number is stated with its error over seeds',
      got: String(seeds.length),
      next: '--seeds 20',
    });
  }
  const plan = { ...base, seeds };
  const points = openTheory(folder, plan);
  const progress = startProgress(io, 'reproduce', options.quiet);
  try {
    const result = await runTheory(points, plan, {
      signal,
      onProgress: (share, text) => progress.update(share, text),
    });
    progress.end();
    if (result !== null) {
      const files = studyFiles(theoryPage(result, `Made by fim ${context.version}: ${context.commandLine}`));
      files.set('curves.csv', curvesCsv(result));
      files.set('summary.json', `${JSON.stringify(summaryOf(result, context.commandLine), null, 1)}\n`);
      writeFiles(folder, files);
    }
    return finishStudy(context, folder, result !== null, {
      reason: 'plain code, no engine',
      seconds: io.now() - began,
    });
  } finally {
    progress.end();
  }
}

/** Means over seeds at every check; runs that diverged count as infinite from there on, and have no cell. */
function curvesCsv({ plan, problems }: TheoryResult): string {
  const cell = (v: number | undefined) => (v !== undefined && Number.isFinite(v) ? significant(v) : null);
  return csvTable(
    [
      'problem',
      'method',
      'batch',
      'schedule',
      'samples',
      'gap',
      'gap_se',
      'gradient2',
      'min_gradient2',
      'mean_gradient2',
    ],
    problems.flatMap((p) =>
      rateArms(plan, p.problem).flatMap((arm) => {
        const runs = runsOf(p, arm);
        const [gap, gradient2, least, mean] = QUANTITIES.map((q) => curveOf(runs, q));
        return runs[0].samples.map((samples, k) => [
          ...[
            p.problem.name,
            arm.method,
            arm.batch ?? 'exact',
            arm.halfLife === null ? 'constant' : 'decreasing',
          ],
          ...[samples, cell(gap[k]), cell(meanWithError(runs.map((r) => r.gap[k] ?? Infinity)).se)],
          ...[cell(gradient2[k]), cell(least[k]), cell(mean[k])],
        ]);
      }),
    ),
  );
}

/** What is not finite becomes null in JSON. */
function summaryOf(result: TheoryResult, command: string) {
  return {
    command,
    plan: result.plan,
    claims: claimsOf(result),
    rates: rateRows(result),
    effective: comparisons(result, 'effective'),
    nominal: comparisons(result, 'nominal'),
    aligned: gains(result).map(({ arm: { lags: _, ...arm }, pg, ...rest }) => ({
      ...rest,
      arm,
      pgStep: pg.step,
    })),
    identities: result.identities,
  };
}
