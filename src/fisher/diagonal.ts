/**
 * @module fisher/diagonal
 *
 * The diagonal of the Fisher information, mean over examples, sum over outputs, by every estimator of fisher/estimators/table. Two
 * passes may run over the same forward half: one gives the value, one the closed-form variance of one draw (and the exact per-example
 * values that the data error is the spread of).
 */
import type { Engine } from '../engine/types.js';
import type { Likelihood } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import type { Counts } from './counts.js';
import { decide } from './decided.js';
import type { DiagonalEstimate } from './estimate.js';
import { weighedGroups } from './entry-weights.js';
import type { ExampleGroups } from './example-groups.js';
import { diagonalChecks, finite } from './finite.js';
import { accumulateDiagonal, type DiagonalAccumulation } from './forms/diagonal/accumulation.js';
import { assemble, type Gathered, traceSoFar } from './forms/diagonal/assemble.js';
import { type AnyGroup, groupsOf, isStated } from './forms/diagonal/groups.js';
import { GroupKeeper } from './forms/diagonal/group-sums.js';
import { statedGroups, VisitKeeper } from './forms/diagonal/visit-group-sums.js';
import { marginGroups } from './forms/diagonal/margins.js';
import { fromPart, toPart } from './forms/diagonal/plain.js';
import { type DiagonalSums, mergeSums } from './forms/diagonal/sums.js';
import { WeightedTotals } from './forms/diagonal/totals.js';
import { blockSize, Trail } from './forms/diagonal/trail.js';
import { checkSettings, jobOf } from './job.js';
import { withNotes } from './lanes.js';
import { type BatchWatch, type Job, loop } from './loop.js';
import type { DiagonalOptions } from './options.js';
import { ProxyMeter } from './proxy/meter.js';
import type { ExampleSource } from './source.js';
import { STRATA, stratumOf, takenCount, type VisitDesign } from './visits.js';
import { describe, type Subject, withoutEntries } from './subject.js';
import { copyPart } from './forms/sums.js';

/**
 * Estimates the diagonal over all examples of `source`. Throws `fisher/entry-weights` and `fisher/quadratic` for weights of entries
 * that do not fit, `fisher/targets` where `empirical` has no labels, `fisher/draws` for a
 * number of draws that is none, `fisher/no-examples` where the source is empty, `fisher/not-finite` where a number is NaN or ∞ in float64.
 * @throws FimError with `engine/memory`, `fisher/exact-pairs`, `fisher/output-not-finite`, `fisher/positions`, `graph/examples-coupled`,
 * `graph/shape`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/kernel`, `likelihood/not-finite`,
 * `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `memory/too-small`, `random/index`, `random/seed`, `random/sequence`,
 * `stats/level`, `tensor/size`
 *
 * @example
 * ```ts
 * import { denseNetwork, estimateDiagonal, getLikelihood, makeDataset, tensor } from 'fim';
 * import { batches } from 'fim/data';
 * import { createEngine } from 'fim/engine';
 *
 * const network = denseNetwork({ widths: [1, 1], dtype: 'float64', bias: false });
 * const x = tensor('float64', [2, 1], [1, 3]);
 * const dataset = makeDataset({ source: 'two points', inputs: new Map([['x', x]]) });
 * const { engine } = await createEngine({ engine: 'small' });
 * const estimate = await estimateDiagonal(
 *   engine,
 *   network,
 *   getLikelihood('gaussian', { variance: 1 }),
 *   (batch, dtype) => batches(dataset, { batch, dtype }),
 *   { estimator: 'exact', populationSize: dataset.n },
 * );
 * console.log(estimate.tensors[0].fisher[0]); // 5
 * engine.dispose();
 * ```
 */
export async function estimateDiagonal(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: DiagonalOptions,
): Promise<DiagonalEstimate> {
  const { result, first, note } = await finiteRun(engine, network, likelihood, source, options);
  const estimate = result.estimate();
  if (note === null) return estimate;
  // Shares of doubts are ratios, and were told by the first pass.
  const { parameterDoubts } = first.estimate();
  return { ...estimate, parameterDoubts, notes: [...estimate.notes, note] };
}

