/**
 * @module cli/reproduce/rank1-cost
 *
 * `fim reproduce rank1-cost`: what inverses of the Fisher cost, whether their steps depend on coordinates, and how long steps are.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ExitCode } from '../../core/errors.js';
import { studyFiles } from '../../report/study-page.js';
import { costPage } from '../../studies/report/rank1-cost.js';
import { csvTable } from '../../jobs/layer-record.js';
import type { Gauges } from '../../studies/run/rank1-cost/cost.js';
import { PLAN, PLAN_QUICK } from '../../studies/run/rank1-cost/plan.js';
import { type CostResult, openCost, runCost } from '../../studies/run/rank1-cost/study.js';
import { covarianceRows, exponentRows, fitAt, klRows } from '../../studies/run/rank1-cost/summary.js';
import { writeFiles } from '../../store/study-files.js';
import type { Context } from '../command.js';
import { finishStudy } from '../study.js';
import { startProgress } from '../terminal/live.js';

export async function reproduceRank1Cost(context: Context<'reproduce'>): Promise<ExitCode> {
  const { options, io, signal } = context;
  const began = io.now();
  const folder = options.run ?? 'runs/rank1-cost';
  const plan = options.quick ? PLAN_QUICK : PLAN;
  const points = openCost(folder, plan);
  const progress = startProgress(io, 'reproduce', options.quiet);
  try {
    const result = await runCost(points, plan, gauges(), {
      signal,
      onProgress: (share, text) => progress.update(share, text),
    });
    progress.end();
    if (result !== null) {
      const files = studyFiles(costPage(result, `Made by fim ${context.version}: ${context.commandLine}`));
      files.set('costs.csv', costsCsv(result));
      files.set('kl.csv', klCsv(result));
      files.set('summary.json', `${JSON.stringify(summaryOf(result, context.commandLine), null, 1)}\n`);
      writeFiles(folder, files);
    }
    return finishStudy(context, folder, result !== null, {
      reason: 'one thread, the small engine',
      seconds: io.now() - began,
    });
  } finally {
    progress.end();
  }
}

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
