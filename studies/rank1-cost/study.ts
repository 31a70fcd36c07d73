/**
 * @module studies/rank1-cost/study
 *
 * The whole study as pieces: one a cell of the costs, one for covariance, one a run of KL-sized steps.
 */
import type { CutStudy, Piece } from '../face/piece.js';
import { type CostCell, type Gauges, measureCell, operations, type Rates } from './cost.js';
import { type CovarianceResult, measureCovariance } from './covariance.js';
import { type KlRecord, measureKlSteps } from './kl-steps.js';
import type { StudyPlan } from './plan.js';
import { shapeOf } from './policy.js';

export interface CostResult {
  readonly plan: StudyPlan;
  readonly cells: readonly CostCell[];
  readonly covariance: CovarianceResult;
  readonly kl: readonly KlRecord[];
}

/** Of a piece, about. */
const SECONDS = 40;

/**
 * The study: settings, pieces, and what these come to. Grids and arms are in the pieces' names, so that it can be widened. All take
 * equally long on paper, so that one process goes through the cells from the small to the large: what a method takes is predicted by the
 * cells before that are done. Several processes measure a cell whose time nobody could foretell.
 */
export function costStudy(
  plan: StudyPlan,
  gauges: Gauges,
): Pick<CutStudy<CostResult>, 'settings' | 'pieces' | 'assemble'> {
  const { parameters, examples, ...cost } = plan.cost;
  const { environments, arms, ...kl } = plan.kl;
  const grid = parameters.flatMap((asked) => examples.map((n) => ({ asked, n })));
  const cells = grid.map(({ asked, n }, at): Piece<CostCell> => ({
    key: `cost-${asked}-${n}`,
    seconds: SECONDS,
    run({ signal }, done) {
      const rates = ratesOf(cells.slice(0, at).map((cell) => done(cell)));
      return measureCell(plan.cost, asked, n, gauges, rates, () => signal?.aborted ?? false);
    },
  }));
  const covariance: Piece<CovarianceResult> = {
    key: 'covariance',
    seconds: SECONDS,
    run: ({ signal }) => measureCovariance(plan.covariance, () => signal?.aborted ?? false),
  };
  const runs = environments.flatMap((environment) =>
    arms
      .filter((arm) => arm.only === undefined || arm.only === environment)
      .map((arm): Piece<KlRecord> => ({
        key: `kl-${environment}-${arm.key}`,
        seconds: SECONDS,
        run: ({ signal, onProgress }) =>
          measureKlSteps(
            plan.kl,
            environment,
            arm,
            () => signal?.aborted ?? false,
            (k) => onProgress?.(k / plan.kl.updates, arm.name),
          ),
      })),
  );
  return {
    settings: { study: 'rank1-cost', cost, covariance: plan.covariance, kl },
    pieces: [...cells, covariance, ...runs],
    assemble: (results) => ({
      plan,
      cells: results.of(cells),
      covariance: results.of([covariance])[0],
      kl: results.of(runs),
    }),
  };
}

/** How fast each method was in the last of the cells that it was in. */
function ratesOf(cells: readonly (CostCell | null)[]): Rates {
  const rates: Rates = new Map();
  for (const cell of cells) {
    for (const { method, seconds } of cell?.methods ?? [])
      if (cell && seconds) rates.set(method, operations(method, shapeOf(cell.asked), cell.N) / seconds[1]);
  }
  return rates;
}
