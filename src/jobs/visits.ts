/**
 * @module jobs/visits
 *
 * Visits of an estimate: which examples are visited, and what is known of those that are not. Where fewer than all are asked for, a
 * forward pass over all of them gives proxies, which intervals of uniform visits take and weighted visits go by (theory (15.2), (16.1) to
 * (16.6)); the better of the two is told by thirty weighted visits.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import { batches } from '../data/batches.js';
import { type Visits, visitsHash } from '../data/order.js';
import { weightedVisits, type WeightedVisits } from '../data/weighted-visits.js';
import { operationsOf } from '../engine/cost.js';
import {
  type Chosen,
  DEFAULT_BUDGET,
  type DiagonalOptions,
  estimatorCost,
  givenBudget,
  type ExampleSource,
  type Proxies,
  type VisitDesign,
  visitGain,
  type VisitingChoice,
} from '../fisher/index.js';
import { METRIC_EXAMPLES } from '../fisher/proxy/metric.js';
import { proxiesOf, proxyVariance } from '../fisher/proxy/proxies.js';
import { jobOf } from '../fisher/job.js';
import { nodesOf } from '../graph/index.js';
import type { EstimateListener, EstimateSubject, RootedRequest } from './request.js';
import { percent } from './out-of-reach.js';
import type { Weighing } from './weighing.js';

/** What is asked for of an estimate with its estimator chosen. */
export interface Visiting {
  readonly subject: EstimateSubject & { readonly weighing: Weighing };
  readonly request: RootedRequest;
  readonly chosen: Omit<Chosen, 'reasons'>;
  /** Visits n. */
  readonly examples: number;
  /** Settings of the estimate that do not depend on its visits. */
  readonly options: DiagonalOptions;
  readonly listener: EstimateListener;
}

/** The visits, and the settings that go with them. */
export interface ChosenVisits {
  readonly source: ExampleSource;
  readonly examples: number;
  readonly options: Pick<DiagonalOptions, 'design' | 'proxies'>;
  /** The list of weighted visits and its hash; null where they are uniform. */
  readonly list: Visits | null;
  readonly hash: string | null;
}

/** Operations of phase one that no estimate is too small for, and its price in those of the estimate at most. */
const ALWAYS_AFFORDED = 2e10;
const MOST_PRICE = 2;
/** Visits that γ is measured on, and the largest γ that is trusted where draws of labels blur it. */
export const PILOT_VISITS = 30;
const LARGEST_DRAWN_GAIN = 0.7;

/** Chooses the visits of an estimate; null where the signal came first. Throws `estimate/visits`. */
export async function chooseVisits(of: Visiting): Promise<ChosenVisits | null> {
  const { subject, request, examples, listener } = of;
  const asked: VisitingChoice = request.visits ?? 'auto';
  const N = subject.weighing.n;
  const obstacle = whyUniform(of);
  if (asked === 'weighted' && obstacle) throw obstacle;
  const uniform: ChosenVisits = { source: uniformSource(of), examples, options: {}, list: null, hash: null };
  if (obstacle || examples >= N) {
    if (asked === 'weighted') listener.say?.(`visits uniform: all ${N} examples are visited, each once`);
    return uniform;
  }
  const proxies = await phaseOne(of, asked);
  if (proxies === 'unknown') return uniform;
  if (proxies === null) return null;
  const withProxies = { ...uniform, options: { proxies } };
  if (asked === 'uniform') return withProxies;
  if (!(proxyVariance(proxies) > 0)) {
    listener.say?.('visits uniform: the outputs say the same of every example');
    return withProxies;
  }
  if (asked === 'auto') {
    const pilot = await measureGain(of, proxies);
    if (pilot.interrupted) return null;
    const limit = Math.min(1 - examples / N, drawsLabels(of) ? LARGEST_DRAWN_GAIN : 1);
    const worth = `${Math.min(PILOT_VISITS, examples)} weighted visits have ${percent(pilot.gain)} of the variance of uniform ones`;
    if (!(pilot.gain < limit)) {
      listener.say?.(`visits uniform: ${worth}`);
      return withProxies;
    }
    listener.say?.(`visits weighted, by what the outputs say of each example: ${worth}`);
  }
  return weightedBy(of, proxies, examples, takesAll(of));
}

/** Proxies and the kind of visits for a target error: weighted where they are expected to take less work. Throws `estimate/visits`. */
export async function chooseForTarget(
  of: Visiting,
  target: number,
): Promise<{ readonly proxies: Proxies | null; readonly weighted: boolean }> {
  const { subject, request, chosen, examples: N, listener } = of;
  const asked: VisitingChoice = request.visits ?? 'auto';
  const obstacle = whyUniform(of);
  if (asked === 'weighted' && obstacle) throw obstacle;
  const found = obstacle ? null : await phaseOne(of, asked);
  const proxies = found === 'unknown' ? null : found;
  if (!proxies || asked === 'uniform' || !(proxyVariance(proxies) > 0)) return { proxies, weighted: false };
  if (asked === 'weighted') return { proxies, weighted: true };
  const { gain, trace, uniform, interrupted } = await measureGain(of, proxies);
  if (interrupted || (drawsLabels(of) && gain > LARGEST_DRAWN_GAIN)) return { proxies, weighted: false };
  const finite = request.population === 'data' ? uniform / subject.weighing.n : 0;
  const needed = Math.min(N, uniform / ((target * trace) ** 2 + finite));
  const forward = forwardShare(subject.network, subject.likelihood, chosen) * N;
  const weighted = gain * (uniform / (target * trace) ** 2) + forward < needed;
  listener.say?.(
    `visits ${weighted ? 'weighted' : 'uniform'}: ${PILOT_VISITS} weighted ones have ${percent(gain)} of the variance of uniform ones`,
  );
  return { proxies, weighted };
}

