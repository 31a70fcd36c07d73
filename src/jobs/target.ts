/**
 * @module jobs/target
 *
 * Estimate to a target error: a pilot, a main stage of the size that the pilot's upper limit asks for, and top-ups, in one pass that keeps
 * all its visits (fisher/visits-needed). It promises that the error reported at the end is at most the target, and that in nine runs of
 * ten the true standard error is too. Where the data end first it gives the estimate that they allow.
 */
import { batches } from '../data/batches.js';
import { type Visits, visits, visitsHash } from '../data/order.js';
import {
  type DiagonalEstimate,
  type DiagonalOptions,
  estimateDiagonal,
  type ExampleSource,
  type Figure,
  pilotFromFigures,
  type PilotTerms,
  pilotTerms,
  type Progress,
  type Proxies,
  topUp,
  visitsNeeded,
} from '../fisher/index.js';
import { amount, draws, noTrace, onePilot, outOfReach, percent, type Refusal } from './out-of-reach.js';
import { chooseForTarget, type Visiting, weightedBy } from './visits.js';

/** Visits of the pilot: fewer where weighted visits to exact values say as much. */
const PILOT = 200;
const WEIGHTED_PILOT = 50;
const MOST_TOP_UPS = 20;
const MOST_DRAWS = 4096;

/** What came of it. */
export interface Reached {
  readonly estimate: DiagonalEstimate;
  /** Why the answer is no; null where the target is reached. */
  readonly refusal: Refusal | null;
}

/** Runs until the target is reached or the data end. */
export async function estimateToTarget(of: Visiting, target: number): Promise<Reached> {
  const { subject, request, listener } = of;
  const N = Math.min(of.examples, subject.weighing.n);
  if (N < 2) return { estimate: await plainRun(of, N), refusal: onePilot(target) };
  const { proxies, weighted } = await chooseForTarget(of, target);
  if (weighted && proxies) {
    const run = new StagedRun(of, target, N, proxies, true);
    const estimate = await run.estimate();
    if (estimate.interrupted || run.reached(estimate)) return { estimate, refusal: null };
    listener.say?.(
      `weighted visits end at ${percent(run.relative(estimate))}: all ${N} examples are visited, each once`,
    );
  }
  const run = new StagedRun(of, target, N, proxies, false);
  let estimate = await run.estimate();
  if (estimate.interrupted || run.reached(estimate)) return { estimate, refusal: null };
  if (!(estimate.trace.value > 0)) return { estimate, refusal: noTrace(target, estimate.trace.value) };
  const more = request.labels === undefined ? drawsNeeded(estimate, target) : null;
  if (more !== null) {
    listener.say?.(
      `all ${N} examples with ${draws(estimate.labels)} reach ${percent(run.relative(estimate))}: again with ${draws(more)}`,
    );
    const again = { ...of, chosen: { ...of.chosen, labels: more }, options: { ...of.options, labels: more } };
    estimate = await plainRun(again, N);
    if (estimate.interrupted || run.reached(estimate)) return { estimate, refusal: null };
  }
  const population = request.population === 'data' ? subject.weighing.n : null;
  return { estimate, refusal: refusalOf(estimate, target, run.pilot, population, request.labels) };
}

/** All n examples, uniformly. */
async function plainRun(of: Visiting, n: number): Promise<DiagonalEstimate> {
  const { subject, options, listener } = of;
  return estimateDiagonal(
    subject.engine,
    subject.network,
    subject.likelihood,
    sourceBy(of, uniformVisits(of, n)),
    {
      ...options,
      foretell: true,
      onBatch: ({ examples, trace }) => listener.progress?.(examples / n, trace),
    },
  );
}

const uniformVisits = ({ subject, request }: Visiting, n: number): Visits =>
  visits(subject.dataset.n, {
    order: request.order,
    seed: request.seed,
    examples: n,
    among: subject.weighing.among,
  });

const sourceBy =
  ({ subject: { dataset } }: Visiting, list: Visits): ExampleSource =>
  (batch, dtype) =>
    batches(dataset, { batch, dtype, visits: list });

/** Draws with which all examples reach the target; null where the label part is not what stands in the way. */
function drawsNeeded({ trace, labels }: DiagonalEstimate, target: number): number | null {
  if (labels === 0 || trace.labelError === null || trace.dataError === null) return null;
  const left = (target * trace.value) ** 2 - trace.dataError ** 2;
  if (!(left > 0)) return null;
  // A quarter more, for the error of the label part itself.
  const K = Math.ceil((1.25 * labels * trace.labelError ** 2) / left);
  return K > labels && K <= MOST_DRAWS ? K : null;
}

/** One pass whose visits are decided as it goes. */
class StagedRun {
  readonly list: Visits;
  readonly pilot: number;
  private readonly design: DiagonalOptions['design'];
  private latest: Progress | null = null;
  private settled: number | null = null;

  constructor(
    private readonly of: Visiting,
    private readonly target: number,
    private readonly N: number,
    private readonly proxies: Proxies | null,
    weighted: boolean,
  ) {
    if (weighted && proxies) {
      const chosen = weightedBy(of, proxies, N, false);
      this.list = chosen.list as Visits;
      this.design = chosen.options.design;
    } else this.list = uniformVisits(of, N);
    const few = weighted && of.chosen.estimator === 'exact';
    this.pilot = Math.min(N, few ? WEIGHTED_PILOT : PILOT);
  }

