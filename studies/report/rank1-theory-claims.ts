/**
 * @module studies/report/rank1-theory-claims
 *
 * Claims of the sources about the rank-1 inverse, each beside what was measured. "Paper" is the abstract of Huo et al., arXiv 2601.18626;
 * its theorems' conditions are not known here, so a statement of the paper is tested under conditions of this study. "Derived" is what
 * follows from smoothness, bounded scores and an independent score:
 *
 *   I/(λ + G²) ⪯ H ⪯ I/λ   ⇒   min E‖∇J‖² = O(T⁻½),   J* − J = O(T⁻⅓) where F ≻ 0, with constants (1 + G²/λ)² worse than at step η/λ
 */
import {
  comparisons,
  type Comparison,
  gains,
  type Gain,
  type RateRow,
  rateRows,
} from '../rank1-theory/analysis.js';
import type { Measured, Quantity } from '../rank1-theory/fits.js';
import type { TheoryResult } from '../rank1-theory/study.js';
import { formatEstimate, formatNumber } from 'fim/report';

export const VERDICTS = ['held', 'held in part', 'did not hold', 'not testable'] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface Claim {
  readonly claim: string;
  readonly source: string;
  readonly measured: string;
  /** What decides, in a few words with one number. */
  readonly number: string;
  /** Section of the page whose figures and tables show it; null where none does. */
  readonly section: 'equal' | 'rates' | 'aligned' | 'identities' | null;
  readonly verdict: Verdict;
}

const countOf = (some: readonly unknown[], all: readonly unknown[], what: string): string =>
  `${some.length} of ${all.length} ${what}`;

/** Standard errors that a measured rate may fall short of a bound by. */
const SLACK = 2;
const ALPHA = 0.05;

/** Every claim, in the order of the page. */
export function claimsOf(result: TheoryResult): Claim[] {
  const rates = rateRows(result);
  const effective = comparisons(result, 'effective');
  const tuned = gains(result);
  return [
    fasterNominal(comparisons(result, 'nominal'), (λ) => λ < 1),
    slowerNominal(comparisons(result, 'nominal')),
    effectiveNeverFaster(effective),
    coincide(effective),
    sameExponent(rates),
    bounded(rates, 'gradient2', -1 / 2, 'E‖∇J‖² falls at least as 1/√T (ε⁻⁴ samples for ‖∇J‖ ≤ ε)'),
    bounded(
      rates,
      'gap',
      -1 / 3,
      'Suboptimality falls at least as 1/∛T (ε⁻³ samples), derived where F ≻ 0 and scores are bounded',
    ),
    constants(rates),
    naturalFaster(tuned),
    ...ALIGNED.map((question) => aligned(tuned, question)),
    identity3(result),
    removedShare(result),
    identity4(result),
    {
      claim: 'The conditions of the paper’s theorems are those under which the above held',
      source: 'paper, abstract: “under certain conditions”',
      measured: 'The conditions are not known here.',
      number: '–',
      section: null,
      verdict: 'not testable',
    },
  ];
}

const ratio = ({ value, se }: Measured): string => formatEstimate(Math.exp(value), Math.exp(value) * se);

const describe = (c: Comparison): string =>
  c.logRatio === null
    ? `${c.problem} diverged (${c.diverged} of the runs, baseline ${c.baselineDiverged})`
    : `${c.problem} ${ratio(c.logRatio)}`;

const sure = (p: number | null): boolean => p !== null && p < ALPHA;
const faster = (c: { logRatio: Measured | null; p: number | null }): boolean =>
  sure(c.p) && (c.logRatio?.value ?? 0) < 0;
const slower = (c: { logRatio: Measured | null; p: number | null }): boolean =>
  sure(c.p) && (c.logRatio?.value ?? 0) > 0;

const graded = (good: number, of: number): Verdict =>
  of === 0 ? 'not testable' : good === of ? 'held' : good > 0 ? 'held in part' : 'did not hold';