/** A forward pass in units of a visit. */
function forwardShare(
  network: EstimateSubject['network'],
  likelihood: EstimateSubject['likelihood'],
  chosen: Visiting['chosen'],
): number {
  return operationsOf(nodesOf([network.h]), 1) / estimatorCost(network, likelihood, chosen);
}

/** Whether the value of an example takes no draw, so that a repeat tells nothing new. */
const takesAll = ({ chosen }: Visiting): boolean =>
  chosen.estimator === 'exact' || chosen.estimator === 'empirical';

const drawsLabels = ({ chosen }: Visiting): boolean =>
  chosen.estimator === 'type1' || chosen.estimator === 'type2' || chosen.estimator === 'mix';

/** Why visits cannot be weighted; null: they can. */
function whyUniform({ request, subject }: Visiting): FimError | null {
  const refuse = (got: string, rule: string, next: string): FimError =>
    new FimError({
      code: 'estimate/visits',
      kind: 'usage',
      where: setting('visits', 'weighted'),
      rule,
      got,
      next,
    });
  if (request.order === 'file') {
    return refuse(
      setting('order', 'file'),
      'draws the examples by what each is expected to contribute, in an order of its own',
      `${setting('order', 'seed')}, or ${setting('visits', 'uniform')}`,
    );
  }
  if (subject.weighing.weights) {
    return refuse(
      'example weights',
      'goes with examples that weigh the same',
      `${setting('visits', 'uniform')}, or leave the example weights out`,
    );
  }
  return null;
}

/** Uniform visits in the order that was asked for. */
export function uniformSource({ subject, request, examples }: Visiting, from = 0): ExampleSource {
  const { dataset, weighing } = subject;
  const { order, seed } = request;
  return (batch, dtype) =>
    batches(dataset, { batch, dtype, order, seed, examples: from + examples, from, among: weighing.among });
}

/** Proxies of all examples; `unknown` where they would cost more than they bring or do not exist, null where the signal came first. */
async function phaseOne(of: Visiting, asked: VisitingChoice): Promise<Proxies | null | 'unknown'> {
  const { subject, request, chosen, examples, options, listener } = of;
  const { engine, network, likelihood, dataset, weighing } = subject;
  const { among, n: N } = weighing;
  const visit = estimatorCost(network, likelihood, chosen);
  const forward = operationsOf(nodesOf([network.h]), 1);
  if (asked !== 'weighted' && N * forward > Math.max(ALWAYS_AFFORDED, MOST_PRICE * examples * visit)) {
    listener.say?.(
      `visits uniform, intervals from the visits alone: a forward pass over all ${N} examples would cost ${((N * forward) / (examples * visit)).toPrecision(2)} times the estimate`,
    );
    return 'unknown';
  }
  const few = uniformSource({ ...of, examples: Math.min(METRIC_EXAMPLES, N) });
  const job = await jobOf(engine, network, likelihood, few, options);
  try {
    return await proxiesOf({
      ...job,
      source: (batch, dtype) =>
        batches(dataset, { batch, dtype, order: 'seed', seed: request.seed, examples: N, among }),
      few,
      count: N,
      indices: dataset.n,
      passes: examples * (visit / Math.max(1, forward)),
      budget: options.budget ?? givenBudget(network, request.memory) ?? DEFAULT_BUDGET,
      signal: options.signal,
      engine,
      network,
      likelihood,
    });
  } catch (error) {
    if (asked === 'weighted' || !(error instanceof FimError) || error.code !== 'fisher/output-not-finite')
      throw error;
    listener.say?.(
      'intervals from the visits alone: the output of some example that is not visited is not finite',
    );
    return 'unknown';
  }
}

/** γ of the first weighted visits. */
export function measureGain(of: Visiting, proxies: Proxies) {
  const { subject, examples, options } = of;
  const { source, options: own } = weightedBy(of, proxies, Math.min(PILOT_VISITS, examples), false);
  return visitGain(subject.engine, subject.network, subject.likelihood, source, {
    ...options,
    ...own,
    stream: 'pilot',
    population: 'data',
    foretell: false,
  });
}

/** n weighted visits. */
export function weightedBy(
  { subject, request }: Pick<Visiting, 'subject' | 'request'>,
  proxies: Proxies,
  n: number,
  takeAll: boolean,
): ChosenVisits {
  const { dataset, weighing } = subject;
  const index = weighing.among ?? Uint32Array.from({ length: dataset.n }, (_, x) => x);
  const list = weightedVisits(
    Float64Array.from(index, (x) => proxies.values[x]),
    { examples: n, seed: request.seed ?? 0, takeAll },
  );
  const visits: Visits = { indices: list.indices.map((x) => index[x]), occurrence: list.occurrence };
  return {
    source: (batch, dtype) => batches(dataset, { batch, dtype, visits }),
    examples: n,
    options: { proxies, design: designOf(list, index, dataset.n) },
    list: visits,
    hash: visitsHash(visits),
  };
}

function designOf(list: WeightedVisits, index: Uint32Array, size: number): VisitDesign {
  const weights = new Float64Array(size);
  const taken = new Uint8Array(size);
  index.forEach((x, i) => {
    weights[x] = list.design[i];
    taken[x] = list.certain[i];
  });
  return { population: list.population, weights, taken };
}
