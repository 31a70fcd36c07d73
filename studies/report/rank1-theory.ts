/**
 * @module studies/report/rank1-theory
 *
 * The rank-1 inverse where everything is exact, as a page: claims, curves with fitted rates, speeds at equal and at tuned steps, identities.
 */
import {
  type Comparison,
  comparisons,
  gains,
  meanWithError,
  type RateRow,
  rateRows,
  runsOf,
} from '../rank1-theory/analysis.js';
import type { Arm, Method } from '../rank1-theory/descent.js';
import { curveOf, type Measured, type Quantity } from '../rank1-theory/fits.js';
import { FAMILIES, FAMILY_NAMES, RATED, rateArms } from '../rank1-theory/plan.js';
import type { ProblemResult, TheoryResult } from '../rank1-theory/study.js';
import {
  type Content,
  HALF,
  type StudyFigure,
  type StudyPage,
  type StudySection,
  type Tone,
  type XyPoint,
  type XySeries,
  crosses,
  formatEstimate,
  formatNumber,
  htmlChip,
  htmlFold,
  htmlTable,
  markup,
  xyStudyFigure,
} from 'fim/report';
import { claimsOf, type Verdict } from './rank1-theory-claims.js';

const WORDS: Record<Method, string> = {
  pg: 'gradient, η',
  control: 'gradient, η/λ',
  smac: 'rank-1',
  'smac-independent': 'rank-1, own q',
  natural: 'natural',
};

export function theoryPage(result: TheoryResult, footer: string): StudyPage {
  const { plan } = result;
  return {
    title: 'The rank-1 inverse of the Fisher where everything is exact',
    kicker: `Tables and regulators whose return, gradient and Fisher are in closed form, ${plan.seeds.length} seeds`,
    lead: [
      markup`<p>Rank-1 is d = (λI + qqᵀ)⁻¹ĝ with one sampled score q: of a pair of the batch, or of a pair of its own (own q, independent). Gradient is the policy gradient ĝ; natural is (F + λI)⁻¹ĝ with the exact F. ĝ is unbiased, its critic exact. Suboptimality and gradient are computed, not estimated, at every iterate. Steps, dampings, batches and problems are choices of this study; the paper’s are not known here.</p>`,
      claimTable(result),
    ],
    sections: [
      ...result.problems.map((p) => problemSection(result, p)),
      ratesSection(result),
      equalSection(result),
      alignedSection(result),
      identitySection(result),
    ],
    footer,
  };
}

const TONES: Record<Verdict, Tone> = {
  held: 'good',
  'held in part': 'partly',
  'did not hold': 'bad',
  'not testable': 'none',
};

/** Where a claim is shown, in a word. */
const PLACES = {
  equal: 'equal steps',
  rates: 'rates',
  aligned: 'alignment',
  identities: 'identities',
} as const;

/** Claim, verdict, one number and where it is shown; source and measurements are in the fold behind the claim. */
function claimTable(result: TheoryResult): Content {
  const rows = claimsOf(result).map(({ claim, source, measured, number, section, verdict }) => [
    htmlFold(claim, markup`<p><small>${source}</small><br>${measured}</p>`),
    htmlChip(verdict, TONES[verdict]),
    number,
    section === null ? '' : markup`<a href="#${section}">${PLACES[section]}</a>`,
  ]);
  return markup`<h2>Claim by claim</h2>
${htmlTable([{ title: 'Claim', wrap: true }, { title: 'Verdict' }, { title: 'Measured' }, { title: 'Shown' }], rows)}
<p class="muted">Lag is the mean suboptimality over a run, relative to the policy gradient’s: below 1 is faster. ± is the standard error over seeds (jackknife).</p>`;
}

const present = (figures: readonly (StudyFigure | null)[]): StudyFigure[] =>
  figures.filter((f): f is StudyFigure => f !== null);