const byDamping = (rows: readonly Comparison[]): string =>
  [...new Set(rows.map((r) => r.arm.damping))]
    .map(
      (d) =>
        `λ = ${d}: ${rows
          .filter((r) => r.arm.damping === d)
          .map(describe)
          .join(', ')}`,
    )
    .join('; ');

function fasterNominal(rows: readonly Comparison[], small: (damping: number) => boolean): Claim {
  const own = rows.filter((r) => small(r.arm.damping));
  return {
    claim: 'Rank-1 converges faster than the policy gradient at equal nominal step η where λ < 1',
    source: 'paper, abstract (“faster under certain conditions”); derived for λ + |s|² < 1',
    measured: `Lag relative to the policy gradient at η (below 1 is faster). ${byDamping(own)}.`,
    number: countOf(own.filter(faster), own, 'faster'),
    section: 'equal',
    verdict: graded(own.filter(faster).length, own.length),
  };
}

function slowerNominal(rows: readonly Comparison[]): Claim {
  const own = rows.filter((r) => r.arm.damping > 1);
  const equal = rows.filter((r) => r.arm.damping === 1);
  const middle = equal.length > 0 ? ` At ${byDamping(equal)}.` : '';
  return {
    claim: 'It is slower than the policy gradient at equal nominal step where λ > 1',
    source: 'derived: every eigenvalue of H is at most 1/λ',
    measured: `${byDamping(own)}.${middle}`,
    number: countOf(own.filter(slower), own, 'slower'),
    section: 'equal',
    verdict: graded(own.filter(slower).length, own.length),
  };
}

const isRank1 = (c: Comparison): boolean => c.arm.method !== 'natural';

function effectiveNeverFaster(rows: readonly Comparison[]): Claim {
  const own = rows.filter(isRank1);
  const [wins, losses] = [own.filter(faster), own.filter(slower)];
  const broken = own.filter((c) => c.logRatio === null).length;
  const problems = [...new Set(own.map((c) => c.problem))];
  const span = (method: string) =>
    problems
      .map((problem) => {
        const values = own
          .filter((c) => c.problem === problem && c.arm.method === method)
          .flatMap((c) => (c.logRatio ? [Math.exp(c.logRatio.value)] : []));
        return `${problem} ${formatNumber(Math.min(...values), 3)} to ${formatNumber(Math.max(...values), 3)}`;
      })
      .join(', ');
  return {
    claim: 'At equal effective step η/λ rank-1 is not faster than the policy gradient',
    source: 'derived, worst case; a single problem may differ',
    measured: `Of ${own.length} comparisons ${wins.length} faster, ${losses.length} slower, ${own.length - wins.length - losses.length - broken} not told apart, ${broken} diverged (Holm, 5 %). Lag over the policy gradient’s over all λ: ${span('smac')}; with a q of its own, which costs a sample more an update: ${span('smac-independent')}.`,
    number: countOf(wins, own, 'faster'),
    section: 'equal',
    verdict: wins.length === 0 ? 'held' : wins.length < own.length / 2 ? 'held in part' : 'did not hold',
  };
}

function coincide(rows: readonly Comparison[]): Claim {
  const own = rows.filter((c) => c.arm.method === 'smac');
  const dampings = [...new Set(own.map((c) => c.arm.damping))].sort((a, b) => a - b);
  const worst = (d: number) =>
    Math.max(...own.filter((c) => c.arm.damping === d).map((c) => Math.abs(c.logRatio?.value ?? NaN)));
  const [first, last] = [worst(dampings[0]), worst(dampings[dampings.length - 1])];
  return {
    claim: 'Where |s|² ≪ λ rank-1 and the policy gradient at η/λ coincide',
    source: 'derived, algebra: H = I/λ − qqᵀ/(λ² + λ|q|²)',
    measured: `Largest |log ratio| of lags over the problems: ${dampings.map((d) => `λ = ${d}: ${formatNumber(worst(d), 2)}`).join(', ')}.`,
    number: `|log ratio| ≤ ${formatNumber(last, 2)} at λ = ${dampings[dampings.length - 1]}`,
    section: 'equal',
    verdict: last < 0.02 || last < first / 20 ? 'held' : 'did not hold',
  };
}

