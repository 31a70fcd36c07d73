/**
 * @module cli/estimate/shard-file
 *
 * File of a shard: the sums of the diagonal, those of the matrix as `dense/…` and of forms by layer as `layers/…`, rows as `rows/gram/…`, the bases of scales, and in the manifest the facts that the estimate of the whole
 * is told with. It is sealed (store/sealed-arrays): sums that were edited, or that another version of fim wrote, are not added up.
 */
import { FimError } from '../../core/errors.js';
import { quote } from '../../core/shell.js';
import type { Tensor } from '../../core/tensor.js';
import type { Manifest } from '../../data/manifest.js';
import { openArraysAt } from '../../disk/arrays.js';
import { writeArrays } from '../../disk/index.js';
import { type FisherSums, sumsFromArrays, sumsToArrays } from '../../fisher/index.js';
import type { SumsRecord } from '../../fisher/forms/sums.js';
import type { GramMade } from '../../jobs/matrix/gram.js';
import { sumsRecordOf } from '../../fisher/sums/arrays.js';
import { sealedManifest, type Unsealed, unsealedArrays } from '../../store/sealed-arrays.js';
import type { CommandManifest } from '../manifest.js';
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
  /** Null: no rows were asked for. */
  readonly rows: GramMade | null;
  /** Of the scales among them: `ekfac/…`, of the first shard. */
  readonly bases: ReadonlyMap<string, Tensor>;
  readonly facts: EstimateFacts;
  /** θ, as `theta/…`: of the first shard, for the file of the whole. */
  readonly theta: ReadonlyMap<string, Tensor>;
  /** That it took. */
  readonly seconds: number;
}

/** The layout of the file. */
const SCHEMA = 'shard/1';

const DENSE = 'dense/';
const LAYERS = 'layers/';
const ROWS = 'rows/';
const BASES = 'ekfac/';

/** Whether an array is none of the diagonal's. */
const beside = (key: string): boolean =>
  [DENSE, LAYERS, ROWS, BASES, THETA].some((prefix) => key.startsWith(prefix));

/** Writes it in one step. */
export function writeShardFile(
  path: string,
  { name, diagonal, dense, layers, rows, bases, facts, theta, seconds }: ShardFile,
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
    ...[...(rows?.arrays ?? [])].map(([key, t]) => [`${ROWS}${key}`, t] as const),
  ]);
  const manifest = {
    ...own.manifest,
    beside: {
      ...{ name, facts, seconds, dense: matrix?.manifest ?? null, layers: moments?.manifest ?? null },
      rows: rows && toldOf(rows),
    },
  };
  writeArrays(path, arrays, sealedManifest(SCHEMA, arrays, manifest));
}

/** What is said of rows beside their arrays. */
const toldOf = ({ layers, examples, interrupted, arrays }: GramMade): RowsHead => ({
  ...{ layers, examples, interrupted },
  bytes: [...arrays.values()].reduce((sum, { data }) => sum + data.byteLength, 0),
});

const rowsOf = ({ layers, examples, interrupted }: RowsHead, arrays: GramMade['arrays']): GramMade => ({
  ...{ layers, examples, interrupted, arrays },
});

/** Rows without their numbers. */
export interface RowsHead extends Omit<GramMade, 'arrays'> {
  /** That the arrays take. */
  readonly bytes: number;
}

/** What of it merging looks at before it adds anything up. */
export interface ShardHead extends Pick<ShardFile, 'name' | 'facts' | 'seconds'> {
  readonly diagonal: SumsRecord<'diagonal'>;
  /** Null: the matrix was not asked for. */
  readonly dense: SumsRecord<'dense'> | null;
  /** Null: no form by layer was asked for. */
  readonly layers: SumsRecord<'layers'> | null;
  /** Null: no rows were asked for. */
  readonly rows: RowsHead | null;
}

/** All but its arrays. Throws `fisher/sums-file`, `shard/seal` and what `readArrays` throws. */
export function readShardHead(path: string): ShardHead {
  return headOf(openShard(path).manifest, path);
}