function problemSection({ plan }: TheoryResult, problem: ProblemResult): StudySection {
  const { name, step, naturalStep } = problem.problem;
  const arms = rateArms(plan, problem.problem);
  const figure = (
    [file, title]: readonly [string, string],
    own: readonly Arm[],
    quantity: Quantity,
    x: string,
    says: string,
    named = (a: Arm) => WORDS[a.method],
  ) =>
    xyStudyFigure(`${file}-${name}`, says, {
      ...HALF,
      title,
      description: `${title}, ${problem.title}.`,
      x: { label: x, kind: 'log' },
      y: { label: quantity === 'gap' ? 'J* − J' : '‖∇J‖²', kind: 'log' },
      series: own.map((arm) => ({
        name: named(arm),
        draw: 'line',
        points: curvePoints(problem, arm, quantity),
      })),
    });
  const decreasing = arms.filter((a) => a.batch === plan.batch && a.halfLife !== null);
  const bands = 'Bands are two standard errors over seeds.';
  const ends = [Math.min(...plan.batches), Math.max(...plan.batches)];
  const batches = arms.filter(
    (a) =>
      a.halfLife !== null &&
      a.batch !== null &&
      ['control', 'smac'].includes(a.method) &&
      ends.includes(a.batch),
  );
  return {
    id: name,
    title: problem.title,
    lead: markup`<p>λ = ${plan.damping}, η/λ = ${step}${naturalStep === step ? '' : `; the natural gradient ${naturalStep}`}.</p>`,
    figures: present([
      figure(
        ['gap', 'Suboptimality'],
        decreasing,
        'gap',
        'pairs sampled',
        `Steps falling as 1/√(1 + k/${plan.halfLife}), N = ${plan.batch}. ${bands}`,
      ),
      figure(['gradient', 'Gradient'], decreasing, 'gradient2', 'pairs sampled', 'The same runs.'),
      figure(
        ['constant', 'Constant step'],
        arms.filter((a) => a.batch !== null && a.halfLife === null),
        'gap',
        'pairs sampled',
        `N = ${plan.batch}. ${bands}`,
      ),
      figure(
        ['exact', 'Exact gradients'],
        arms.filter((a) => a.batch === null),
        'gap',
        'updates',
        'As from infinitely many samples; q is still one sampled score. Constant step.',
      ),
      figure(
        ['batches', 'Batch sizes'],
        batches,
        'gap',
        'pairs sampled',
        'Decreasing steps.',
        (a) => `${a.method === 'smac' ? 'rank-1' : 'η/λ'}, N = ${a.batch ?? 'exact'}`,
      ),
    ]),
  };
}

function curvePoints(problem: ProblemResult, arm: Arm, quantity: Quantity): XyPoint[] {
  const runs = runsOf(problem, arm);
  const checks = runs.reduce((a, r) => (r.samples.length > a.length ? r.samples : a), runs[0].samples);
  const whole = runs.filter((r) => r.samples.length === checks.length);
  // A run that diverged takes the mean with it from there on.
  const curve = curveOf(runs.length === whole.length ? runs : [...whole, ...runs], quantity);
  return checks.flatMap((x, i) => {
    const y = curve[i];
    if (x === 0 || !Number.isFinite(y)) return [];
    if (quantity === 'minGradient2') return [{ x, y }];
    const { se } = meanWithError(runs.map((r) => r[quantity][i]));
    return [{ x, y, low: Math.max(y / 20, y - 2 * se), high: y + 2 * se }];
  });
}

const estimate = (m: Measured | null | undefined): string => (m ? formatEstimate(m.value, m.se) : '–');

const batchOf = ({ arm }: RateRow): string =>
  `${arm.batch === null ? 'exact' : arm.batch}, ${arm.halfLife === null ? 'constant' : 'decreasing'}`;