  async estimate(): Promise<DiagonalEstimate> {
    const { of, design, proxies, N } = this;
    const { engine, network, likelihood } = of.subject;
    const made = await estimateDiagonal(engine, network, likelihood, this.source, {
      ...of.options,
      ...(design ? { design } : {}),
      // Proxies tell of examples that are not visited; where all are, none is left.
      ...(proxies ? { proxies } : {}),
      foretell: true,
      onBatch: (progress) => {
        this.latest = progress;
        of.listener.progress?.(Math.min(1, progress.examples / (this.goal ?? N)), progress.trace);
      },
    });
    return design ? { ...made, visitsHash: visitsHash(this.between(0, made.examples)) } : made;
  }

  relative({ trace }: Pick<DiagonalEstimate, 'trace'>): number {
    return trace.standardError === null ? Infinity : trace.standardError / Math.abs(trace.value);
  }

  reached(estimate: DiagonalEstimate): boolean {
    return this.relative(estimate) <= this.target;
  }

  private goal: number | null = null;

  /** The visits, stage by stage; run again, those of the first run. */
  private readonly source: ExampleSource = (batch, dtype) => this.stages(batch, dtype);

  private *stages(batch: number, dtype: Parameters<ExampleSource>[1]): ReturnType<ExampleSource> & Generator {
    const { of } = this;
    if (this.settled !== null) {
      yield* batches(of.subject.dataset, { batch, dtype, visits: this.between(0, this.settled) });
      return;
    }
    let done = 0;
    this.goal = this.pilot;
    for (let stage = 0; stage <= MOST_TOP_UPS + 1 && done < this.goal; stage++) {
      yield* batches(of.subject.dataset, { batch, dtype, visits: this.between(done, this.goal) });
      done = this.goal;
      this.goal = Math.max(done, Math.min(this.N, stage === 0 ? this.planned() : this.toppedUp(done)));
    }
    this.settled = done;
  }

  private between(from: number, to: number): Visits {
    const { indices, occurrence } = this.list;
    return { indices: indices.subarray(from, to), occurrence: occurrence.subarray(from, to) };
  }

  /** Visits of the main stage, from the pilot. */
  private planned(): number {
    const { latest, of, target, N, pilot } = this;
    if (!latest) return pilot;
    const trace = latest.trace();
    if (!(trace.value > 0)) return N;
    const terms = this.pilotOf(latest);
    const S2 = this.floor(trace.standardError ?? 0, terms);
    const law = this.design
      ? { floor: S2 }
      : of.request.population === 'data'
        ? { finite: of.subject.weighing.n }
        : {};
    const n = visitsNeeded(terms, target, law);
    const within = Number.isFinite(n) && n <= N;
    of.listener.say?.(
      `pilot of ${pilot} ${this.design ? 'weighted visits' : 'examples'}: ${percent(target)} takes ${Number.isFinite(n) ? amount({ examples: n, labels: of.chosen.labels }) : 'more examples than any number of visits stands for'}${within ? '' : `; going through the ${N} there are`}`,
    );
    return within ? n : N;
  }

  /** S²/N, the part of a distribution's error that more visits do not take away. */
  private floor(standardError: number, terms: PilotTerms): number {
    if (!this.design || this.of.request.population === 'data') return 0;
    const visits = terms.variance / terms.examples;
    return Math.max(0, standardError ** 2 - visits);
  }

  private pilotOf({ examples, terms, factor, trace }: Progress): PilotTerms {
    const { list, design, of } = this;
    const own = terms();
    const figure = trace();
    if (own.length === 0) return this.pilotOfFigure(figure, examples);
    const y = design ? own.map((f, j) => f * design.weights[list.indices[j]]) : own;
    const label = (figure.labelError ?? 0) ** 2 * own.length;
    // r is of the intervals where visits are weighted and exact or by signs: their own spread is right.
    const known = !design || of.chosen.estimator === 'type1' ? factor() : 1;
    return pilotTerms(y, known ?? 1, label);
  }

  /** Of weighted examples: from the figures of the trace, a finite population's factor taken out. */
  private pilotOfFigure({ value, standardError, labelError, skewness }: Figure, n: number): PilotTerms {
    const { request, subject } = this.of;
    const fraction = request.population === 'data' ? n / subject.weighing.n : 0;
    const label = (labelError ?? 0) ** 2;
    const left = (standardError ?? 0) ** 2 - label;
    const variance = n * (label + (fraction < 1 ? left / (1 - fraction) : 0));
    return pilotFromFigures(
      { examples: n, mean: value, variance, skewness: (skewness ?? 0) * Math.sqrt(n) },
      n * label,
    );
  }

  /** Visits after a stage that fell short; as they are where the target is reached. */
  private toppedUp(done: number): number {
    const { latest, target } = this;
    if (!latest) return done;
    const reported = this.relative({ trace: latest.trace() });
    return reported <= target ? done : Math.max(done + 1, topUp(done, reported, target));
  }
}

/** The answer no. */
function refusalOf(
  estimate: DiagonalEstimate,
  target: number,
  pilot: number,
  population: number | null,
  labels: number | undefined,
): Refusal {
  const { trace, examples } = estimate;
  const reported = trace.standardError === null ? Infinity : trace.standardError / Math.abs(trace.value);
  const beside = (target * trace.value) ** 2 - (population === null ? 0 : (trace.dataError ?? 0) ** 2);
  const K = Math.ceil((1.25 * estimate.labels * (trace.labelError ?? 0) ** 2) / beside);
  const plan = {
    // All of a finite population take more draws for each.
    examples: population === null ? topUp(examples, reported, target) : examples,
    labels: population === null || !(beside > 0) ? estimate.labels : Math.max(estimate.labels, K),
    feasible: false,
    attainable: reported,
    attainableLabels: estimate.labels,
    reachable: reported,
  };
  return outOfReach({ target, plan, pilot, population, labels });
}
