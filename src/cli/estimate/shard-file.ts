/**
 * @module cli/estimate/shard-file
 *
 * File of a shard: the sums of the diagonal, those of the matrix as `dense/…` and of forms by layer as `layers/…`, the bases of scales, and in the manifest the facts that the estimate of the whole
 * is told with.
 */
import type { Tensor } from '../../core/tensor.js';
import type { ArrayFile } from '../../data/array-file.js';
import { openArraysAt } from '../../disk/arrays.js';
import { writeArrays } from '../../disk/index.js';
import { type FisherSums, sumsFromArrays, sumsToArrays } from '../../fisher/index.js';
import type { SumsRecord } from '../../fisher/forms/sums.js';
import { sumsRecordOf } from '../../fisher/sums/arrays.js';
import { type EstimateFacts, THETA } from './facts.js';

/** What it holds. */
export interface ShardFile {
  /** I of N, I from 1. */
  readonly name: { readonly index: number; readonly count: number };
  readonly diagonal: FisherSums<'diagonal'>;
  /** Null: the matrix was not asked for. */
  readonly dense: FisherSums<'dense'> | null;
  /** Null: no form by layer was asked for. */
  readonly layers: FisherSums<'layers'> | null;
  /** Of the scales among them: `ekfac/…`, of the first shard. */
  readonly bases: ReadonlyMap<string, Tensor>;
  readonly facts: EstimateFacts;
  /** θ, as `theta/…`: of the first shard, for the file of the whole. */
  readonly theta: ReadonlyMap<string, Tensor>;
  /** That it took. */
  readonly seconds: number;
}

const DENSE = 'dense/';
const LAYERS = 'layers/';
const BASES = 'ekfac/';

/** Whether an array is none of the diagonal's. */
const beside = (key: string): boolean =>
  [DENSE, LAYERS, BASES, THETA].some((prefix) => key.startsWith(prefix));

/** Writes it in one step. */
export function writeShardFile(
  path: string,
  { name, diagonal, dense, layers, bases, facts, theta, seconds }: ShardFile,
): void {
  const own = sumsToArrays(diagonal);
  const matrix = dense && sumsToArrays(dense);
  const moments = layers && sumsToArrays(layers);
  const arrays = new Map<string, Tensor>([
    ...own.arrays,
    ...theta,
    ...bases,
    ...[...(moments?.arrays ?? [])].map(([key, t]) => [`${LAYERS}${key}`, t] as const),
    ...[...(matrix?.arrays ?? [])].map(([key, t]) => [`${DENSE}${key}`, t] as const),
  ]);
  writeArrays(path, arrays, {
    ...own.manifest,
    beside: { name, facts, seconds, dense: matrix?.manifest ?? null, layers: moments?.manifest ?? null },
  });
}

/** What of it merging looks at before it adds anything up. */
export interface ShardHead extends Pick<ShardFile, 'name' | 'facts' | 'seconds'> {
  readonly diagonal: SumsRecord<'diagonal'>;
  /** Null: the matrix was not asked for. */
  readonly dense: SumsRecord<'dense'> | null;
  /** Null: no form by layer was asked for. */
  readonly layers: SumsRecord<'layers'> | null;
}

/** All but its arrays. Throws `fisher/sums-file` and what `readArrays` throws. */
export function readShardHead(path: string): ShardHead {
  return headOf(openArraysAt(path), path);
}

function headOf(file: ArrayFile, path: string): ShardHead {
  const { beside: own, ...manifest } = file.manifest() ?? {};
  const { name, facts, seconds, dense, layers } = (own ?? {}) as Partial<
    Pick<ShardFile, 'name' | 'facts' | 'seconds'> & Record<'dense' | 'layers', Record<string, unknown> | null>
  >;
  const known = name && facts && seconds !== undefined;
  const recordOf = (of: Readonly<Record<string, unknown>> | null) =>
    sumsRecordOf({ where: path, manifest: () => (known ? of : null) });
  const diagonal = recordOf(manifest) as ShardHead['diagonal'];
  return {
    name,
    facts,
    seconds,
    diagonal,
    dense: dense ? recordOf(dense) : null,
    layers: layers ? recordOf(layers) : null,
  } as ShardHead;
}

/** Reads it, holding one array at a time beside those that are read. Throws `fisher/sums-file` and what `readArrays` throws. */
export function readShardFile(path: string): ShardFile {
  const file = openArraysAt(path);
  const { name, facts, seconds, dense, layers } = headOf(file, path);
  const { beside: own, ...manifest } = file.manifest() ?? {};
  const ofTheta = file.names.filter((key) => key.startsWith(THETA));
  const of = (prefix: string, told: unknown) =>
    sumsFromArrays({
      where: path,
      names: file.names.flatMap((key) =>
        (prefix === '' ? !beside(key) : key.startsWith(prefix)) ? [key.slice(prefix.length)] : [],
      ),
      get: (key) => file.get(`${prefix}${key}`),
      manifest: () => told as Readonly<Record<string, unknown>>,
    });
  const diagonal = of('', manifest) as FisherSums<'diagonal'>;
  const parts = own as Readonly<Record<'dense' | 'layers', unknown>>;
  const matrix = dense ? (of(DENSE, parts.dense) as FisherSums<'dense'>) : null;
  const moments = layers ? (of(LAYERS, parts.layers) as FisherSums<'layers'>) : null;
  const ofBases = file.names.filter((key) => key.startsWith(BASES));
  const bases = new Map(ofBases.map((key) => [key, file.get(key)]));
  const theta = new Map(ofTheta.map((key) => [key, file.get(key)]));
  return { name, diagonal, dense: matrix, layers: moments, bases, facts, theta, seconds };
}