function ratesSection(result: TheoryResult): StudySection {
  const order = (m: Method) => RATED.indexOf(m);
  const rows = rateRows(result)
    .slice()
    .sort((a, b) => (a.problem === b.problem ? order(a.arm.method) - order(b.arm.method) : 0));
  return {
    id: 'rates',
    title: 'Fitted rates',
    lead: [
      markup`<p>Slopes of log mean against log samples (updates for exact gradients) over the last factor of 16, less the time before the mean suboptimality has halved, with jackknife errors over seeds. Derived worst cases: −½ for ‖∇J‖², −⅓ for J* − J. Beyond η/λ: slope of J* − J less that of the gradient at η/λ, seeds paired. At the end: J* − J. A dash: runs diverged, fewer than three checks remain, or the curve has reached rounding.</p>`,
      htmlTable(
        [
          { title: 'Problem' },
          { title: 'Method' },
          { title: 'N, step' },
          { title: 'J* − J', numeric: true },
          { title: '‖∇J‖²', numeric: true },
          { title: 'beyond η/λ', numeric: true },
          { title: 'at the end', numeric: true },
        ],
        rows.map((r) => [
          r.problem,
          WORDS[r.arm.method],
          batchOf(r),
          estimate(r.rates.gap),
          estimate(r.rates.gradient2),
          estimate(r.beyondControl?.gap),
          Number.isFinite(r.gap.value) ? estimate(r.gap) : `${r.diverged} diverged`,
        ]),
      ),
    ],
    figures: [],
  };
}

/** exp of a logarithm with two standard errors. */
function ratioPoint(x: number, m: Measured | null): XyPoint[] {
  if (m === null) return [];
  const at = (by: number) => Math.exp(m.value + by * m.se);
  return [{ x, y: at(0), low: at(-2), high: at(2) }];
}

const equal = (series: readonly XySeries[]) =>
  crosses(series, 1)
    ? { references: [{ name: 'equal', through: { x: series[0].points[0].x, y: 1 }, slope: 0 }] }
    : {};

function equalSection(result: TheoryResult): StudySection {
  const effective = comparisons(result, 'effective');
  const nominal = comparisons(result, 'nominal');
  const over = (file: string, title: string, says: string, rows: readonly Comparison[], method: Method) => {
    const series: XySeries[] = result.problems.map(({ problem: { name } }) => ({
      name,
      draw: 'both',
      points: rows
        .filter((c) => c.problem === name && c.arm.method === method)
        .flatMap((c) => ratioPoint(c.arm.damping, c.logRatio)),
    }));
    const shown = series.filter((s) => s.points.length > 0);
    if (shown.length === 0) return null;
    return xyStudyFigure(file, says, {
      ...HALF,
      title,
      description: says,
      x: { label: 'damping λ', kind: 'log' },
      y: { label: 'lag over the policy gradient’s', kind: 'log' },
      series: shown,
      ...equal(shown),
    });
  };
  const below =
    'Mean suboptimality over a run, below 1 faster; bars are two standard errors, seeds paired. Diverged arms are not drawn.';
  return {
    id: 'equal',
    title: 'Rank-1 against the policy gradient at equal steps',
    figures: present([
      over('equal-effective', 'Equal effective step η/λ, q from the batch', below, effective, 'smac'),
      over(
        'equal-effective-independent',
        'Equal effective step η/λ, q independent',
        below,
        effective,
        'smac-independent',
      ),
      over(
        'equal-effective-natural',
        'Equal effective step, exact natural gradient',
        below,
        effective,
        'natural',
      ),
      over('equal-nominal', 'Equal nominal step η', below, nominal, 'smac'),
    ]),
  };
}

