/**
 * @module fisher/forms/diagonal/respan
 *
 * Sums of some visits as those of a longer list that begins with the same: the blocks of their trails become as long as the longer list has
 * them (trail.ts). The estimate of the whole longer list is then to rounding that of one run.
 */
import type { FisherSums, FormName, SumsPart } from '../sums.js';
import { blockSize } from './trail.js';

/** `sums`, which the visits of `longer` are to be added to. */
export function respanned<F extends FormName>(
  sums: FisherSums<F>,
  { visited, settings }: FisherSums<F>,
): FisherSums<F> {
  if (!sums.visited || !visited) return sums;
  const ratio = blockSize(visited.terms) / blockSize(sums.visited.terms);
  return {
    ...sums,
    settings: { ...sums.settings, visits: settings.visits },
    visited: { ...sums.visited, total: visited.total, terms: visited.terms },
    parts: sums.parts.map((part) => (ratio === 1 || !('trail/index' in part) ? part : joined(part, ratio))),
  };
}

/** Blocks of `ratio` neighbours become one, in every trail. */
function joined(part: SumsPart, ratio: number): SumsPart {
  const index = part['trail/index'];
  const blocks = [...new Set(Array.from(index, (i) => Math.floor(i / ratio)))].sort((a, b) => a - b);
  const place = new Map(blocks.map((block, i) => [block, i]));
  const to = Array.from(index, (i) => place.get(Math.floor(i / ratio)) as number);
  const trails = index.length === 0 ? 0 : part['trail/sums'].length / index.length;
  const counts = new Float64Array(blocks.length);
  const sums = new Float64Array(trails * blocks.length);
  to.forEach((block, i) => {
    counts[block] += part['trail/counts'][i];
    for (let t = 0; t < trails; t++)
      sums[t * blocks.length + block] += part['trail/sums'][t * index.length + i];
  });
  return {
    ...part,
    'trail/index': Float64Array.from(blocks),
    'trail/counts': counts,
    'trail/sums': sums,
  };
}

/** The first terms of the total at `set` of those that are stated, in the order of the visits [at most 1,000]; none are kept of weighted examples. */
export function trailTerms(part: SumsPart, set: number): number[] {
  if (!('trail/places' in part)) return [];
  const { length } = part['trail/places'];
  return Array.from(part['trail/first'].subarray(set * length, (set + 1) * length));
}
