/**
 * @module jobs/merge-shards
 *
 * Merging of shards: the sums of all, in the order of their visits, and the estimate that the single run gives. What is missing is named.
 */
import { FimError } from '../core/errors.js';
import { drawnWeights } from '../fisher/diagonal.js';
import {
  type DenseEstimate,
  type DiagonalEstimate,
  estimateFromSums,
  type FisherSums,
  type FormName,
  mergeSums,
  type Population,
} from '../fisher/index.js';
import type { LayersEstimate } from '../fisher/forms/layers/estimate.js';
import type { KnownVisits } from '../fisher/forms/sums.js';
import { proxyVariance } from '../fisher/proxy/proxies.js';
import type { DecidedEstimate } from './decided-estimate.js';

/** How shards are merged. */
export interface MergeOptions {
  /** As it was decided; needed where visits are weighted, or fewer than the examples. */
  readonly decided?: DecidedEstimate | undefined;
  /** Whether the estimate of some of the shards will do. */
  readonly partial?: boolean | undefined;
  /** Default: as decided. */
  readonly population?: Population | undefined;
  /** Of the intervals; default: as decided. */
  readonly level?: number | undefined;
}

/** Visits from…to that no shard holds. */
export function missingSpans(sums: readonly Pick<FisherSums, 'visited'>[]): [from: number, to: number][] {
  const total = sums[0]?.visited?.total ?? 0;
  const spans = sums.flatMap(({ visited }) => visited?.spans ?? []).sort(([a], [b]) => a - b);
  const missing: [number, number][] = [];
  let at = 0;
  for (const [from, to] of [...spans, [total, total] as const]) {
    if (from > at) missing.push([at, from]);
    at = Math.max(at, to);
  }
  return missing;
}

/**
 * Sums of all shards, in the order of their visits. Throws `fisher/sums-differ`, `fisher/sums-overlap`, `estimate/no-shards`, and
 * `estimate/shards-missing` unless a part will do.
 */
export function mergedShards<F extends FormName>(
  sums: readonly FisherSums<F>[],
  { partial = false }: MergeOptions = {},
): FisherSums<F> {
  if (sums.length === 0) throw noShards('none');
  const stranger = sums.find(({ visited }) => visited === null);
  if (stranger) throw noShards('sums that do not say which visits they are of');
  const ordered = [...sums].sort((a, b) => startOf(a) - startOf(b));
  const merged = ordered.reduce((a, b) => mergeSums(a, b));
  const missing = missingSpans([merged]);
  if (missing.length > 0 && !partial) throw shardsMissing(missing);
  return merged;
}

const startOf = ({ visited }: FisherSums): number => visited?.spans[0]?.[0] ?? Infinity;

/**
 * The estimate of all shards, as `runEstimate` gives it. Throws what `mergedShards` throws, `estimate/decided` where what was decided is
 * needed and not given, and `fisher/no-examples`.
 * @throws FimError with `estimate/no-shards`, `estimate/shards-missing`, `fisher/sums-differ`, `fisher/sums-overlap`
 */
export function mergeShards(
  sums: readonly FisherSums<'diagonal'>[],
  options: MergeOptions = {},
): DiagonalEstimate {
  const merged = mergedShards(sums, options);
  const { population, level, decided } = options;
  const made = estimateFromSums(merged, {
    ...(population ? { population } : {}),
    ...(level === undefined ? {} : { level }),
    visits: knownOf(merged, decided),
  });
  return { ...made, visitsHash: decided?.visitsHash ?? null };
}

/**
 * The same of the whole matrix.
 * @throws FimError with `estimate/no-shards`, `estimate/shards-missing`, `fisher/sums-differ`, `fisher/sums-overlap`
 */
export function mergeDenseShards(
  sums: readonly FisherSums<'dense'>[],
  options: MergeOptions = {},
): DenseEstimate {
  const { population } = options;
  return estimateFromSums(mergedShards(sums, options), population ? { population } : {});
}

/**
 * The same of second moments by layer.
 * @throws FimError with `estimate/no-shards`, `estimate/shards-missing`, `fisher/sums-differ`, `fisher/sums-overlap`
 */
export function mergeLayerShards(
  sums: readonly FisherSums<'layers'>[],
  options: MergeOptions = {},
): LayersEstimate {
  const { population } = options;
  return estimateFromSums(mergedShards(sums, options), population ? { population } : {});
}

/** What is known of the examples that were not visited. Throws `estimate/decided` where that was decided and is not given. */
export function knownOf(sums: FisherSums<'diagonal'>, decided: DecidedEstimate | undefined): KnownVisits {
  const weighted = sums.visited?.weighted === true;
  if (!decided) {
    if (!weighted && !('proxy/moments' in sums.parts[0]))
      return { design: null, proxies: null, distinct: null };
    throw new FimError({
      code: 'estimate/decided',
      where: 'shards of an estimate',
      rule: 'merge with what was decided for all of them, where visits are weighted or fewer than the examples',
      next: 'give `decided`, as decideEstimate made it',
    });
  }
  const { design, proxies, list } = decided;
  const u = design ? drawnWeights(design) : undefined;
  return {
    design,
    proxies: proxies && {
      values: proxies.values,
      drawn: proxies.drawn,
      whole: proxyVariance(proxies, u),
    },
    distinct: list && distinctOf(list.indices, sums.visited?.spans ?? []),
  };
}

function distinctOf(indices: Uint32Array, spans: readonly (readonly [number, number])[]): number {
  const seen = new Set<number>();
  for (const [from, to] of spans) for (const x of indices.subarray(from, to)) seen.add(x);
  return seen.size;
}

function noShards(got: string): FimError {
  return new FimError({
    code: 'estimate/no-shards',
    kind: 'usage',
    where: 'shards of an estimate',
    rule: 'at least one, each as shardSums makes it',
    got,
    next: 'make the sums with shardSums',
  });
}

function shardsMissing(missing: readonly (readonly [number, number])[]): FimError {
  return new FimError({
    code: 'estimate/shards-missing',
    where: 'shards of an estimate',
    rule: 'all visits are in one of them',
    got: `none for the visits ${missing.map(([from, to]) => `${from} to ${to - 1}`).join(', ')}`,
    next: 'run those too, or take the estimate of the rest: `partial: true`',
  });
}
