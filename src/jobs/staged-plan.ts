/**
 * @module jobs/staged-plan
 *
 * Plan of the stages of a run to a target error: which visits it makes at most, how many the main stage takes by the pilot, and how many a
 * top-up by all terms so far (fisher/visits-needed). Who runs the stages, in one pass or in parts, it does not know.
 */
import { type Visits, visits } from '../data/order.js';
import {
  type DiagonalEstimate,
  type DiagonalOptions,
  type ErrorLaw,
  type Figure,
  pilotFromFigures,
  type PilotTerms,
  pilotTerms,
  type Progress,
  type Proxies,
  topUp,
  visitsNeeded,
} from '../fisher/index.js';
import { amount, percent } from './out-of-reach.js';
import { type Visiting, weightedBy } from './visits.js';

/** Visits of the pilot: fewer where weighted visits to exact values say as much. */
export const PILOT = 200;
const WEIGHTED_PILOT = 50;
/** Stages after the main one, at most. */
export const MOST_TOP_UPS = 20;

/** How far a run is, as a plan sees it. */
export type StageFacts = Pick<Progress, 'examples' | 'terms' | 'factor' | 'trace'>;

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

/** The stages of a run of at most N visits, all uniform or all weighted. */
export class StagedPlan {
  readonly list: Visits;
  readonly pilot: number;
  readonly design: DiagonalOptions['design'];

  constructor(
    readonly of: Visiting,
    readonly target: number,
    readonly N: number,
    proxies: Proxies | null,
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

  relative({ trace }: Pick<DiagonalEstimate, 'trace'>): number {
    return trace.standardError === null ? Infinity : trace.standardError / Math.abs(trace.value);
  }

  reached(estimate: Pick<DiagonalEstimate, 'trace'>): boolean {
    return this.relative(estimate) <= this.target;
  }

  found(latest: StageFacts): Omit<Piloted, 'notes'> {
    const { design, of } = this;
    const figure = latest.trace();
    const terms = this.pilotOf(latest);
    if (design) return { figure, terms, law: { floor: this.floor(figure.standardError ?? 0, terms) } };
    const finite = of.request.population === 'data';
    return { figure, terms, law: finite ? { finite: of.subject.weighing.n } : {} };
  }

  /** Visits of the pilot and the main stage together. */
  planned(latest: StageFacts | null): number {
    const { of, target, N, pilot } = this;
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

  /** Visits after a stage that fell short of the target, or of what all terms so far say that it takes; as they are where neither does. */
  toppedUp(latest: StageFacts | null, done: number): number {
    const { target } = this;
    if (!latest) return done;
    const { figure, terms, law } = this.found(latest);
    const reported = this.relative({ trace: figure });
    if (reported > target) return Math.max(done + 1, topUp(done, reported, target));
    return figure.value > 0 ? Math.max(done, visitsNeeded(terms, target, law)) : done;
  }

  /** The end of stage `index`, from 0, after one that ended at `done`: between that and N. */
  next(index: number, latest: StageFacts | null, done: number): number {
    if (index === 0) return this.pilot;
    const n = index === 1 ? this.planned(latest) : this.toppedUp(latest, done);
    return Math.max(done, Math.min(this.N, n));
  }

  /** S²/N, the part of a distribution's error that more visits do not take away. */
  private floor(standardError: number, terms: PilotTerms): number {
    if (this.of.request.population === 'data') return 0;
    const own = terms.variance / terms.examples;
    return Math.max(0, standardError ** 2 - own);
  }

  private pilotOf({ examples, terms, factor, trace }: StageFacts): PilotTerms {
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
}
