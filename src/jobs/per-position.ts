/**
 * @module jobs/per-position
 *
 * Trace of an estimate per position, Σ_n f_n / Σ_n M_n, M_n = Σ_s m_ns the positions of example n that count. With as many in every
 * example, and of the data at hand, whose M is known, it is the trace over M with its error over M. Else the error is that of a ratio, the
 * root of Var(f − R·M)/N over the mean of M; how f and M go together is not kept, so that it is stated as at most sd(f) + R·sd(M), the
 * triangle inequality.
 */
import type { Dataset } from '../data/dataset.js';
import type { Figure, Population } from '../fisher/estimate.js';
import type { Network } from '../model/network.js';

/** The trace per position. */
export interface PerPosition {
  /** Of the mean over examples, for one position. */
  readonly value: number;
  /** Its error; null where that of the trace is not known. */
  readonly standardError: number | null;
  /** Whether the error is a bound: it is at most that. */
  readonly atMost: boolean;
  /** Mean number of positions of an example that count. */
  readonly positions: number;
}

/** How many positions of an example count, over the examples of a data set. */
export interface PositionCounts {
  /** Mean of M_n. */
  readonly mean: number;
  /** Its variance over the examples; 0 for one. */
  readonly variance: number;
  /** How many they are. */
  readonly examples: number;
}

/** null for an output without positions, where none counts, and where examples are weighted. */
export function positionCounts(network: Network, dataset: Dataset): PositionCounts | null {
  const { positions } = network;
  if (!positions || dataset.exampleWeights) return null;
  const counts = countsOf(network, dataset);
  const n = counts.length;
  const mean = counts.reduce((sum, m) => sum + m, 0) / n;
  if (mean === 0) return null;
  const variance = n < 2 ? 0 : counts.reduce((sum, m) => sum + (m - mean) ** 2, 0) / (n - 1);
  return { mean, variance, examples: n };
}

/** From the counts. */
export function perPositionOf(
  { mean, variance, examples: n }: PositionCounts,
  { value, standardError }: Pick<Figure, 'value' | 'standardError'>,
  population: Population,
): PerPosition {
  const spread = population === 'data' ? 0 : variance;
  const ratio = value / mean;
  const error = standardError === null ? null : (standardError + ratio * Math.sqrt(spread / n)) / mean;
  return { value: ratio, standardError: error, atMost: spread > 0, positions: mean };
}

/** From the data; null as `positionCounts`. */
export function perPosition(
  network: Network,
  dataset: Dataset,
  trace: Pick<Figure, 'value' | 'standardError'>,
  population: Population,
): PerPosition | null {
  const counts = positionCounts(network, dataset);
  return counts && perPositionOf(counts, trace, population);
}

/** M_n of every example. */
function countsOf({ positions }: Network, { n, inputs }: Dataset): Float64Array {
  const { count = 1, mask = null, labels = null } = positions ?? {};
  const masks = [mask, labels?.input ?? null].flatMap((name) => {
    const t = name === null ? undefined : inputs.get(name);
    return t ? [t.data] : [];
  });
  return Float64Array.from({ length: n }, (_, e) => {
    let m = 0;
    for (let s = 0; s < count; s++) if (masks.every((data) => Number(data[e * count + s]) > 0)) m += 1;
    return m;
  });
}
