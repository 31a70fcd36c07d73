/**
 * @module fisher/forms/diagonal/assemble
 *
 * Turns sums into figures with their errors (stats/errors): label = √(Σ_x 𝒱(x)/K)/n, data = √(s²/n), for closed forms; from the
 * draws alone, total, within and between. With `population: data` the data part shrinks by 1 − n/N.
 */
import { sizeOf } from '../../../core/tensor.js';
import {
  closedFormErrors,
  type ErrorDesign,
  type ErrorVariances,
  sampledErrors,
} from '../../../stats/errors.js';
import type { PeakArrays } from '../../../stats/peaks.js';
import { WeightedMoments } from '../../../stats/weighted-moments.js';
import { figureOf, type FigureRules } from './figure.js';
import { requireExamples } from '../../checks.js';
import type { Counts } from '../../counts.js';
import type { Decided } from '../../decided.js';
import { doubtShares } from '../../doubts.js';
import { entriesOf } from '../../entry-coverage.js';
import { largestEntries } from '../../largest.js';
import type {
  DiagonalEstimate,
  EntriesEstimate,
  Figure,
  LayerEstimate,
  MarginFigures,
  TensorEstimate,
} from '../../estimate.js';
import type { Subject } from '../../subject.js';
import { warningsOf } from '../../warnings.js';
import { type Group, isMargin, isNonNegative, isStated, type SumGroup } from './groups.js';
import type { DiagonalSums } from './sums.js';
import { foretell } from './foretold.js';
import type { Role } from './plan.js';
import type { TensorSums } from './tensor-sums.js';
import type { Trail } from './trail.js';
import { visitEntries, visitFigure } from './visit-figure.js';
import type { VisitTotals } from './visit-totals.js';
import type { ProxyFacts } from '../../meter.js';
import { takenCount, type VisitDesign } from '../../visits.js';

/** Sums over all examples, and what they count. */
export interface Gathered extends DiagonalSums {
  readonly counts: Counts;
  /** The sets of parameters that totals were taken over. */
  readonly groups: readonly SumGroup[];
  /** Of weighted visits: the examples taken once, beside those drawn, and the design. */
  readonly taken?: DiagonalSums;
  readonly design?: VisitDesign;
  /** Different examples; absent where none comes twice. */
  readonly distinct?: number;
  /** What proxies say of the visits. */
  readonly proxy?: ProxyFacts | null;
}

/** How figures and entries follow from the sums. */
interface Rules {
  figureOf(group: number): Figure;
  /** Values of a tensor's entries, the variances of each, and what covers them beside. */
  entriesOf(name: string): {
    fisher: Float64Array;
    variances: (i: number) => ErrorVariances;
    cover: (i: number) => number;
  };
}

/** The trace alone, as far as the sums go: cheap enough to show while an estimate runs. */
export function traceSoFar(sums: Gathered, options: Decided): Figure {
  return rulesFor(sums, options).figureOf(sums.groups.findIndex((g) => g.kind === 'total'));
}

function rulesFor(sums: Gathered, options: Decided): Rules {
  return sums.taken ? visitRules(sums, sums.taken, options) : uniformRules(sums, options);
}

/** How variances follow from sums under the chosen error and population. */
function uniformRules(sums: Gathered, options: Decided): Rules {
  const { estimator, labels, error, population, populationSize, level } = options;
  const n = sums.counts.examples;
  const fraction = population === 'data' ? Math.min(1, n / populationSize) : 0;
  const design: ErrorDesign = { examples: n, draws: Math.max(1, labels), fraction };
  const variances = (label: number, spread: number): ErrorVariances =>
    error === 'sampled' ? sampledErrors(spread, label / n, design) : closedFormErrors(label, spread, design);
  const proxy = sums.proxy ?? null;
  const rules = { estimator, error, design, level, variances, proxy, populationSize };
  return {
    figureOf: (g) =>
      figureOf(sums.value.totals[g], sums.spread.totals[g], rules, isNonNegative(sums.groups[g])),
    entriesOf(name) {
      const spread = sums.spread.tensors.get(name) as TensorSums;
      const s2 = spread.f.sampleVariance();
      const label = spread.labelSums();
      const value = sums.value.tensors.get(name) as TensorSums;
      return {
        fisher: Float64Array.from(value.f.mean),
        variances: (i) => variances(label[i], s2[i]),
        cover: coverOf(value, spread, rules),
      };
    },
  };
}

