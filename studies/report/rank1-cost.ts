/**
 * @module studies/report/rank1-cost
 *
 * Page on inverses of the Fisher: what they cost, whether their steps depend on how a policy is written, and whether steps are as long as
 * asked.
 */
import { along, type Exponent } from '../rank1-cost/exponents.js';
import type { CostCell, MethodCost } from '../rank1-cost/cost.js';
import { COVARIANT_METHODS, type CovariantMethod } from '../rank1-cost/covariance.js';
import { type Method, METHOD_WORDS, METHODS } from '../rank1-cost/plan.js';
import type { CostResult } from '../rank1-cost/study.js';
import { covarianceRows, exponentRows, fitAt, KL_BAND, klRows } from '../rank1-cost/summary.js';
import {
  type Content,
  HALF,
  type StudyFigure,
  type StudyPage,
  type StudySection,
  type XyPoint,
  crosses,
  formatCount,
  formatNumber,
  htmlTable,
  markup,
  rowsFigure,
  xyStudyFigure,
} from 'fim/report';

export const COVARIANT_WORDS: Readonly<Record<CovariantMethod, string>> = {
  exact: 'exact',
  cg: 'CG, converged',
  'cg-10': 'CG-10',
  woodbury: 'Woodbury',
  kfac: 'KFAC',
  diagonal: 'diagonal',
  'sherman-morrison': 'rank-1',
  gradient: 'gradient',
};

export function costPage(result: CostResult, footer: string): StudyPage {
  const { plan } = result;
  return {
    title: 'Inverses of the Fisher: cost, covariance, length of steps',
    kicker: `Six ways from a gradient to a direction; ${result.cells.length} networks and batches, ${plan.covariance.draws} reparameterisations, ${plan.kl.updates} updates of ${plan.kl.environments.length} environments`,
    lead: markup`<p>Rank-1 inverts λI + qqᵀ of one sampled score q by Sherman and Morrison; Woodbury the batch’s empirical Fisher by its N × N Gram matrix; CG-10 takes ten conjugate gradients on the true Fisher; KFAC Kronecker factors and the diagonal their statistics from one sampled action a state.</p>`,
    sections: [costSection(result), cellsSection(result), covarianceSection(result), klSection(result)],
    footer,
  };
}

const present = (figures: readonly (StudyFigure | null)[]): StudyFigure[] =>
  figures.filter((f): f is StudyFigure => f !== null);

function costSection(result: CostResult): StudySection {
  const { cells, plan } = result;
  const at = fitAt(plan);
  const figure = (file: string, title: string, quantity: 'ratio' | 'bytes', axis: 'P' | 'N') => {
    const held = axis === 'P' ? at.N : at.P;
    const where = axis === 'P' ? `N = ${held} states` : `P ≈ ${formatCount(held)}`;
    const caption = `${where}. ${
      quantity === 'bytes'
        ? 'What the process holds for one method’s updates, over what it holds for the plain gradient’s.'
        : 'An update’s time over the plain gradient’s of the same round: medians; bars are quartiles over rounds.'
    }`;
    const points = (method: Method): XyPoint[] =>
      along(cells, method, quantity, axis, held)
        .sort((a, b) => a.x - b.x)
        .flatMap(({ x, y, cost, cell }) => {
          if (quantity === 'ratio') return [{ x, y, ...ends(cost) }];
          const plain = cell.methods.find((m) => m.method === 'gradient')?.bytes;
          return plain ? [{ x, y: y / plain }] : [];
        });
    const series = METHODS.filter((m) => m !== 'gradient').map((method) => ({
      name: METHOD_WORDS[method],
      draw: 'both' as const,
      points: points(method),
    }));
    const first = series.flatMap((s) => s.points)[0];
    return xyStudyFigure(file, caption, {
      ...HALF,
      title,
      description: caption,
      x: { label: axis === 'P' ? 'P, parameters' : 'N, states', kind: 'log' },
      y: { label: 'times the plain gradient', kind: 'log' },
      series,
      ...(first && crosses(series, 1)
        ? { references: [{ name: 'gradient', through: { x: first.x, y: 1 }, slope: 0 }] }
        : {}),
    });
  };
  return {
    id: 'cost',
    title: 'Cost',
    lead: [
      markup`<p>17-w-w-6 tanh networks with a Gaussian head, float32, one thread. An update is the network, the gradient and its direction; the choice of a step adds one forward product to each. Time is the processor’s, and all methods run one after the other in every round, so that other load on the machine counts little.</p>`,
      exponentTable(result),
    ],
    figures: present([
      figure('time-parameters', 'Time against parameters', 'ratio', 'P'),
      figure('time-examples', 'Time against states', 'ratio', 'N'),
      figure('memory-parameters', 'Memory against parameters', 'bytes', 'P'),
      figure('memory-examples', 'Memory against states', 'bytes', 'N'),
    ]),
  };
}

