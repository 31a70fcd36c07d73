/**
 * @module fisher/cost
 *
 * Cost of an estimator, counted per example from shapes (fisher/network-shapes): no graph is derived and no clock is read, so that the
 * same choice is made on every machine. The unit is one operation of a matrix product at the rate of ONNX Runtime; an element that an
 * engine passes over takes as long as `ELEMENT` of them, a number that the host works on as long as `HOST` (medians on one core).
 *
 *   a column         on its way back (backward), and its T numbers filled by the host
 *   f, f², 𝒱         squares and weighted sums at the neurons, K·g each, and a product g × in for each sum of a dense site
 *   pairwise 𝒱       sums over pairs of columns, K²g operations a site; to 24 columns K² numbers a site on the host
 *   draws            T numbers each, ten passes over them; eigenvectors T² more
 *   merging          each sum of P numbers, once a batch
 */
import { type RootChoice, rootFor, type RootName } from '../likelihood/roots/index.js';
import type { Likelihood } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import type { ErrorSource, Estimator } from './estimate.js';
import { ESTIMATORS } from './estimators/table.js';
import { planPasses } from './forms/diagonal/plan.js';
import type { PassSpec } from './forms/diagonal/statistics.js';
import { type NetworkShapes, shapesOf, type SiteShape } from './network-shapes.js';
import { plus, work, type Work } from './work.js';

/** Operations of a matrix product that an element in an engine takes as long as. */
const ELEMENT = 20;
/** The same for a number on the host. */
const HOST = 100;
/** Passes of the host over a number of a sum that is merged, and over an output of which a label or sign is drawn. */
const MERGED = 8;
const DRAWN = 10;
/** Passes over T² numbers that eigenvectors take, by bisection. */
const SECULAR = 60;
/** Operations of a symmetric eigenproblem of n rows, and of the products around it, in n³. */
const EIGENPROBLEM = 10;
/** Examples of a batch, over which the merging of its sums is shared out. */
const BATCH = 256;
/** Columns up to which third moments are taken of Gram matrices (forms/diagonal/groups). */
const THIRD = 24;

/** Columns of which sums over earlier ones are one product (scores/column-statistics), twice. */
const PREFIX = 64;

/** An estimator with its settings. */
export interface Priced {
  /** Which estimator. */
  readonly estimator: Estimator;
  /** Draws of labels an example; 0 for an estimator that draws none. */
  readonly labels: number;
  /** Where the label error comes from. */
  readonly error: ErrorSource;
  /** Of signs. */
  readonly root?: RootChoice | undefined;
  /** Columns of the root that are taken exactly beside them. */
  readonly exactPairs?: number | undefined;
}

/** In operations of a matrix product. */
const weigh = ({ products, elements, host }: Work): number => products + ELEMENT * elements + HOST * host;

/** Operations per example of the forward half alone. */
export const forwardCost = (network: Network): number => weigh(shapesOf(network).forward);

/**
 * Cost of one example by an estimator with its errors, forward half included, in operations of a matrix product.
 * @throws FimError with `likelihood/kernel`
 */
export const estimatorCost = (network: Network, likelihood: Likelihood, priced: Priced): number =>
  weigh(estimatorWork(network, likelihood, priced));

/**
 * The engine's operations in it, products and others, each counted once.
 * @throws FimError with `likelihood/kernel`
 */
export function estimatorOperations(network: Network, likelihood: Likelihood, priced: Priced): number {
  const { products, elements } = estimatorWork(network, likelihood, priced);
  return products + elements;
}