const stochastic = (r: RateRow): boolean => r.arm.batch !== null && r.arm.halfLife !== null;
const isSmac = (r: RateRow): boolean => r.arm.method.startsWith('smac');

function sameExponent(rows: readonly RateRow[]): Claim {
  const own = rows.filter((r) => stochastic(r) && isSmac(r));
  const known = own.flatMap((r) => {
    const d = r.beyondControl?.gap;
    return d ? [{ r, d }] : [];
  });
  // Bonferroni at about 5 % over all of them.
  const agree = known.filter(({ d }) => Math.abs(d.value) <= 3 * d.se);
  const worse = known.filter(({ d }) => d.value > 3 * d.se);
  return {
    claim: 'Rank-1 has the sample complexity of the stochastic policy gradient',
    source: 'paper, abstract (“under some conditions”)',
    measured: `Fitted slope of the suboptimality minus that of the policy gradient at η/λ, decreasing steps: ${spans(known.map(({ r, d }) => ({ problem: r.problem, m: d })))}. ${agree.length} of ${known.length} within three standard errors of 0, ${worse.length} flatter, ${known.length - agree.length - worse.length} steeper.${unfinished(own.length - known.length)}`,
    number: countOf(worse, known, 'flatter'),
    section: 'rates',
    verdict: graded(known.length - worse.length, known.length),
  };
}

function bounded(rows: readonly RateRow[], quantity: Quantity, bound: number, claim: string): Claim {
  const own = rows.filter((r) => stochastic(r) && isSmac(r));
  const known = own.flatMap((r) => {
    const m = r.rates[quantity];
    return m ? [{ r, m }] : [];
  });
  const fast = known.filter(({ m }) => m.value - SLACK * m.se <= bound);
  return {
    claim,
    source: 'derived, worst case',
    measured: `Slopes of rank-1, decreasing steps: ${spans(known.map(({ r, m }) => ({ problem: r.problem, m })))}.${unfinished(own.length - known.length)} Steeper is faster: near an optimum convergence may be better than any worst case. No problem here meets all that is assumed: tables have a Fisher that is singular, the regulator’s scores are unbounded.`,
    number: countOf(fast, known, 'steep enough'),
    section: 'rates',
    verdict: graded(fast.length, known.length),
  };
}

/** From the least to the largest of a problem, over batches and both ways to draw q, with the largest error. */
function spans(rows: readonly { problem: string; m: Measured }[]): string {
  return [...new Set(rows.map((r) => r.problem))]
    .map((problem) => {
      const own = rows.filter((r) => r.problem === problem).map((r) => r.m);
      const [low, high] = [Math.min, Math.max].map((f) => f(...own.map((m) => m.value)));
      return `${problem} ${formatNumber(low, 2)} to ${formatNumber(high, 2)} (± at most ${formatNumber(Math.max(...own.map((m) => m.se)), 2)})`;
    })
    .join(', ');
}

const unfinished = (n: number): string =>
  n > 0 ? ` ${n} more runs are too early for a rate: they have hardly halved their start.` : '';

/** |s|² of a softmax is below 2. */
const SOFTMAX_G2 = 2;

