/**
 * @module studies/commands/rank1-cost
 *
 * `npm run study -- rank1-cost`: what inverses of the Fisher cost, whether their steps depend on coordinates, and how long steps are.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { csvTable } from 'fim/jobs';
import { studyFiles } from 'fim/report';
import type { OpenStudy } from '../face/piece.js';
import { costPage } from '../report/rank1-cost.js';
import type { Gauges } from '../rank1-cost/cost.js';
import { PLAN, PLAN_QUICK } from '../rank1-cost/plan.js';
import { type CostResult, costStudy } from '../rank1-cost/study.js';
import { covarianceRows, exponentRows, fitAt, klRows } from '../rank1-cost/summary.js';

export const openRank1Cost: OpenStudy<CostResult> = ({ quick }) => ({
  folder: 'runs/rank1-cost',
  ...costStudy(quick ? PLAN_QUICK : PLAN, gauges()),
  filesOf(result, { by, line }) {
    const files = studyFiles(costPage(result, by));
    files.set('costs.csv', costsCsv(result));
    files.set('kl.csv', klCsv(result));
    files.set('summary.json', `${JSON.stringify(summaryOf(result, line), null, 1)}\n`);
    return { files, reason: 'one thread, the small engine' };
  },
});

/** Kernel memories and arrays are given back a turn after they were found to be garbage. */
function gauges(): Gauges {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  return {
    spent() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
    held: () => process.memoryUsage().external,
    async collect() {
      for (let k = 0; k < 3; k++) {
        gc();
        await turn();
      }
    },
  };
}

function costsCsv({ cells }: CostResult): string {
  const quantities = ['seconds', 'ratio', 'beyond'] as const;
  return csvTable(
    [
      'P',
      'N',
      'rounds',
      'method',
      ...quantities.flatMap((q) => [`${q}_p25`, q, `${q}_p75`]),
      'bytes',
      'skipped',
    ],
    cells.flatMap(({ P, N, rounds, methods }) =>
      methods.map((m) => [
        P,
        N,
        rounds,
        m.method,
        ...quantities.flatMap((q) => m[q] ?? [null, null, null]),
        m.bytes,
        m.skipped,
      ]),
    ),
  );
}

function klCsv({ kl }: CostResult): string {
  return csvTable(
    ['environment', 'inverse', 'update', 'kl_ratio'],
    kl.flatMap(({ environment, arm, ratios }) => ratios.map((r, k) => [environment, arm, k, r])),
  );
}

function summaryOf(result: CostResult, command: string) {
  const { arms, ...kl } = result.plan.kl;
  return {
    command,
    plan: { ...result.plan, kl: { ...kl, arms: arms.map(({ key }) => key) } },
    exponentsAt: fitAt(result.plan),
    exponents: exponentRows(result),
    fisherEigenvalues: result.covariance.eigenvalues,
    covariance: covarianceRows(result),
    kl: klRows(result),
  };
}
