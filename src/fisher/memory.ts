/**
 * @module fisher/memory
 *
 * Plans how many columns and examples go through at once. The largest array of a backward half has columns × examples × width numbers,
 * width being the widest value of the network or, for a parameter without structured form, its own size. The class axis is cut
 * before the batch is.
 */
import { sizeOf } from '../core/tensor.js';
import { type Dim, nodesOf } from '../graph/index.js';
import type { Network } from '../model/network.js';
import { sitesOf } from '../model/sites.js';

/** Numbers that the largest array of a pass may hold: 128 MiB of float32. */
export const DEFAULT_BUDGET = 2 ** 25;

/** How a pass is cut so that it fits. */
export interface MemoryPlan {
  /** Columns of a chunk, at most those asked for. */
  readonly chunk: number;
  /** Examples of a batch, at most those asked for. */
  readonly batch: number;
}

/** Numbers that one column of one example takes at the widest place. */
export function widestSite(network: Network): number {
  const own = (d: Dim) => (typeof d === 'number' ? d : d.batch);
  let widest = 1;
  for (const node of nodesOf([network.h])) {
    const { shape } = node.output;
    if (shape.some((d) => typeof d !== 'number')) widest = Math.max(widest, sizeOf(shape.map(own)));
  }
  for (const site of sitesOf([network.h], [...network.parameters.values()])) {
    if (site.form === 'fallback') widest = Math.max(widest, sizeOf(site.parameter.shape.map(own)));
  }
  return widest;
}

/** Directions of second derivatives at once. */
const MOST_DIRECTIONS = 256;

/** Batch and directions at once, so that no array of a pass over `columns` columns has more than `budget` numbers. */
export function planSites(
  network: Network,
  columns: number,
  wanted: number,
  budget = DEFAULT_BUDGET,
): { batch: number; chunk: number } {
  const width = widestSite(network);
  const batch = Math.max(1, Math.min(wanted, Math.floor(budget / (columns * width))));
  return { batch, chunk: Math.max(1, Math.min(MOST_DIRECTIONS, Math.floor(budget / (batch * width)))) };
}

/**
 * Fits `columns` × `batch` into the budget; at least `least` columns (2 where Gram matrices are formed from pairs, which are held
 * whole: columns² numbers an example).
 */
export function planMemory(
  network: Network,
  columns: number,
  batch: number,
  least: 1 | 2 = 1,
  budget = DEFAULT_BUDGET,
): MemoryPlan {
  const width = widestSite(network);
  const most = least === 2 ? Math.max(1, Math.min(batch, Math.floor(budget / columns ** 2))) : batch;
  const fit = Math.floor(budget / (most * width));
  if (fit >= columns) return { chunk: columns, batch: most };
  const chunk = Math.min(columns, Math.max(least, fit));
  return { chunk, batch: Math.max(1, Math.min(most, Math.floor(budget / (chunk * width)))) };
}
