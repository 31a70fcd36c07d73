/**
 * @module jobs/gram-shards
 *
 * Rows of the Fisher over a shard of the visits: of dense layers their factors a and g, m·(in + 1) + m·K·out numbers, of others the rows in full.
 * Parts go one below the other in the order of their visits and are the rows of the single run, bit for bit; every product between rows of
 * two parts follows from them.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { gramRows, requireRowsRoom } from '../fisher/gram/gram.js';
import type { DiagonalEstimate } from '../fisher/index.js';
import type { DecidedEstimate } from './decided-estimate.js';
import { stretchOf } from './grouped.js';
import { COLUMNS, type GramMade, rowArrays, withGroups } from './matrix/gram.js';
import { refuseWeights } from './matrix/implicit.js';
import type { EstimateListener, EstimateSubject } from './request.js';
import { prepareShard, type ShardOf } from './shard.js';
import { turn } from './yielding.js';

/**
 * Rows over a shard, as arrays; `interrupted` where the signal ended them early. Throws `fisher/gram` where they take more memory than may be
 * held, `matrix/weights`, and what `shardSums` throws.
 */
export async function gramShardRows(
  given: EstimateSubject,
  decided: DecidedEstimate,
  part: ShardOf,
  { signal }: Pick<EstimateListener, 'signal'> = {},
): Promise<GramMade> {
  refuseWeights(given.dataset);
  const { subject, options, stretch, span } = prepareShard(given, decided, part, {});
  const { engine, network, likelihood, dataset, targets } = subject;
  const { estimator, labels = 1, exactPairs, root, seed = 0, classWeights, batch = 256 } = options;
  const examples = span.to - span.from;
  const rows = await gramRows(
    engine,
    network,
    likelihood,
    stretchOf(dataset, { ...stretch, groups: 0, mingled: undefined }),
    {
      ...{ estimator, labels: Math.max(1, labels), seed, examples, batch },
      ...(options.memory === undefined ? {} : { memory: options.memory }),
      ...(exactPairs ? { exactPairs } : {}),
      ...(root ? { root } : {}),
      ...(classWeights ? { classWeights } : {}),
      ...(targets ? { targets } : {}),
      ...(signal ? { signal } : {}),
      pause: turn,
      instead: insteadOf(decided.examples),
    },
  );
  const parameters = [...network.parameters].map(([name, { shape }]) => ({ name, shape: shape as number[] }));
  return { ...rowArrays(rows, parameters), interrupted: rows.interrupted, examples: rows.examples };
}

/** Throws `fisher/gram` where the rows of the largest of `count` parts take more memory than may be held. */
export async function requireRowsFit(
  given: EstimateSubject,
  decided: DecidedEstimate,
  count: number,
): Promise<void> {
  const { examples, request } = decided;
  const { arrays } = await gramShardRows(given, decided, { from: 0, to: 1 });
  const [columns] = (arrays.get(COLUMNS) as Tensor).data as Float64Array;
  const { memory } = request;
  requireRowsRoom(given.network, Math.ceil(examples / count), columns, {
    memory,
    instead: insteadOf(examples),
  });
}

/** What is done where the rows of a part do not fit. */
const insteadOf =
  (total: number) =>
  (most: number): string =>
    `${setting('tasks', Math.ceil(total / Math.max(1, most)))} or as many shards, ${setting('form', 'implicit')} of a spectrum, which holds no rows, or ${setting('form', 'dense')}, whose parts are sums`;

/** Rows of all parts in the order of their visits, one below the other. */
export function joinedRows(parts: readonly GramMade[]): GramMade {
  const [first] = parts;
  const arrays = new Map(
    [...first.arrays].map(([name, own]) => [
      name,
      isRows(name) ? below(parts.map((part) => part.arrays.get(name) as Tensor)) : own,
    ]),
  );
  return {
    layers: first.layers,
    arrays,
    interrupted: parts.some(({ interrupted }) => interrupted),
    examples: parts.reduce((sum, { examples }) => sum + examples, 0),
  };
}

const isRows = (name: string): boolean => name.startsWith('gram/') && name !== COLUMNS;

/** Arrays [n_i, …] as one [Σ n_i, …]. */
function below(parts: readonly Tensor[]): Tensor {
  const [, ...own] = parts[0].shape;
  const out = new Float64Array(parts.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const { data } of parts) {
    out.set(data as Float64Array, at);
    at += data.length;
  }
  return tensor('float64', [parts.reduce((sum, { shape }) => sum + shape[0], 0), ...own], out);
}

/**
 * The rows of all parts, in the order of their visits, as the single run has them beside its diagonal. Throws `estimate/no-shards`.
 */
export function mergeGramShards(
  parts: readonly GramMade[],
  diagonal: Pick<DiagonalEstimate, 'groupSums'>,
  order: 'seed' | 'file' = 'seed',
): GramMade {
  if (parts.length === 0)
    throw new FimError({
      code: 'estimate/no-shards',
      kind: 'usage',
      where: 'shards of rows',
      rule: 'at least one, each as gramShardRows makes it',
      got: 'none',
    });
  return withGroups(joinedRows(parts), diagonal, order);
}