/** The same for weighted visits. */
function visitRules(drawn: Gathered, taken: DiagonalSums, options: Decided): Rules {
  const { estimator, labels, error, population, level } = options;
  const design = drawn.design as VisitDesign;
  const { population: count } = design;
  const certain = takenCount(design);
  const draws = Math.max(1, labels);
  const proxy = drawn.proxy ?? null;
  const rules = { estimator, error, level, draws, count, certain, population, proxy };
  const totals = (role: Role, g: number) => ({
    taken: taken[role].totals[g] as VisitTotals,
    drawn: drawn[role].totals[g] as VisitTotals,
  });
  const tensors = (role: Role, name: string) => ({
    taken: taken[role].tensors.get(name) as TensorSums,
    drawn: drawn[role].tensors.get(name) as TensorSums,
  });
  return {
    figureOf: (g) =>
      visitFigure(totals('value', g), totals('spread', g), rules, isNonNegative(drawn.groups[g])),
    entriesOf(name) {
      const value = tensors('value', name);
      const { terms, f } = value.drawn;
      return {
        ...visitEntries(value, tensors('spread', name), rules),
        cover: f.count === 0 ? () => 0 : covered(terms.covering(f.count)),
      };
    },
  };
}

/** Expected coverage of each set of parameters; those with weights of their entries come last, and have none. */
function coverages(sums: Gathered, options: Decided): (number | null)[] {
  const trails = sums.groups.flatMap((g, i) => (isStated(g) ? [sums.value.totals[i].trail] : []));
  if (trails.length === 0 || trails.some((t) => t === null)) return sums.groups.map(() => null);
  return foretell({
    decided: options,
    examples: sums.counts.examples,
    drawn: sums.value.totals[0].f.count,
    trails: trails as readonly Trail[],
    proxy: sums.proxy ?? null,
    design: sums.design ?? null,
  });
}

export function assemble(
  sums: Gathered,
  options: Decided,
  subject: Subject,
  interrupted: boolean,
): DiagonalEstimate {
  const { estimator, labels, error, seed, population, populationSize, level } = options;
  const { counts } = sums;
  const n = counts.examples;
  requireExamples(n, interrupted, 'estimate of the diagonal');
  const rules = rulesFor(sums, options);
  const figures = new Map<string, Figure>();
  const covered = options.foretell ? coverages(sums, options) : [];
  sums.groups.forEach((group, g) =>
    figures.set(`${group.kind}/${group.name}`, {
      ...rules.figureOf(g),
      expectedCoverage: covered[g] ?? null,
    }),
  );
  const trace = figures.get('total/total') as Figure;
  const tensors = subject.tensors.map(({ name, shape }) =>
    tensorEstimate({ name, shape, trace: figures.get(`tensor/${name}`) as Figure }, rules.entriesOf(name)),
  );
  const layers = sums.groups
    .filter((g): g is Group => g.kind === 'layer')
    .map(({ name, parameters }): LayerEstimate => ({
      name,
      parameters,
      trace: figures.get(`layer/${name}`) as Figure,
    }));
  const named = (kind: SumGroup['kind']) =>
    sums.groups.flatMap(({ kind: own, name }) =>
      own === kind ? [{ name, ...(figures.get(`${kind}/${name}`) as Figure) }] : [],
    );
  const [functionals, quadratics] = [named('functional'), named('quadratic')];
  const effectiveExamples = counts.weightSquares === 0 ? 0 : counts.weight ** 2 / counts.weightSquares;
  const offModeLabels = estimator === 'type1' && counts.offMode !== null ? counts.offMode * labels : null;
  return {
    form: 'diagonal',
    scale: 'mean over examples, sum over outputs',
    estimator,
    likelihood: subject.likelihood,
    examples: n,
    visits: options.visits ?? 'uniform',
    distinctExamples: sums.distinct ?? n,
    effectiveExamples,
    populationSize,
    outputs: subject.outputs,
    parameters: subject.parameters,
    labels,
    root: estimator !== 'rademacher' ? null : options.root === 'eigen' ? subject.eigenRoot : options.root,
    exactPairs: options.exactPairs,
    lowerBound: lowerBoundOf(sums, options),
    seed,
    dtype: subject.dtype,
    error,
    population,
    level,
    trace,
    layers,
    ...(functionals.length > 0 ? { functionals } : {}),
    ...(quadratics.length > 0 ? { quadratics } : {}),
    ...(options.largest
      ? { largest: largestEntries(tensors, options.largest), sums: marginFigures(sums.groups, figures) }
      : {}),
    tensors,
    entries: entriesFrom(sums, options, trace.value, offModeLabels),
    parameterDoubts: doubtShares(subject.doubts, counts.doubts, counts.doubtWeight, tensors, trace.value),
    offModeLabels,
    warnings: warningsOf({
      estimator,
      labels,
      trace,
      offModeLabels,
      examples: n,
      ...(counts.weightSquares === 0 ? {} : { effectiveExamples }),
      interrupted,
      populationSize,
      level,
    }),
    notes: [],
    interrupted,
  };
}

