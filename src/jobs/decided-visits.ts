/**
 * @module jobs/decided-visits
 *
 * Decisions on the estimator and its visits: chosen by cost, by layer or as asked for; all examples, some, or as many as a target error
 * takes by its pilot.
 */
import { type Visits, visitsHash } from '../data/order.js';
import { jobOf } from '../fisher/job.js';
import type {
  ErrorSource,
  Estimator,
  ExampleSource,
  LayerChoice,
  Proxies,
  VisitDesign,
} from '../fisher/index.js';
import { choicesFor } from './by-layer.js';
import { chosenFor } from './chosen.js';
import { diagonalOptions } from './diagonal-options.js';
import { between } from './grouped.js';
import type { EstimateListener, RootedRequest, Weighed } from './request.js';
import { StagedRun } from './staged-run.js';
import { chooseForTarget, chooseVisits, type Visiting } from './visits.js';

/** What parts of an estimate to a target error are made for. */
export interface DecidedTarget {
  /** Relative standard error of the trace. */
  readonly error: number;
  /** Draws per example that were asked for; null: they were left open. */
  readonly labels: number | null;
  /** Visits that may be made. */
  readonly most: number;
}

/** What is decided of an estimate beside its request: the estimator and the visits. */
export interface DecidedVisits {
  /** How it is estimated. */
  readonly estimator: Estimator;
  /** Draws per example; 0: none. */
  readonly labels: number;
  /** Where the label error comes from. */
  readonly error: ErrorSource;
  /** Columns of the root that are taken exactly. */
  readonly exactPairs: number;
  /** Weights of type 1 by parameter; null: no mix. */
  readonly mix: Readonly<Record<string, number>> | null;
  /** Of each layer, where they differ; null: one for all. */
  readonly layers: readonly LayerChoice[] | null;
  /** Visits n: to a target error those of the pilot and of the main stage, which top-ups may add to (jobs/target-parts). */
  readonly examples: number;
  /** Places where stages of the visits end, the last at n. */
  readonly stages: readonly number[];
  /** Null: no target error was asked for. */
  readonly target: DecidedTarget | null;
  /** Weighted visits, in their order; null: uniform ones, by order and seed. */
  readonly list: Visits | null;
  /** Hash of the list. */
  readonly visitsHash: string | null;
  /** Of weighted visits. */
  readonly design: VisitDesign | null;
  /** What a forward pass over all examples says of each; null: none was made. */
  readonly proxies: Proxies | null;
}

/** Each layer by its own estimator, uniform visits. Throws `usage/auto`. */
export async function decideLayers(
  subject: Weighed,
  request: RootedRequest,
  examples: number,
  listener: EstimateListener,
): Promise<DecidedVisits> {
  const layers = await choicesFor(subject, request, examples, listener);
  return {
    ...{ estimator: 'exact', labels: 0, error: 'none', exactPairs: 0, mix: null, layers },
    ...{ examples, stages: [examples], target: null },
    ...{ list: null, visitsHash: null, design: null, proxies: null },
  };
}

/** One estimator for all layers. Null where the signal came first. Throws `estimate/visits`. */
export async function decideVisits(
  subject: Weighed,
  request: RootedRequest,
  examples: number,
  listener: EstimateListener,
): Promise<DecidedVisits | null> {
  const chosen = await chosenFor(subject, request, examples, listener);
  const options = diagonalOptions(subject, request, chosen, listener);
  const of: Visiting = { subject, request, chosen, examples, options, listener };
  const found = await (request.targetError === undefined
    ? plainVisits(of)
    : targetVisits(of, request.targetError));
  if (found === null) return null;
  const { source, ...visits } = found;
  const { estimator, labels, error, exactPairs = 0 } = chosen;
  return { estimator, labels, error, exactPairs, layers: null, mix: await mixOf(of, source), ...visits };
}

type Found =
  | (Pick<DecidedVisits, 'examples' | 'stages' | 'target' | 'list' | 'visitsHash' | 'design' | 'proxies'> & {
      readonly source: ExampleSource;
    })
  | null;

async function plainVisits(of: Visiting): Promise<Found> {
  const visits = await chooseVisits(of);
  if (visits === null) return null;
  const { source, list, hash, options } = visits;
  return {
    ...{ source, list, visitsHash: hash, examples: of.examples, stages: [of.examples], target: null },
    design: options.design ?? null,
    proxies: options.proxies ?? null,
  };
}

/** Pilot and main stage of a target error; a single example, which has no pilot, as it is. */
async function targetVisits(of: Visiting, error: number): Promise<Found> {
  const { request, examples: most, listener } = of;
  const N = Math.min(most, of.subject.weighing.n);
  const target = { error, labels: request.labels ?? null, most };
  const { proxies, weighted } = N < 2 ? { proxies: null, weighted: false } : await chooseForTarget(of, error);
  if (listener.signal?.aborted) return null;
  const run = new StagedRun(of, error, N, proxies, weighted);
  const n = N < 2 ? N : await run.planned();
  if (n === null) return null;
  const { pilot, list, design } = run.plan;
  const own = design ? copied(between(list, 0, n)) : null;
  return {
    ...{ source: run.source, target, examples: n, stages: pilot < n ? [pilot, n] : [n] },
    list: own,
    visitsHash: own && visitsHash(own),
    design: design ?? null,
    proxies: proxies satisfies Proxies | null,
  };
}

const copied = ({ indices, occurrence }: Visits) => ({
  indices: indices.slice(),
  occurrence: occurrence.slice(),
});

/** Weights of a mix from the first visits, as the single run takes them. */
async function mixOf(
  { subject, chosen, options }: Visiting,
  source: ExampleSource,
): Promise<DecidedVisits['mix']> {
  if (chosen.estimator !== 'mix') return null;
  const { engine, network, likelihood } = subject;
  const { mix } = await jobOf(engine, network, likelihood, source, options);
  return Object.fromEntries(mix ?? []);
}