function constants(rows: readonly RateRow[]): Claim {
  const own = rows.filter((r) => stochastic(r) && isSmac(r) && r.problem !== 'regulator');
  const pairs = own.flatMap((r) => {
    const control = rows.find(
      (c) =>
        c.problem === r.problem &&
        c.arm.method === 'control' &&
        c.arm.batch === r.arm.batch &&
        c.arm.halfLife === r.arm.halfLife,
    );
    return control ? [{ r, ratio: r.gap.value / control.gap.value }] : [];
  });
  const bound = own.length > 0 ? (1 + SOFTMAX_G2 / own[0].arm.damping) ** 2 : NaN;
  return {
    claim: 'Its constant is at most (1 + G²/λ)² times that of the policy gradient at η/λ',
    source: 'derived',
    measured: `G² < 2 for a softmax, so the factor is ${formatNumber(bound, 3)}. Final suboptimality over the control’s on the tables: ${formatNumber(Math.min(...pairs.map((p) => p.ratio)), 2)} to ${formatNumber(Math.max(...pairs.map((p) => p.ratio)), 2)} over ${pairs.length} pairs. The bound is far from reached. The regulator’s scores are unbounded: no G.`,
    number: `at most ${formatNumber(Math.max(...pairs.map((p) => p.ratio)), 2)}, bound ${formatNumber(bound, 3)}`,
    section: 'rates',
    verdict: graded(pairs.filter((p) => p.ratio <= bound).length, pairs.length),
  };
}

type Tested = Gain & { readonly p: number | null };

function naturalFaster(rows: readonly Tested[]): Claim {
  const own = rows.filter((g) => g.arm.method === 'natural' && g.arm.sampled && g.family === 'one-step');
  return {
    claim: 'The exact natural gradient needs fewer samples than the policy gradient where F ≻ 0',
    source: 'Liu et al., NeurIPS 2020, abstract',
    measured: `One-step regulator, each at its own best step, lag over the policy gradient’s: ${own.map(gainText).join(', ')}. The Fisher is given, not sampled. At r = 4 it is a multiple of the identity: the natural gradient is the policy gradient, and steps lie on a grid of twos.`,
    number: countOf(own.filter(faster), own, 'faster'),
    section: 'aligned',
    verdict: graded(own.filter(faster).length, own.length),
  };
}

function unmeasured({ arm }: Gain): string {
  const lost = arm.lags.filter((l) => l === null).length;
  return lost > 0 ? `${lost} of ${arm.lags.length} runs diverged` : 'done within rounding';
}

const gainText = (g: Gain): string =>
  `r = ${formatNumber(g.rank, 3)}, λ = ${g.arm.relativeDamping ?? 0} trF${g.arm.method === 'smac-independent' ? ', independent' : ''}: ${g.logRatio ? ratio(g.logRatio) : unmeasured(g)}`;

interface AlignedQuestion {
  readonly family: Gain['family'];
  readonly near: boolean;
  readonly sampled: boolean;
  readonly claim: string;
  readonly source: string;
}

const ALIGNED: readonly AlignedQuestion[] = [
  {
    family: 'one-step',
    near: true,
    sampled: false,
    claim:
      'Where the Fisher is nearly rank 1 (r < 1.2) along the curvature, rank-1 at its best step beats the policy gradient at its best step: exact gradients',
    source: 'derived: the one way to be faster than any policy gradient',
  },
  {
    family: 'one-step',
    near: true,
    sampled: true,
    claim: 'The same from samples',
    source: 'derived',
  },
  {
    family: 'bandit',
    near: true,
    sampled: true,
    claim: 'The same for softmax policies (bandits), whose steps no curvature limits',
    source: 'asked here',
  },
  {
    family: 'one-step',
    near: false,
    sampled: true,
    claim: 'Where directions count alike (r ≥ 1.9) no gain shows from samples, even along the curvature',
    source: 'derived: one score removes about 1/r of the top direction',
  },
  {
    family: 'one-step',
    near: false,
    sampled: false,
    claim: 'Nor with exact gradients',
    source: 'derived',
  },
];

function aligned(rows: readonly Tested[], { family, near, sampled, claim, source }: AlignedQuestion): Claim {
  const own = rows.filter(
    (g) =>
      g.family === family &&
      g.arm.method.startsWith('smac') &&
      g.arm.sampled === sampled &&
      (near ? g.rank < 1.2 : g.rank > 1.8),
  );
  // What no run could tell apart is neither for nor against.
  const known = own.filter((g) => g.p !== null);
  const good = known.filter((g) => (near ? faster(g) : !faster(g)));
  return {
    claim,
    source,
    measured: `Lag over the policy gradient’s, each at its own best step: ${own.map(gainText).join(', ')}. ${own.filter(faster).length} of ${own.length} faster, ${own.filter(slower).length} slower (Holm, 5 %).`,
    number: countOf(own.filter(faster), own, 'faster'),
    section: 'aligned',
    verdict: graded(good.length, known.length),
  };
}