/** What a file says that it is, sealed or not. */
export interface Claim {
  readonly name: ShardFile['name'];
  readonly command: CommandManifest;
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x);

/** Which shard of what command it says that it is; null: it says nothing of the kind. Throws what `readArrays` throws. */
export function claimOf(path: string): Claim | null {
  const { name, facts } = (openArraysAt(path).manifest()?.beside ?? {}) as Readonly<Record<string, unknown>>;
  const command = isRecord(facts) ? facts.command : null;
  const known = isRecord(name) && Number.isSafeInteger(name.index) && Number.isSafeInteger(name.count);
  const whole = isRecord(command) && isRecord(command.arguments) && isRecord(command.options);
  return known && whole ? ({ name, command } as unknown as Claim) : null;
}

/** Throws `fisher/sums-file` for what is no file of sums, `shard/seal` for one that is not as it was written. */
function openShard(path: string): Unsealed {
  const file = openArraysAt(path);
  sumsRecordOf(file);
  const opened = unsealedArrays(SCHEMA, file);
  if (typeof opened === 'string') throw brokenSeal(path, opened);
  return opened;
}

function brokenSeal(path: string, got: string): FimError {
  const name = claimOf(path)?.name;
  const part = name ? `${name.index}/${name.count}` : 'I/N';
  return new FimError({
    code: 'shard/seal',
    where: path,
    rule: 'sums of a part are added up as they were written, by this version of fim: a seal in their manifest says so',
    got,
    cause: 'the file was edited or damaged, or another version or an earlier build of fim wrote it',
    next: `make this part again: the same \`fim estimate … --shard ${part} --out ${quote(path)}\``,
  });
}

function headOf({ beside: own, ...manifest }: Manifest, path: string): ShardHead {
  const { name, facts, seconds, dense, layers, rows } = (own ?? {}) as Partial<
    Pick<ShardHead, 'name' | 'facts' | 'seconds' | 'rows'> &
      Record<'dense' | 'layers', Record<string, unknown> | null>
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
    rows: rows ?? null,
  } as ShardHead;
}

/** Reads it, holding one array at a time beside those that are read. Throws `fisher/sums-file`, `shard/seal` and what `readArrays` throws. */
export function readShardFile(path: string): ShardFile {
  const file = openShard(path);
  const { name, facts, seconds, dense, layers, rows } = headOf(file.manifest, path);
  const { beside: told, ...manifest } = file.manifest;
  const get = (key: string): Tensor => {
    const t = file.get(key);
    if (typeof t === 'string') throw brokenSeal(path, t);
    return t;
  };
  const among = (prefix: string): Map<string, Tensor> =>
    new Map(file.names.filter((key) => key.startsWith(prefix)).map((key) => [key, get(key)]));
  const of = (prefix: string, told: unknown) =>
    sumsFromArrays({
      where: path,
      names: file.names.flatMap((key) =>
        (prefix === '' ? !beside(key) : key.startsWith(prefix)) ? [key.slice(prefix.length)] : [],
      ),
      get: (key) => get(`${prefix}${key}`),
      manifest: () => told as Readonly<Record<string, unknown>>,
    });
  const diagonal = of('', manifest) as FisherSums<'diagonal'>;
  const parts = told as Readonly<Record<'dense' | 'layers', unknown>>;
  const matrix = dense ? (of(DENSE, parts.dense) as FisherSums<'dense'>) : null;
  const moments = layers ? (of(LAYERS, parts.layers) as FisherSums<'layers'>) : null;
  const own = [...among(ROWS)].map(([key, t]) => [key.slice(ROWS.length), t] as const);
  return {
    ...{ name, facts, seconds },
    ...{ diagonal, dense: matrix, layers: moments, rows: rows && rowsOf(rows, new Map(own)) },
    bases: among(BASES),
    theta: among(THETA),
  };
}
