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
import { figureOf, type FigureRules } from './figure.js';
import { requireExamples } from '../../checks.js';
import type { Counts } from '../../counts.js';
import type { Decided } from '../../decided.js';
import { doubtShares } from '../../doubts.js';
import { entriesOf } from '../../entry-coverage.js';
import type {
  DiagonalEstimate,
  EntriesEstimate,
  Figure,
  LayerEstimate,
  TensorEstimate,
} from '../../estimate.js';
import type { Subject } from '../../subject.js';
import { warningsOf } from '../../warnings.js';
import type { Group } from './groups.js';
import type { DiagonalSums } from './sums.js';
import type { TensorSums } from './tensor-sums.js';

/** Sums over all examples, and what they count. */
export interface Gathered extends DiagonalSums {
  readonly counts: Counts;
  /** The sets of parameters that totals were taken over. */
  readonly groups: readonly Group[];
}

/** The trace alone, as far as the sums go: cheap enough to show while an estimate runs. */
export function traceSoFar(sums: Gathered, options: Decided): Figure {
  return rulesFor(sums, options).figureOf(sums.groups.findIndex((g) => g.kind === 'total'));
}

/** How variances follow from sums under the chosen error and population. */
function rulesFor(sums: Gathered, options: Decided) {
  const { estimator, labels, error, population, populationSize, level } = options;
  const n = sums.counts.examples;
  const fraction = population === 'data' ? Math.min(1, n / populationSize) : 0;
  const design: ErrorDesign = { examples: n, draws: Math.max(1, labels), fraction };
  const variances = (label: number, spread: number): ErrorVariances =>
    error === 'sampled' ? sampledErrors(spread, label / n, design) : closedFormErrors(label, spread, design);
  const rules = { estimator, error, design, level, variances };
  const at = (g: number): Figure => figureOf(sums.value.totals[g], sums.spread.totals[g], rules);
  return { rules, figureOf: at };
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
  const { rules, figureOf: at } = rulesFor(sums, options);
  const source = sums.spread;
  const figures = new Map<string, Figure>();
  sums.groups.forEach((group, g) => figures.set(`${group.kind}/${group.name}`, at(g)));
  const trace = figures.get('total/total') as Figure;
  const tensors = subject.tensors.map(({ name, shape }) =>
    tensorEstimate(
      { name, shape, trace: figures.get(`tensor/${name}`) as Figure },
      sums.value.tensors.get(name) as TensorSums,
      source.tensors.get(name) as TensorSums,
      rules,
    ),
  );
  const layers = sums.groups
    .filter((g) => g.kind === 'layer')
    .map(({ name, parameters }): LayerEstimate => ({
      name,
      parameters,
      trace: figures.get(`layer/${name}`) as Figure,
    }));
  const offModeLabels = estimator === 'type1' && counts.offMode !== null ? counts.offMode * labels : null;
  return {
    form: 'diagonal',
    scale: 'mean over examples, sum over outputs',
    estimator,
    likelihood: subject.likelihood,
    examples: n,
    effectiveExamples: counts.weightSquares === 0 ? 0 : counts.weight ** 2 / counts.weightSquares,
    populationSize,
    outputs: subject.outputs,
    parameters: subject.parameters,
    labels,
    root: estimator !== 'rademacher' ? null : options.root === 'class' ? 'class' : subject.eigenRoot,
    exactPairs: options.exactPairs,
    seed,
    dtype: subject.dtype,
    error,
    population,
    level,
    trace,
    layers,
    tensors,
    entries: entriesFrom(sums, rules, offModeLabels),
    parameterDoubts: doubtShares(subject.doubts, counts.doubts, counts.doubtWeight, tensors, trace.value),
    offModeLabels,
    warnings: warningsOf({
      estimator,
      labels,
      trace,
      offModeLabels,
      examples: n,
      interrupted,
      populationSize,
    }),
    notes: [],
    interrupted,
  };
}

/** What the sums of the total say of the errors of entries. */
function entriesFrom(
  { groups, value, spread, counts }: Gathered,
  { estimator, error, design }: EntryRules,
  offModeLabels: number | null,
): EntriesEstimate {
  const total = groups.findIndex((g) => g.kind === 'total');
  return entriesOf({
    ...{ estimator, error, offModeLabels },
    mean: value.totals[total].f.mean,
    variance: spread.totals[total].f.sampleVariance,
    examples: counts.examples,
    all: design.fraction === 1,
  });
}

type EntryRules = Pick<FigureRules, 'estimator' | 'variances' | 'error' | 'design'>;

/** Entries with their errors: `value` has the values and terms, `spread` what variances come from. */
function tensorEstimate(
  of: Pick<TensorEstimate, 'name' | 'shape' | 'trace'>,
  value: TensorSums,
  spread: TensorSums,
  rules: EntryRules,
): TensorEstimate {
  const size = sizeOf(of.shape);
  const s2 = spread.f.sampleVariance();
  const sums = spread.labelSums();
  const cover = coverOf(value, spread, rules);
  const standardError = new Float64Array(size);
  const labelError = new Float64Array(size);
  const dataError = new Float64Array(size);
  let labels = true;
  let data = true;
  let known = true;
  for (let i = 0; i < size; i++) {
    const v = rules.variances(sums[i], s2[i]);
    if (v.label === null) labels = false;
    if (v.data === null) data = false;
    if (v.total === null) known = false;
    labelError[i] = Math.sqrt(v.label ?? 0);
    dataError[i] = Math.sqrt(v.data ?? 0);
    standardError[i] = Math.sqrt((v.total ?? 0) + cover(i));
  }
  return {
    ...of,
    fisher: Float64Array.from(value.f.mean),
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
  const covered = ({ rows, columns }: PeakArrays) => {
    const width = columns.length;
    return (i: number) => rows[Math.floor(i / width)] * columns[i % width];
  };
  if (fraction < 1) return covered(value.terms.covering(value.divisor));
  // Every input was visited: the draws alone are in the error, by their deviations √(𝒱(x)/K).
  if (error === 'none' || !value.drawn) return () => 0;
  // Labels that all were the likeliest agree by chance; signs that agree leave nothing to tell.
  if (estimator === 'type1' && error === 'sampled' && !spread.deviations.any)
    return covered(value.terms.covering(value.divisor));
  return covered(spread.deviations.covering(spread.divisor * Math.sqrt(draws)));
}