/**
 * Estimates the diagonal by type 2 or a mix: `estimateDiagonal`, whose options say which. Throws what it throws.
 * @throws FimError with `engine/memory`, `fisher/draws`, `fisher/entry-weights`, `fisher/exact-pairs`, `fisher/no-examples`,
 * `fisher/not-finite`, `fisher/output-not-finite`, `fisher/positions`, `fisher/quadratic`, `fisher/targets`, `graph/examples-coupled`,
 * `graph/shape`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/kernel`, `likelihood/not-finite`,
 * `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `memory/too-small`, `random/index`, `random/seed`, `random/sequence`,
 * `stats/level`, `tensor/size`
 */
export function estimateMixed(...settings: Parameters<typeof estimateDiagonal>): Promise<DiagonalEstimate> {
  return estimateDiagonal(...settings);
}

/** Where the visits of a run stand among those of a whole estimate. */
export interface VisitSpan {
  /** Visits of the whole n. */
  readonly total: number;
  /** Place of the first of the run. */
  readonly from: number;
  /** One past the place of its last. */
  readonly to: number;
  /** Of weighted visits: those that were drawn, not taken. */
  readonly drawn?: DrawnVisits;
}

/** How many visits were drawn. */
export interface DrawnVisits {
  /** In all. */
  readonly total: number;
  /** Before the first of the run. */
  readonly before: number;
}

/** How the sums of a run are kept apart. */
export interface RunParts {
  readonly groups?: ExampleGroups | undefined;
  readonly span?: VisitSpan | undefined;
}

/** Most terms of a trail, and the place of the first of the run. */
const termsOf = ({ total, from, drawn }: VisitSpan): { total: number; from: number } =>
  drawn ? { total: drawn.total, from: drawn.before } : { total, from };

/** What a run over the examples gave, by group of examples. */
export interface DiagonalRun {
  readonly job: Job;
  readonly subject: Subject;
  readonly form: DiagonalAccumulation;
  readonly counts: readonly Counts[];
  /** The totals that it has. */
  readonly sets: readonly AnyGroup[];
  /** Null: without proxies. */
  readonly meter: ProxyMeter | null;
  /** Null: groups of examples were not asked for. */
  readonly keeper: GroupKeeper | null;
  /** The same of weighted visits. */
  readonly visitKeeper: VisitKeeper | null;
  readonly interrupted: boolean;
  /** From all groups together. Throws `fisher/no-examples`. */
  readonly estimate: () => DiagonalEstimate;
}

/** Runs until every number is finite; what it gave at first stands beside. Throws what `estimateDiagonal` throws. */
export async function finiteRun(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: DiagonalOptions,
  parts: RunParts = {},
): Promise<{ result: DiagonalRun; first: DiagonalRun; note: string | null }> {
  checkSettings(network, likelihood, options);
  weighedGroups(network, options);
  const { onBatch: _, ...silent } = options;
  return finite({
    engine,
    network,
    source,
    run: async (e, n, s, probing) => {
      const settings = probing ? silent : options;
      const job = await jobOf(e, n, likelihood, s, settings);
      return runDiagonal(job, describe(job.network, likelihood), s, settings, parts);
    },
    ...diagonalChecks((run: DiagonalRun) => (examplesOf(run.counts) === 0 ? null : run.estimate())),
    interrupted: (run) => run.interrupted,
    say: options.say,
  });
}