/** |s|² concentrates where its coefficient of variation is below this. */
const CONCENTRATED = 0.3;
const CLOSE = 0.1;

function identity3({ identities }: TheoryResult): Claim {
  const [tight, wide] = [true, false].map((t) => identities.filter((r) => r.spread < CONCENTRATED === t));
  const span = (rows: typeof identities) =>
    rows.length === 0
      ? 'none'
      : `${formatNumber(Math.min(...rows.map((r) => r.matrixError)), 2)} to ${formatNumber(Math.max(...rows.map((r) => r.matrixError)), 2)} (${rows.length})`;
  return {
    claim: 'E[H] ≈ (1/λ)(I − F/(λ + trF)) where |s|² concentrates',
    source: 'derived (identity 3)',
    measured: `Relative error of what H removes (Frobenius), where the coefficient of variation of |s|² is below ${CONCENTRATED}: ${span(tight)}; elsewhere: ${span(wide)}.`,
    number: `${tight.filter((r) => r.matrixError < CLOSE).length} of ${tight.length} within ${100 * CLOSE} %`,
    section: 'identities',
    verdict: graded(tight.filter((r) => r.matrixError < CLOSE).length, tight.length),
  };
}

function removedShare({ identities }: TheoryResult): Claim {
  const times = identities.map((r) => (r.removed - SLACK * r.removedError) * r.rank);
  const worst = Math.max(...times);
  const general = identities.filter((r) => ['random-mdp', 'frozen-lake', 'regulator'].includes(r.problem));
  const list = general
    .map(
      (r) =>
        `${r.problem} after ${r.updates}: r = ${formatNumber(r.rank, 3)}, removes ${formatNumber(r.removed, 2)}, exact inverse ${formatNumber(r.removedExact, 2)}`,
    )
    .join('; ');
  return {
    claim: 'One random score removes at most about 1/r of the top direction, r = trF/f_max',
    source: 'derived (identity 3)',
    measured: `${list}. Largest removed · r over all ${identities.length} points: ${formatNumber(worst, 3)}.`,
    number: `removed · r ≤ ${formatNumber(worst, 3)}`,
    section: 'identities',
    verdict: graded(times.filter((t) => t <= 1.1).length, times.length),
  };
}

/** |z| of several hundred coordinates. */
const Z_LIMIT = 4.5;

function identity4({ identities }: TheoryResult): Claim {
  const own = identities.flatMap((r) => (r.coupled ? [{ r, c: r.coupled }] : []));
  const coordinates = own.reduce((a, { c }) => a + c.coordinates, 0);
  const biases = own.map(({ c }) => c.bias);
  return {
    claim: 'A q from the batch of ĝ biases the step by exactly (1/N)(E[A s/(λ + |s|²)] − E[H]∇J)',
    source: 'derived (identity 4)',
    measured: `N = 4, ${own.length} points, ${coordinates} coordinates: largest |z| ${formatNumber(Math.max(...own.map(({ c }) => c.worstZ)), 3)} against the identity, ${formatNumber(Math.max(...own.map(({ c }) => c.uncoupledZ)), 3)} against no bias. Bias over ‖E[H]∇J‖: ${formatNumber(Math.min(...biases), 2)} to ${formatNumber(Math.max(...biases), 2)}.`,
    number: `|z| ≤ ${formatNumber(Math.max(...own.map(({ c }) => c.worstZ)), 3)}`,
    section: 'identities',
    verdict: graded(own.filter(({ c }) => c.worstZ <= Z_LIMIT).length, own.length),
  };
}
