/**
 * @module fisher/choose
 *
 * Fills in the options that the user left open, by estimated cost, and reports each choice. Estimator: the one of least variance × cost by a
 * pilot (fisher/recommend); where there is none, the exact sum where it costs less than sampling the label error down to 1 %, else random signs. Errors: closed forms where they are paid for or cheaper than sampling them, else two draws. Random signs have a
 * relative variance of at most 2 per example and draw, for any network, so what sampling to 1 % takes is known beforehand:
 * nK ≥ 2/0.01².
 */
import { setting } from '../core/settings/reference.js';
import type { RootChoice } from '../likelihood/roots/index.js';
import type { Likelihood } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import { estimatorCost } from './cost.js';
import { DRAWS, others, recommend, type Variances } from './recommend.js';
import type { ErrorSource, Estimator } from './estimate.js';

/** Relative label error that sampling is compared at. */
const TARGET = 0.01;

/** The options that the user gave; those left out are chosen by cost. */
export interface Asked {
  /** Which estimator. */
  readonly estimator?: Estimator | undefined;
  /** Draws of labels an example. */
  readonly labels?: number | undefined;
  /** Where the label error comes from. */
  readonly error?: 'auto' | 'closed-form' | 'sampled' | undefined;
  /** Of signs. */
  readonly root?: RootChoice | undefined;
  /** Columns of the root that are taken exactly beside them. */
  readonly exactPairs?: number | undefined;
  /** Examples that will be visited. */
  readonly examples: number;
  /** From a pilot (fisher/variance-pilot), for the choice of an estimator. */
  readonly variances?: Variances | null | undefined;
}

/** The options that an estimate runs with, and why. */
export interface Chosen {
  /** Which estimator. */
  readonly estimator: Estimator;
  /** Draws of labels an example; 0 for an estimator that draws none. */
  readonly labels: number;
  /** Where the label error comes from. */
  readonly error: ErrorSource;
  /** Of signs. */
  readonly root?: RootChoice;
  /** Columns of the root that are taken exactly beside them. */
  readonly exactPairs?: number;
  /** Why, for what was left open; empty where nothing was. */
  readonly reasons: readonly string[];
}

/**
 * Decides what the user left open.
 * @throws FimError with `likelihood/kernel`
 */
export function chooseEstimator(network: Network, likelihood: Likelihood, asked: Asked): Chosen {
  const reasons: string[] = [];
  let estimator = asked.estimator;
  if (estimator === undefined) {
    const advice = adviseEstimator(network, likelihood, asked);
    estimator = advice.estimator;
    reasons.push(`estimator ${estimator}: ${advice.reason}`);
  }
  if (estimator === 'exact' || estimator === 'empirical')
    return { estimator, labels: 0, error: 'none', reasons };
  if (estimator === 'type2' || estimator === 'mix') {
    const drawn = likelihood.repeated && estimator === 'mix';
    const error = asked.error === 'sampled' || drawn ? 'sampled' : 'closed-form';
    if (drawn && asked.error !== 'sampled')
      reasons.push(
        asked.labels === 1
          ? 'no label error: that of a mix over several positions comes from draws, and one draw cannot tell it'
          : 'error sampled: that of a mix over several positions has no closed form here',
      );
    return { estimator, labels: asked.labels ?? (error === 'sampled' ? 2 : 1), error, reasons };
  }
  const { labels, error } = chooseError(network, likelihood, estimator, asked, reasons);
  return { estimator, labels, error, reasons };
}

/** An estimator, and why this one. */
export interface Advice {
  /** Which. */
  readonly estimator: Extract<Estimator, 'exact' | 'rademacher' | 'type1'>;
  /** Half a line. */
  readonly reason: string;
}

/**
 * The one recommendation, whoever gives it: estimates and plans, choices by layer, variance profiles.
 * @throws FimError with `likelihood/kernel`
 */
export function adviseEstimator(
  network: Network,
  likelihood: Likelihood,
  asked: Pick<Asked, 'examples' | 'labels' | 'root' | 'exactPairs' | 'variances'>,
): Advice {
  if (asked.variances) {
    const advised = recommend(network, likelihood, asked.variances, asked);
    const estimator = advised.estimator as Advice['estimator'];
    return { estimator, reason: `least variance × operations; ${others(advised)}` };
  }
  const K = Math.max(asked.labels ?? DRAWS, Math.ceil(2 / TARGET ** 2 / asked.examples));
  const exact = estimatorCost(network, likelihood, { estimator: 'exact', labels: 0, error: 'none' });
  const signs = estimatorCost(network, likelihood, { estimator: 'rademacher', labels: K, error: 'sampled' });
  const ratio = (exact / signs).toPrecision(2);
  return exact <= signs
    ? {
        estimator: 'exact',
        reason: `costs ${ratio} of sampling the label error to 1 % (${K} sign vectors per example)`,
      }
    : {
        estimator: 'rademacher',
        reason: `exact would cost ${ratio} times as much as sampling the label error to 1 %`,
      };
}

function chooseError(
  network: Network,
  likelihood: Likelihood,
  estimator: 'type1' | 'rademacher',
  asked: Asked,
  reasons: string[],
): { labels: number; error: ErrorSource } {
  if (asked.error === 'sampled') return { labels: asked.labels ?? 2, error: 'sampled' };
  if (asked.error === 'closed-form') {
    const labels = asked.labels ?? 1;
    const exact = estimatorCost(network, likelihood, { estimator: 'exact', labels: 0, error: 'none' });
    const price = exact / estimatorCost(network, likelihood, { estimator, labels, error: 'closed-form' });
    reasons.push(
      `error closed-form: ${setting('estimator', 'exact')} costs ${price.toPrecision(2)} of that, without label error`,
    );
    return { labels, error: 'closed-form' };
  }
  if (asked.labels === 1) {
    reasons.push('error closed-form: one draw cannot tell its own error');
    return { labels: 1, error: 'closed-form' };
  }
  const labels = asked.labels ?? 2;
  const closed = estimatorCost(network, likelihood, {
    estimator,
    labels: asked.labels ?? 1,
    error: 'closed-form',
  });
  const sampled = estimatorCost(network, likelihood, { estimator, labels, error: 'sampled' });
  if (closed <= sampled) {
    reasons.push('error closed-form: cheaper than sampling it');
    return { labels: asked.labels ?? 1, error: 'closed-form' };
  }
  reasons.push(
    `error sampled: from ${labels} draws per example; closed-form would cost ${(closed / sampled).toPrecision(2)} times as much`,
  );
  return { labels, error: 'sampled' };
}