async function runDiagonal(
  job: Job,
  subject: Subject,
  source: ExampleSource,
  options: DiagonalOptions,
  { groups: given, span }: RunParts,
): Promise<DiagonalRun> {
  const { signal, onBatch, design, proxies } = options;
  const decided = decide(options);
  const told = options.entries === false ? withoutEntries(subject) : subject;
  const sets: readonly AnyGroup[] = [
    ...groupsOf(job.network),
    ...weighedGroups(job.network, options),
    ...(options.largest ? marginGroups(job.network) : []),
  ];
  const groups = design ? { ...STRATA, seed: 0, of: stratumOf(design) } : given;
  const terms = span && termsOf(span);
  const meter = proxies ? new ProxyMeter(proxies, design && drawnWeights(design), terms?.from) : null;
  const form = accumulateDiagonal(
    job,
    { groups: sets, meter: meter ?? undefined, refine: true, entries: options.entries },
    groups?.count,
  );
  if (terms) keepTrails(form.sums, job, sets, () => new Trail(terms.from, blockSize(terms.total)));
  else if (options.foretell) keepTrails(form.sums, job, sets, () => new Trail());
  const { groupSums } = options;
  const keeper =
    groupSums && form.sums.length === 1 ? new GroupKeeper(groupSums, form.sums[0].value.tensors) : null;
  const visitKeeper =
    groupSums && design ? new VisitKeeper(groupSums, form.sums, design, decided.population) : null;
  const seen = new Set<number>();
  const gathered = (counts: readonly Counts[]): Gathered => {
    const proxy = meter?.facts ?? null;
    if (!design) return { ...together(form.sums, counts, subject, sets), proxy };
    const [taken, drawn] = [STRATA.taken, STRATA.drawn].map((g) => form.sums[g]);
    const both = counts[STRATA.taken].copy();
    both.merge(counts[STRATA.drawn]);
    return { ...drawn, taken, counts: both, groups: sets, design, distinct: seen.size, proxy };
  };
  const { workers, interrupted, notes } = await loop([{ job, forms: [form] }], source, {
    signal,
    groups,
    watch: design ? notingIndices(seen, visitKeeper) : keeper,
    onBatch: ([{ counts }]) =>
      onBatch?.({
        examples: examplesOf(counts),
        trace: () => traceSoFar(gathered(counts), decided),
        terms: () => traceTrail(form.sums, sets),
        factor: () => (meter ? meter.factor : 1),
        estimate: () => assemble(gathered(counts), { ...decided, foretell: false }, told, false),
      }),
  });
  const { counts } = workers[0];
  let made: DiagonalEstimate | null = null;
  const whole = () => assemble(gathered(counts), decided, told, interrupted);
  const estimate = () =>
    (made ??= {
      ...withNotes(whole(), notes),
      ...(keeper ? { groupSums: keeper.sums } : {}),
      // Some of the taken that were not visited are in no group.
      ...(visitKeeper && design && counts[STRATA.taken].examples >= takenCount(design)
        ? {
            groupSums: statedGroups(
              visitKeeper.sums,
              form.sums[STRATA.taken].value.tensors,
              design,
              decided.seed,
            ),
          }
        : {}),
    });
  return { job, subject, form, counts, sets, meter, keeper, visitKeeper, interrupted, estimate };
}

/** u of the examples that may be drawn, 0 of those taken. */
export const drawnWeights = ({ weights, taken }: VisitDesign): Float64Array =>
  weights.map((u, x) => (taken[x] ? 0 : u));

/** Keeps the terms of the totals, those of the drawn stratum where visits are weighted. */
function keepTrails(
  sums: readonly DiagonalSums[],
  { weights, design }: Job,
  sets: readonly AnyGroup[],
  make: () => Trail,
): void {
  if (weights || sums.length > (design ? STRATA.count : 1)) return;
  sums[sums.length - 1].value.totals.forEach((total, g) => {
    if (isStated(sets[g])) total.trail = make();
  });
}

function traceTrail(sums: readonly DiagonalSums[], sets: readonly AnyGroup[]): readonly number[] {
  const { totals } = sums[sums.length - 1].value;
  return totals[sets.findIndex((g) => g.kind === 'total')].trail?.first ?? [];
}

const notingIndices = (seen: Set<number>, keeper: VisitKeeper | null): BatchWatch => ({
  enter: (examples) => {
    const { n, indices } = examples;
    for (let e = 0; e < n; e++) seen.add(indices[e]);
    keeper?.enter(examples);
  },
  close: () => keeper?.close(),
});

const examplesOf = (counts: readonly Counts[]): number => counts.reduce((sum, c) => sum + c.examples, 0);

/** The sums of all groups of examples as those of one; one group's stay themselves. */
function together(
  sums: readonly DiagonalSums[],
  counts: readonly Counts[],
  subject: Subject,
  groups: readonly AnyGroup[],
): Gathered {
  if (sums.length === 1) return { ...sums[0], counts: counts[0], groups };
  const weighted = sums[0].value.totals[0] instanceof WeightedTotals;
  const keeping = { weighted, visits: false, block: 1 };
  const whole = fromPart(copyPart(toPart(sums[0], counts[0])), subject, keeping, groups);
  for (const [g, other] of sums.entries()) {
    if (g === 0) continue;
    mergeSums(whole, other);
    whole.counts.merge(counts[g]);
  }
  return whole;
}
