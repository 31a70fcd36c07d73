/**
 * @module studies/commands/rank1-theory
 *
 * `npm run study -- rank1-theory`: the claims about the rank-1 inverse of the Fisher where everything is exact.
 */
import { FimError } from 'fim/core';
import { csvTable, significant } from 'fim/jobs';
import { studyFiles } from 'fim/report';
import { firstSeeds } from '../face/options.js';
import type { OpenStudy } from '../face/piece.js';
import { theoryPage } from '../report/rank1-theory.js';
import { claimsOf } from '../report/rank1-theory-claims.js';
import { comparisons, gains, meanWithError, rateRows, runsOf } from '../rank1-theory/analysis.js';
import { curveOf, QUANTITIES } from '../rank1-theory/fits.js';
import { rateArms, THEORY, THEORY_QUICK } from '../rank1-theory/plan.js';
import { type TheoryResult, theoryStudy } from '../rank1-theory/study.js';

/** `npm run study -- rank1-theory`. Throws `usage/seeds`. */
export const openRank1Theory: OpenStudy<TheoryResult> = ({ quick, seeds: asked }) => {
  const base = quick ? THEORY_QUICK : THEORY;
  const seeds = asked === undefined ? base.seeds : firstSeeds(asked);
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
  return {
    folder: 'runs/rank1-theory',
    ...theoryStudy({ ...base, seeds }),
    filesOf(result, { by, line }) {
      const files = studyFiles(theoryPage(result, by));
      files.set('curves.csv', curvesCsv(result));
      files.set('summary.json', `${JSON.stringify(summaryOf(result, line), null, 1)}\n`);
      return { files, reason: 'plain code, no engine' };
    },
  };
};

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