/** Sums along rows and columns, by tensor. */
function marginFigures(
  groups: readonly SumGroup[],
  figures: ReadonlyMap<string, Figure>,
): Record<string, MarginFigures> {
  const sums = new Map<string, { outputs: Figure[]; inputs: Figure[] }>();
  for (const g of groups) {
    if (!isMargin(g)) continue;
    const of = sums.get(g.parameters[0]) ?? { outputs: [], inputs: [] };
    sums.set(g.parameters[0], of);
    of[g.kind === 'output' ? 'outputs' : 'inputs'].push(figures.get(`${g.kind}/${g.name}`) as Figure);
  }
  // Names come from files, `__proto__` may be one.
  return Object.fromEntries(sums);
}

/** What the sums of the total say of the errors of entries. */
function entriesFrom(
  { groups, spread, counts, taken }: Gathered,
  { estimator, error, population, populationSize }: Decided,
  mean: number,
  offModeLabels: number | null,
): EntriesEstimate {
  const total = groups.findIndex((g) => g.kind === 'total');
  return entriesOf({
    ...{ estimator, error, offModeLabels },
    mean,
    variance: spread.totals[total].f.sampleVariance,
    examples: taken ? spread.totals[total].f.count : counts.examples,
    all: !taken && population === 'data' && counts.examples >= populationSize,
  });
}

type EntryRules = Pick<FigureRules, 'estimator' | 'variances' | 'error' | 'design'>;

/** Entries with their errors. */
function tensorEstimate(
  of: Pick<TensorEstimate, 'name' | 'shape' | 'trace'>,
  { fisher, variances, cover }: ReturnType<Rules['entriesOf']>,
): TensorEstimate {
  const size = sizeOf(of.shape);
  const standardError = new Float64Array(size);
  const labelError = new Float64Array(size);
  const dataError = new Float64Array(size);
  let labels = true;
  let data = true;
  let known = true;
  for (let i = 0; i < size; i++) {
    const v = variances(i);
    if (v.label === null) labels = false;
    if (v.data === null) data = false;
    if (v.total === null) known = false;
    // Zeros are left as they are allotted, which takes no memory.
    if (v.label !== null && v.label !== 0) labelError[i] = Math.sqrt(v.label);
    dataError[i] = Math.sqrt(v.data ?? 0);
    standardError[i] = Math.sqrt((v.total ?? 0) + cover(i));
  }
  return {
    ...of,
    fisher,
    labelError: labels ? labelError : null,
    dataError: data ? dataError : null,
    standardError: known ? standardError : null,
  };
}

/** What covers the variance of entry i beside its estimate: r_o c_i (stats/peaks). */
function coverOf(
  value: TensorSums,
  spread: TensorSums,
  { estimator, error, design: { draws, fraction } }: EntryRules,
): (i: number) => number {
  if (fraction < 1) return covered(value.terms.covering(value.divisor));
  // Every input was visited: the draws alone are in the error, by their deviations √(𝒱(x)/K).
  if (error === 'none' || !value.drawn) return () => 0;
  // Labels that all were the likeliest agree by chance; signs that agree leave nothing to tell.
  if (estimator === 'type1' && error === 'sampled' && !spread.deviations.any)
    return covered(value.terms.covering(value.divisor));
  return covered(spread.deviations.covering(spread.divisor * Math.sqrt(draws)));
}

/** r_o c_i of entry i. */
function covered({ rows, columns }: PeakArrays): (i: number) => number {
  const width = columns.length;
  return (i) => rows[Math.floor(i / width)] * columns[i % width];
}

/** The trace's part from the exact columns of a root, of the examples that were visited; null where there are none. */
function lowerBoundOf(sums: Gathered, { exactPairs }: Decided): number | null {
  if (exactPairs === 0) return null;
  const g = sums.groups.findIndex(({ kind }) => kind === 'total');
  const { exact, f } = sums.value.totals[g];
  const weight = f instanceof WeightedMoments ? f.weight : f.count;
  const drawn = weight === 0 ? 0 : exact / weight;
  if (!sums.taken || !sums.design) return drawn;
  return drawn + sums.taken.value.totals[g].exact / sums.design.population;
}
