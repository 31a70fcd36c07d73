/**
 * @module cli/estimate/shard-file
 *
 * File of a shard: the sums of the diagonal, those of the matrix as `dense/…`, and in the manifest the facts that the estimate of the whole
 * is told with.
 */
import type { Tensor } from '../../core/tensor.js';
import { readArrays, writeArrays } from '../../disk/index.js';
import { type FisherSums, sumsFromArrays, sumsToArrays } from '../../fisher/index.js';
import { type EstimateFacts, THETA } from './facts.js';

/** What it holds. */
export interface ShardFile {
  /** I of N, I from 1. */
  readonly name: { readonly index: number; readonly count: number };
  readonly diagonal: FisherSums<'diagonal'>;
  /** Null: the matrix was not asked for. */
  readonly dense: FisherSums<'dense'> | null;
  readonly facts: EstimateFacts;
  /** θ, as `theta/…`: of the first shard, for the file of the whole. */
  readonly theta: ReadonlyMap<string, Tensor>;
  /** That it took. */
  readonly seconds: number;
}

const DENSE = 'dense/';

/** Writes it in one step. */
export function writeShardFile(
  path: string,
  { name, diagonal, dense, facts, theta, seconds }: ShardFile,
): void {
  const own = sumsToArrays(diagonal);
  const matrix = dense && sumsToArrays(dense);
  const arrays = new Map<string, Tensor>([
    ...own.arrays,
    ...theta,
    ...[...(matrix?.arrays ?? [])].map(([key, t]) => [`${DENSE}${key}`, t] as const),
  ]);
  writeArrays(path, arrays, {
    ...own.manifest,
    beside: { name, facts, seconds, dense: matrix?.manifest ?? null },
  });
}

/** Reads it. Throws `fisher/sums-file` and what `readArrays` throws. */
export function readShardFile(path: string): ShardFile {
  const file = readArrays(path);
  const { beside, ...manifest } = file.manifest() ?? {};
  const { name, facts, seconds, dense } = (beside ?? {}) as Partial<
    Pick<ShardFile, 'name' | 'facts' | 'seconds'> & { dense: Record<string, unknown> | null }
  >;
  const ofTheta = file.names.filter((key) => key.startsWith(THETA));
  const known = name && facts && seconds !== undefined;
  const of = (prefix: string, other: Readonly<Record<string, unknown>> | null) =>
    sumsFromArrays({
      where: path,
      names: file.names.flatMap((key) =>
        !key.startsWith(THETA) && key.startsWith(DENSE) === (prefix !== '') ? [key.slice(prefix.length)] : [],
      ),
      get: (key) => file.get(`${prefix}${key}`),
      manifest: () => (known ? other : null),
    });
  const diagonal = of('', manifest) as FisherSums<'diagonal'>;
  const matrix = dense ? (of(DENSE, dense) as FisherSums<'dense'>) : null;
  const theta = new Map(ofTheta.map((key) => [key, file.get(key)]));
  return { name, diagonal, dense: matrix, facts, theta, seconds } as ShardFile;
}