const ends = ({ ratio }: MethodCost): { low?: number; high?: number } =>
  ratio ? { low: ratio[0], high: ratio[2] } : {};

export function exponentText(e: Exponent | null): string {
  if (e === null) return '';
  const sign = (v: number, digits: number): string => v.toFixed(digits).replace('-', '−');
  return e.standardError === null ? sign(e.slope, 2) : `${sign(e.slope, 2)} ± ${sign(e.standardError, 2)}`;
}

function exponentTable(result: CostResult): Content {
  const at = fitAt(result.plan);
  return htmlTable(
    [
      { title: 'Method' },
      { title: 'Update, in P', numeric: true },
      { title: 'in N', numeric: true },
      { title: 'Inverse alone, in P', numeric: true },
      { title: 'in N', numeric: true },
      { title: 'Memory, in P', numeric: true },
      { title: 'in N', numeric: true },
    ],
    exponentRows(result).map((r) => [
      METHOD_WORDS[r.method],
      ...[r.secondsP, r.secondsN, r.beyondP, r.beyondN, r.bytesP, r.bytesN].map(exponentText),
    ]),
    `Exponents: slopes of log cost, in P at N = ${at.N} from P ≈ 10⁴ on, in N at P ≈ ${formatCount(at.P)}; ± from the scatter about the line: costs are sums of powers, and bend. Inverse alone: time beyond the plain gradient’s of the same round.`,
  );
}

function cellsSection({ cells, plan }: CostResult): StudySection {
  const text = (cost: MethodCost | undefined): Content => {
    if (!cost || cost.skipped !== null) return markup`<small>${cost?.skipped ?? ''}</small>`;
    if (cost.ratio === null) return `${formatNumber((cost.seconds?.[1] ?? NaN) * 1e3, 3)} ms`;
    return cost.method === 'gradient'
      ? `${formatNumber((cost.seconds?.[1] ?? NaN) * 1e3, 3)} ms`
      : `${formatNumber(cost.ratio[1], 3)} ×`;
  };
  const of = (cell: CostCell, method: string) => cell.methods.find((m) => m.method === method);
  return {
    id: 'cells',
    title: 'Every network and batch',
    lead: [
      markup`<p>The plain gradient’s time, and every method’s over it. A method is left out where an update is predicted to take more than ${plan.cost.updateSeconds} s of processor time, or would hold more than ${formatNumber(plan.cost.bytes / 2 ** 30, 2)} GiB.</p>`,
      htmlTable(
        [
          { title: 'P', numeric: true },
          { title: 'N', numeric: true },
          ...METHODS.map((m) => ({ title: METHOD_WORDS[m], numeric: true })),
        ],
        cells.map((cell) => [formatCount(cell.P), cell.N, ...METHODS.map((m) => text(of(cell, m)))]),
        'Medians over rounds of the update’s time, and of its ratio to the plain gradient of the same round',
      ),
    ],
    figures: [],
  };
}

function covarianceSection(result: CostResult): StudySection {
  const { plan, covariance } = result;
  const rows = covarianceRows(result);
  const words = { layers: 'Λ within layers', whole: 'Λ over all parameters' } as const;
  const figure = (coordinates: 'layers' | 'whole') => {
    const caption = `Median over ${plan.covariance.draws} Λs of the divergence between the policies after one step in θ and one in ζ, over that of a step. The exact inverse without damping is below the axis, at rounding; CG to convergence is the exact one.`;
    return xyStudyFigure(`covariance-${coordinates}`, caption, {
      ...HALF,
      title: words[coordinates],
      description: caption,
      x: { label: 'λ', kind: 'log' },
      y: { label: 'KL(π₁ ‖ π₂)/ε', kind: 'log' },
      series: COVARIANT_METHODS.filter((m) =>
        rows.some((r) => r.coordinates === coordinates && r.method === m),
      )
        .filter((m) => m !== 'gradient' && m !== 'cg')
        .map((method) => ({
          name: COVARIANT_WORDS[method],
          draw: 'both' as const,
          points: rows
            .filter((r) => r.coordinates === coordinates && r.method === method && r.damping > 0)
            .map((r) => ({ x: r.damping, y: r.median })),
        })),
    });
  };
  const [least, most] = covariance.eigenvalues;
  return {
    id: 'covariance',
    title: 'Covariance',
    lead: [
      markup`<p>The same policy is written in θ (P = ${covariance.parameters}, float64) and in ζ with θ = Λζ, and takes one step in each, of the same length in KL. 0 is a step that does not depend on the coordinates; two steps that have nothing in common are 2. Λ within layers is W = BVAᵀ, b = Bc with condition number ${plan.covariance.condition} each: a class in which KFAC’s factors only turn. Λ over all parameters is dense; there are then no layers, and no KFAC. Eigenvalues of the Fisher in θ run from ${formatNumber(least, 2)} to ${formatNumber(most, 2)}: a damping is small below the first.</p>`,
      covarianceTable(result),
    ],
    figures: present([figure('layers'), figure('whole')]),
  };
}