function alignedSection(result: TheoryResult): StudySection {
  const all = gains(result);
  const figures = FAMILY_NAMES.flatMap((family) =>
    [true, false].map((sampled) => {
      const damping = result.plan.relativeDampings[0];
      const methods = (['smac', 'smac-independent', 'natural'] as const).filter(
        (m) => sampled || m !== 'smac',
      );
      const series = methods.map((method): XySeries => ({
        name: WORDS[method],
        draw: 'both',
        points: all
          .filter((g) => g.family === family && g.arm.method === method && g.arm.sampled === sampled)
          .filter((g) => g.arm.relativeDamping === damping)
          .flatMap((g) => ratioPoint(g.rank, g.logRatio)),
      }));
      const shown = series.filter((s) => s.points.length > 0);
      if (shown.length === 0) return null;
      const says = `Lag over the policy gradient’s, each at the step that was best on other seeds; λ = ${damping} trF. Bars are two standard errors.`;
      return xyStudyFigure(`aligned-${family}-${sampled ? 'sampled' : 'exact'}`, says, {
        ...HALF,
        title: `${FAMILIES[family].title}, ${sampled ? 'sampled gradients' : 'exact gradients'}`,
        description: says,
        x: { label: 'effective rank r = trF/f_max', kind: 'log' },
        y: { label: 'lag over the policy gradient’s', kind: 'log' },
        series: shown,
        ...equal(shown),
      });
    }),
  );
  return {
    id: 'aligned',
    title: 'From four directions to one',
    lead: [
      markup`<p>Four directions with weights 1, w, w, w. In the one-step regulator the curvature has the Fisher’s directions and sizes; bandits have no curvature that limits a step, noise does.</p>`,
      htmlTable(
        [
          { title: 'Problem' },
          { title: 'r', numeric: true },
          { title: 'Method' },
          { title: 'λ/trF', numeric: true },
          { title: 'Gradient' },
          { title: 'Best η/λ', numeric: true },
          { title: 'Lag over the policy gradient’s', numeric: true },
        ],
        all.map((g) => [
          FAMILIES[g.family].title,
          formatNumber(g.rank, 3),
          WORDS[g.arm.method],
          g.arm.relativeDamping,
          g.arm.sampled ? 'sampled' : 'exact',
          `${formatNumber(g.arm.step, 3)}${g.arm.atEdge ? ' (end of the grid)' : ''}`,
          g.logRatio === null
            ? '–'
            : formatEstimate(Math.exp(g.logRatio.value), Math.exp(g.logRatio.value) * g.logRatio.se),
        ]),
      ),
    ],
    figures: present(figures),
  };
}

function identitySection({ identities }: TheoryResult): StudySection {
  const points = (pick: (r: (typeof identities)[number]) => number): XyPoint[] =>
    identities.map((r) => ({ x: r.rank, y: pick(r) }));
  return {
    id: 'identities',
    title: 'What one random score removes',
    lead: htmlTable(
      [
        { title: 'Problem' },
        { title: 'Updates', numeric: true },
        { title: 'λ', numeric: true },
        { title: 'r', numeric: true },
        { title: 'Spread of |s|²', numeric: true },
        { title: 'P(λ + |s|² < 1)', numeric: true },
        { title: 'Removed', numeric: true },
        { title: 'By formula', numeric: true },
        { title: 'Exact inverse', numeric: true },
        { title: 'Matrix error', numeric: true },
        { title: 'Coupling bias', numeric: true },
        { title: 'its z', numeric: true },
      ],
      identities.map((r) => [
        r.problem,
        r.updates,
        formatNumber(r.damping, 3),
        formatNumber(r.rank, 3),
        formatNumber(r.spread, 2),
        formatNumber(r.below, 2),
        r.removedError > 0 ? formatEstimate(r.removed, r.removedError) : formatNumber(r.removed, 3),
        formatNumber(r.removedFormula, 3),
        formatNumber(r.removedExact, 3),
        formatNumber(r.matrixError, 2),
        r.coupled ? formatNumber(r.coupled.bias, 2) : '–',
        r.coupled ? formatNumber(r.coupled.worstZ, 2) : '–',
      ]),
      'Along the top direction of the Fisher; tables listed exactly, regulators from draws. Spread: coefficient of variation. z: the largest over coordinates.',
    ),
    figures: present([
      xyStudyFigure('removed', 'Share of the step along the top direction that the inverse takes away.', {
        ...HALF,
        title: 'Removed along the top direction',
        description: 'Removed share against effective rank.',
        x: { label: 'effective rank r', kind: 'log' },
        y: { label: 'share removed', kind: 'linear', fromZero: true },
        series: [
          { name: 'one random score', draw: 'points', points: points((r) => r.removed) },
          { name: '1/r', draw: 'points', points: points((r) => 1 / r.rank) },
          { name: 'exact inverse', draw: 'points', points: points((r) => r.removedExact) },
        ],
      }),
    ]),
  };
}