function estimatorWork(network: Network, likelihood: Likelihood, priced: Priced): Work {
  const shapes = shapesOf(network);
  const { estimator, labels, error } = priced;
  const T = shapes.outputs;
  const source = ESTIMATORS[estimator];
  const request = {
    likelihood,
    outputs: T,
    draws: labels,
    root: rootFor(likelihood, T, priced.root),
    exactPairs: priced.exactPairs ?? 0,
  };
  const start = plus(shapes.forward, drawing(priced, request.root.name, T));
  if (source.curved) return plus(start, curvedWork(shapes, likelihood, labels, error));
  const { value, spread } = planPasses(source, error, request);
  const passes = spread ? [value.spec, spread.spec] : [value.spec];
  return passes.reduce((sum, spec) => plus(sum, passWork(shapes, spec)), start);
}

/** The host's part in draws of labels or signs. */
function drawing({ estimator, labels }: Priced, root: RootName, T: number): Work {
  const each = work({ host: labels * DRAWN * T });
  if (estimator !== 'rademacher' || root === 'class') return each;
  const drawn = 2 * DRAWN * labels * T ** 2;
  if (root === 'kernel') return plus(each, work({ host: EIGENPROBLEM * T ** 3 + drawn }));
  // Eigenvectors, or classes put in order.
  return plus(each, work({ host: root === 'eigen' ? SECULAR * T ** 2 + drawn : 2 * T * Math.log2(T) }));
}

/** One pass over the columns of a source. */
function passWork(shapes: NetworkShapes, spec: PassSpec): Work {
  const { columns: K, fixed = 0, squares, label, weighted, totals } = spec;
  const sums = 1 + (squares ? 1 : 0) + (label ? 1 : 0) + (weighted ? 1 : 0);
  const some = shapes.sites.length;
  const gram = totals === 'gram' ? 2 * K ** 2 * some + (K <= THIRD ? K ** 3 * some : 0) : K * some;
  const host = (sums * MERGED * shapes.parameters) / BATCH + 2 * K * shapes.outputs + 2 * gram;
  const way = plus(work({ host }), shapes.backward, K);
  return shapes.sites.reduce((sum, site) => plus(sum, statisticWork(site, spec, K - fixed)), way);
}

/** Statistics at the neurons of one site, and their sums over the examples. */
function statisticWork(site: SiteShape, spec: PassSpec, drawn: number): Work {
  const { neurons: g, width, shared } = site;
  const { squares, label, weighted } = spec;
  const sums = 1 + (weighted ? 1 : 0) + (squares ? 1 : 0) + (label ? 1 : 0);
  const sum = work({ products: 2 * g * width, elements: g });
  return plus(shared ? work() : neuronWork(g, spec, drawn), sum, sums);
}

/** At g neurons, before the sums over the examples. */
function neuronWork(g: number, { columns: K, label, totals }: PassSpec, drawn: number): Work {
  // Squares and their weighted sum.
  let all = work({ elements: 2 * K * g });
  if (label) all = plus(all, work({ elements: 3 * drawn * g }));
  if (label === 'pairwise') all = plus(all, work({ products: 2 * Math.min(drawn, PREFIX) * drawn * g }));
  if (totals === 'norms') return plus(all, work({ elements: 2 * K * g }));
  // Half of the pairs.
  if (totals === 'pairs') return plus(all, work({ products: drawn ** 2 * g, elements: 2 * drawn ** 2 }));
  return totals === 'gram' ? plus(all, work({ products: 2 * K ** 2 * g, elements: K ** 2 })) : all;
}

/** Type 2 and mixes: one pass over the exact columns and the labels, with second derivatives along them. */
function curvedWork(shapes: NetworkShapes, likelihood: Likelihood, labels: number, error: ErrorSource): Work {
  const columns = likelihood.columnCount(shapes.outputs);
  const draws = error === 'sampled' ? labels : 1;
  const pairwise = likelihood.labelKind === 'pairwise' && error !== 'sampled';
  const totals = pairwise ? 'gram' : 'norms';
  const pass = passWork(shapes, { columns: columns + draws, squares: true, label: 'enumerated', totals });
  return plus(plus(pass, shapes.tangents), shapes.curvature, columns + draws);
}
