/**
 * @module fisher/exact-pairs
 *
 * Number m of a root's columns that are worth a backward pass of their own, with K draws of signs on the rest: the m that minimises
 * (m + K)·τ_m², τ_m the mean share of tr I(h) outside the first m columns over some examples, among those that leave m + K passes fewer
 * than the exact Fisher takes. The variance of the signs goes with τ_m², the work with m + K; where I(h) is spread over many columns, pairs
 * cost more than they bring and m is 0. A forward pass and no other.
 */
import type { Engine } from '../engine/types.js';
import type { Root } from '../likelihood/roots/index.js';
import type { Likelihood, Outputs } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import { openBatch } from './loop.js';
import { Passes } from './passes.js';
import type { ExampleSource } from './source.js';

/** Examples that the shares are taken over. */
export const EXAMPLES_OF_PAIRS = 20;
/** Most columns that are looked at. */
const MOST = 64;

/** The m of least (m + K)·τ_m², and its τ_m. */
export interface ExactPairs {
  /** m. */
  readonly pairs: number;
  /** Share of tr I(h) that is left to the signs. */
  readonly left: number;
}

/** What m is chosen for. */
export interface PairsRequest {
  /** What signs are drawn on. */
  readonly root: Root;
  /** K, draws of signs beside the pairs. */
  readonly draws: number;
  /** Pairs that are taken whatever they are worth; default 0. */
  readonly atLeast?: number;
}

/**
 * Chooses m from the outputs of the network on the examples of `source`, of which it takes one batch.
 * @throws FimError with `fisher/output-not-finite`, `graph/shape`, `likelihood/not-finite`
 */
export async function chooseExactPairs(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  { root, draws, atLeast = 0 }: PairsRequest,
): Promise<ExactPairs> {
  const programs = await Passes.compile(engine, network, {}, EXAMPLES_OF_PAIRS);
  try {
    for (const examples of source(EXAMPLES_OF_PAIRS, programs.dtype)) {
      const { h } = await openBatch(programs, likelihood, examples);
      return best(meanShares(root, h), draws, root.columnCount(h.T), atLeast);
    }
    return { pairs: atLeast, left: 1 };
  } finally {
    programs.dispose();
  }
}

/** τ_0, τ_1, … as means over the rows of h. */
export function meanShares(root: Root, h: Outputs): number[] {
  const { n, T } = h;
  const some = Math.min(MOST, root.columnCount(T) - 1);
  const first = sizes(root, h, some);
  const traces = new Float64Array(n);
  root.trace(h, traces);
  const mean = new Array<number>(some + 1).fill(0);
  for (let i = 0; i < n; i++) {
    let left = traces[i];
    for (let m = 0; m <= some; m++) {
      mean[m] += traces[i] > 0 ? Math.max(0, left) / traces[i] / n : 0;
      left -= first[i * some + m];
    }
  }
  return mean;
}

/** w‖Δ‖² of the first columns, [n, count]. */
function sizes(root: Root, h: Outputs, count: number): Float64Array {
  const { n, T } = h;
  const delta = new Float64Array(n * count * T);
  const out = new Float64Array(n * count);
  if (count > 0) root.columns(h, delta, out, { from: 0, count });
  for (let k = 0; k < n * count; k++) {
    let squares = 0;
    for (let a = k * T; a < (k + 1) * T; a++) squares += delta[a] * delta[a];
    out[k] *= squares;
  }
  return out;
}

function best(shares: readonly number[], draws: number, columns: number, atLeast: number): ExactPairs {
  let pairs = Math.min(atLeast, shares.length - 1);
  shares.forEach((left, m) => {
    const cheaper = (m + draws) * left ** 2 < (pairs + draws) * shares[pairs] ** 2;
    if (m > pairs && cheaper && m + draws < columns) pairs = m;
  });
  return { pairs, left: shares[pairs] };
}