function covarianceTable(result: CostResult): Content {
  const rows = covarianceRows(result);
  const { dampings } = result.plan.covariance;
  const shown = [dampings[0], ...dampings.filter((d) => d >= 1e-2 && d !== dampings[0])];
  const cell = (coordinates: string, method: CovariantMethod, damping: number): string => {
    const row = rows.find(
      (r) => r.coordinates === coordinates && r.method === method && r.damping === damping,
    );
    return row ? formatNumber(row.median, 2) : '';
  };
  const own = (method: CovariantMethod) => (method === 'gradient' ? [0] : shown);
  return htmlTable(
    [
      { title: 'Method' },
      { title: 'λ', numeric: true },
      { title: 'Λ within layers', numeric: true },
      { title: 'Λ over all', numeric: true },
    ],
    COVARIANT_METHODS.flatMap((method) =>
      (method === 'exact' ? [0, ...shown] : own(method)).map((damping) => [
        COVARIANT_WORDS[method],
        method === 'gradient' ? '' : formatNumber(damping, 2),
        cell('layers', method, damping),
        cell('whole', method, damping),
      ]),
    ),
    'KL(π₁ ‖ π₂)/ε, medians',
  );
}

function klSection(result: CostResult): StudySection {
  const { plan } = result;
  const rows = klRows(result);
  const [low, high] = KL_BAND;
  const within = (v: number): boolean => v >= low && v <= high;
  const figures = plan.kl.environments.map((environment): StudyFigure => {
    const own = rows.filter((r) => r.environment === environment);
    const title = environment;
    const caption = `KL of a step over ε = ${plan.kl.epsilon}: medians over ${own[0]?.updates ?? 0} updates, whiskers the quartiles.`;
    return {
      file: `kl-${environment}`,
      title,
      caption,
      draw: (standalone) =>
        rowsFigure({
          title,
          description: caption,
          x: { label: 'KL got/KL asked', kind: 'linear' },
          width: HALF.width,
          standalone,
          rows: own.map((r) => ({
            name: r.name,
            value: r.median,
            low: r.lower,
            high: r.upper,
            note: formatNumber(r.median, 3),
          })),
        }),
    };
  });
  return {
    id: 'kl',
    title: 'Steps as long as asked',
    lead: [
      markup`<p>α = √(2ε/q), q the exact undamped Fisher’s form of the direction, so that KL ≈ ε whatever the inverse; no search. Real training: the presets’ networks and normalisation, ${plan.kl.copies} × ${plan.kl.horizon} steps an update, seed ${plan.kl.seed}; ACKTR’s KFAC without its cap on the step. What is left is the third order: a policy near certainty changes by more than its quadratic form says along directions that little damping lets through.</p>`,
      htmlTable(
        [
          { title: 'Environment' },
          { title: 'Inverse' },
          { title: 'Updates', numeric: true },
          { title: 'Lower quartile', numeric: true },
          { title: 'Median', numeric: true },
          { title: 'Upper quartile', numeric: true },
          { title: 'Largest', numeric: true },
          { title: 'Beyond 2', numeric: true },
          { title: `Median in [${low}, ${high}]` },
        ],
        rows.map((r) => [
          r.environment,
          r.name,
          r.updates,
          ...[r.lower, r.median, r.upper, r.largest].map((v) => formatNumber(v, 3)),
          `${formatNumber(100 * r.beyondTwice, 2)} %`,
          within(r.median) ? 'yes' : 'no',
        ]),
        'KL(π_old ‖ π) over the segment’s states, divided by what was asked',
      ),
    ],
    figures,
  };
}
