/**
 * @module jobs/staged-run
 *
 * Run of an estimate whose visits are decided as it goes: a pilot, a main stage of the size that the pilot's upper limit asks for, and
 * top-ups, in one pass that keeps all its visits (fisher/visits-needed). Its pilot may be run alone, for a plan.
 */
import { type Visits, visits, visitsHash } from '../data/order.js';
import {
  type DiagonalEstimate,
  type DiagonalOptions,
  type ErrorLaw,
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
import { groupsKept, stretchOf } from './grouped.js';
import { amount, percent } from './out-of-reach.js';
import { type Visiting, weightedBy } from './visits.js';

/** Visits of the pilot: fewer where weighted visits to exact values say as much. */
export const PILOT = 200;
const WEIGHTED_PILOT = 50;
const MOST_TOP_UPS = 20;

/** What a pilot found. */
export interface Piloted {
  /** Its trace. */
  readonly figure: Figure;
  readonly terms: PilotTerms;
  /** How the variance falls with further visits of its kind. */
  readonly law: ErrorLaw;
  /** What was done that was not asked for. */
  readonly notes: readonly string[];
}

/** The first n of the visits that an estimate makes uniformly. */
export const uniformVisits = ({ subject, request }: Visiting, n: number): Visits =>
  visits(subject.dataset.n, {
    order: request.order,
    seed: request.seed,
    examples: n,
    among: subject.weighing.among,
  });

/** One pass whose visits are decided as it goes. */
export class StagedRun {
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
      groupSums: this.groups,
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
    if (this.settled !== null) {
      yield* this.stretch(0, this.settled)(batch, dtype);
      return;
    }
    let done = 0;
    this.goal = this.pilot;
    for (let stage = 0; stage <= MOST_TOP_UPS + 1 && done < this.goal; stage++) {
      yield* this.stretch(done, this.goal)(batch, dtype);
      done = this.goal;
      this.goal = Math.max(done, Math.min(this.N, stage === 0 ? this.planned() : this.toppedUp(done)));
    }
    this.settled = done;
  }

  /** Visits of a stage, cut into groups of their own. */
  private stretch(from: number, to: number): ExampleSource {
    const list = this.between(from, to);
    return stretchOf(this.of.subject.dataset, { list, from: 0, to: to - from, groups: this.groups });
  }

  /** G; weighted visits have none. */
  private get groups(): number {
    return this.design ? 0 : groupsKept(this.of.request);
  }

  private between(from: number, to: number): Visits {
    const { indices, occurrence } = this.list;
    return { indices: indices.subarray(from, to), occurrence: occurrence.subarray(from, to) };
  }

  /** The pilot alone; null where a signal ended it first. */
  async piloted(): Promise<Piloted | null> {
    this.settled = this.pilot;
    const { interrupted, notes } = await this.estimate();
    return interrupted || !this.latest ? null : { ...this.found(this.latest), notes };
  }

  private found(latest: Progress): Omit<Piloted, 'notes'> {
    const { design, of } = this;
    const figure = latest.trace();
    const terms = this.pilotOf(latest);
    if (design) return { figure, terms, law: { floor: this.floor(figure.standardError ?? 0, terms) } };
    const finite = of.request.population === 'data';
    return { figure, terms, law: finite ? { finite: of.subject.weighing.n } : {} };
  }

  /** Visits of the main stage, from the pilot. */
  private planned(): number {
    const { latest, of, target, N, pilot } = this;
    if (!latest) return pilot;
    const { figure, terms, law } = this.found(latest);
    if (!(figure.value > 0)) return N;
    const n = visitsNeeded(terms, target, law);
    const within = Number.isFinite(n) && n <= N;
    of.listener.say?.(
      `pilot of ${pilot} ${this.design ? 'weighted visits' : 'examples'}: ${percent(target)} takes ${Number.isFinite(n) ? amount({ examples: n, labels: of.chosen.labels }) : 'more examples than any number of visits stands for'}${within ? '' : `; going through the ${N} there are`}`,
    );
    return within ? n : N;
  }

  /** S²/N, the part of a distribution's error that more visits do not take away. */
  private floor(standardError: number, terms: PilotTerms): number {
    if (this.of.request.population === 'data') return 0;
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

  /** Visits after a stage that fell short of the target, or of what all terms so far say that it takes; as they are where neither does. */
  private toppedUp(done: number): number {
    const { latest, target } = this;
    if (!latest) return done;
    const { figure, terms, law } = this.found(latest);
    const reported = this.relative({ trace: figure });
    if (reported > target) return Math.max(done + 1, topUp(done, reported, target));
    return figure.value > 0 ? Math.max(done, visitsNeeded(terms, target, law)) : done;
  }
}
