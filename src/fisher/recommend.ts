/**
 * @module fisher/recommend
 *
 * Recommendation of an estimator: the one of least variance × cost. The variance is that of one example's term, inputs and draws,
 * s² + 𝒱/K, for the question asked: of the trace, or summed over entries; the cost is counted (fisher/cost). By P24 Thm 4.7 s² is common to
 * all, so n·(s² + 𝒱/K)/n of two estimators at equal cost stand as these products do. One rule for whoever recommends: estimates
 * that leave the estimator open, the choice by layer, variance profiles and plans.
 *
 * Type 2 takes the exact Fisher of every input and adds noise to it (fisher/estimators/type-two): never less variance, never less
 * work than `exact`, so that it is compared but does not win; where it is exact it is that.
 */
import type { Likelihood } from '../likelihood/types.js';
import type { RootChoice } from '../likelihood/roots/index.js';
import type { Network } from '../model/network.js';
import { estimatorCost } from './cost.js';

/** Estimators that are compared. */
export const COMPARED = ['exact', 'rademacher', 'type1', 'type2'] as const;
/** One of them. */
export type Compared = (typeof COMPARED)[number];

/** Draws per example of those that draw: two, so that the draws tell their own error. */
export const DRAWS = 2;

/** Of one example's term. */
export interface Variances {
  /** s², over inputs. */
  readonly data: number;
  /** Mean of 𝒱 of one draw, by estimator; those left out are not compared. */
  readonly label: Partial<Readonly<Record<Exclude<Compared, 'exact'>, number>>>;
}

/** What the comparison depends on beside the variances. */
export interface RecommendationRequest {
  /** Draws per example; default two. */
  readonly labels?: number | undefined;
  /** Of signs. */
  readonly root?: RootChoice | undefined;
  /** Of signs. */
  readonly exactPairs?: number | undefined;
  /** What an example costs, where that is known otherwise than by counting. */
  readonly costs?: Partial<Readonly<Record<Compared, number>>> | undefined;
}

/** An estimator with its price. */
export interface Price {
  /** Which estimator. */
  readonly estimator: Compared;
  /** s² + 𝒱/K. */
  readonly variance: number;
  /** Operations of an example. */
  readonly cost: number;
  /** Their product. */
  readonly price: number;
}

/** The best, and all by rising price. */
export interface Recommendation {
  /** The one of least price. */
  readonly estimator: Compared;
  /** All that were compared, by rising price; the order of `COMPARED` where they are equal. */
  readonly prices: readonly Price[];
}

/**
 * Prices every estimator whose variance is known.
 * @throws FimError with `likelihood/kernel`
 */
export function recommend(
  network: Network,
  likelihood: Likelihood,
  { data, label }: Variances,
  request: RecommendationRequest = {},
): Recommendation {
  const { labels = DRAWS, root, exactPairs, costs = {} } = request;
  const prices = COMPARED.flatMap((estimator): Price[] => {
    const own = estimator === 'exact' ? 0 : label[estimator];
    if (own === undefined) return [];
    const drawn = estimator !== 'exact';
    const error = !drawn ? 'none' : labels > 1 ? 'sampled' : 'closed-form';
    const priced = { estimator, labels: drawn ? labels : 0, error, root, exactPairs } as const;
    const variance = data + own / labels;
    const cost = costs[estimator] ?? estimatorCost(network, likelihood, priced);
    return [{ estimator, variance, cost, price: variance * cost }];
  });
  prices.sort((a, b) => a.price - b.price);
  return { estimator: prices[0].estimator, prices };
}

/** `rademacher ×1.2, type1 ×3`: the others by their price relative to the best. */
export function others({ prices }: Recommendation): string {
  const [best, ...rest] = prices;
  return rest.map((p) => `${p.estimator} ${ratio(p.price, best.price)}`).join(', ');
}

function ratio(a: number, b: number): string {
  return b === 0 ? (a === 0 ? '×1' : '×∞') : `×${Number((a / b).toPrecision(2))}`;
}
