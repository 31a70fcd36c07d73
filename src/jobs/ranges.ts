/**
 * @module jobs/ranges
 *
 * Ranges of the parameters of a network, by layers: each is summed by itself over the same visits with the same draws, for networks whose sums
 * one machine does not hold. A task of a range takes the reverse pass as far down as its layers, and holds sums of these alone; one more
 * takes the totals over all parameters, with no entry of any.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import { sizeOf } from '../core/tensor.js';
import type { DiagonalOptions, SumsRange } from '../fisher/index.js';
import { restricted } from '../fisher/auto.js';
import { networkDigests } from '../fisher/sums/digests.js';
import { type Layer, layersOf } from '../model/layers.js';
import { type Network, parameterCount } from '../model/network.js';

/** Names of the parameters of a range; null: totals alone. */
export type RangeOf = readonly string[] | null;

/** Layers in their order, cut where numbers of parameters come nearest to equal parts. Throws `estimate/ranges`. */
export function rangesOf(network: Network, count: number): readonly (readonly string[])[] {
  const layers = layersOf(network);
  if (!Number.isInteger(count) || count < 1 || count > layers.length)
    throw new FimError({
      code: 'estimate/ranges',
      kind: 'usage',
      where: setting('parameterRanges', count),
      rule: `go by layers: from 1 to ${layers.length} of them`,
      got: String(count),
      next: setting('parameterRanges', layers.length),
    });
  const sizes = layers.map((layer) => sizeIn(network, layer));
  const whole = parameterCount(network);
  const ranges: string[][] = Array.from({ length: count }, () => []);
  let before = 0;
  let range = 0;
  layers.forEach(({ parameters }, i) => {
    const middle = (before + sizes[i] / 2) / whole;
    // As many ranges as are left have at least a layer each.
    const least = Math.max(0, count - (layers.length - i));
    const next = Math.max(least, Math.min(Math.floor(middle * count), count - 1));
    if (ranges[range].length > 0 && next > range) range++;
    ranges[range].push(...parameters);
    before += sizes[i];
  });
  return ranges;
}

const sizeIn = (network: Network, { parameters }: Layer): number =>
  parameters.reduce((sum, p) => sum + sizeOf(network.parameters.get(p)?.shape as readonly number[]), 0);

/** A network and settings of an estimate as a range takes them. */
export interface Ranged<O> {
  readonly network: Network;
  readonly options: O;
  readonly range: SumsRange;
}

/** What a range takes of an estimate. */
export function rangeOf<O extends DiagonalOptions>(network: Network, options: O, names: RangeOf): Ranged<O> {
  const { network: graph, parameters } = networkDigests(network);
  const range = { parameters: names, of: { network: graph, parameters } };
  if (names === null) return { network, options: { ...options, entries: false, groupSums: 0 }, range };
  const { functionals: _f, quadratics: _q, largest: _l, ...plain } = options;
  return { network: { ...restricted(network, names), doubts: [] }, options: plain as O, range };
}
