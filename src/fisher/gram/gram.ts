/**
 * @module fisher/gram
 *
 * Rows of the Fisher of m examples, F = (1/m) Σ_x Σ_k s_xk s_xkᵀ with the roots of the columns' weights in s: of a weight that one position of
 * an example meets s_xk = g_xk a_xᵀ in its factors a [m, in (+ 1)] and g [m·K, out], of any other parameter in full [m·K, n]. Nothing of
 * size P × P is formed, and of dense layers nothing of size m × P. Rows of different examples lie one after the other, so that those of parts
 * of the examples are put together by writing one below the other.
 */
import { FimError } from '../../core/errors.js';
import { sizeText } from '../../core/settings/bytes.js';
import { setting } from '../../core/settings/reference.js';
import { type FloatArray, sizeOf } from '../../core/tensor.js';
import type { Engine } from '../../engine/types.js';
import { input, N, ops as b, type Value } from '../../graph/index.js';
import type { Likelihood } from '../../likelihood/types.js';
import type { Network } from '../../model/network.js';
import { type Layer, layersOf, layerSize } from '../../scores/layers.js';
import { type Score, scoresOf } from '../../scores/index.js';
import { ESTIMATORS } from '../estimators/table.js';
import type { LayerItem } from '../forms/layers/items.js';
import { inputRows, itemRows } from '../forms/layers/rows.js';
import { checkSettings, jobOf } from '../job.js';
import { type Accumulation, columnsOf, loop } from '../loop.js';
import type { DiagonalOptions } from '../options.js';
import { floats } from '../scratch.js';
import type { ExampleSource } from '../source.js';

/** Rows of a layer. */
export interface GramLayer extends Layer {
  /** a [m, in (+ 1)]; null: the rows are in full. */
  readonly inputs: Float64Array | null;
  /** g [m·K, out], or rows in full [m·K, n]. */
  readonly rows: Float64Array;
  /** Numbers of one of `rows`. */
  readonly width: number;
}

/** Rows of the Fisher of some examples. */
export interface GramRows {
  /** In the order of the weights; parameters that do not reach the output are not among them. */
  readonly layers: readonly GramLayer[];
  /** m. */
  readonly examples: number;
  /** K. */
  readonly columns: number;
  /** Whether a signal ended it early. */
  readonly interrupted: boolean;
}

/** Settings: those of a diagonal of uniform visits. */
export interface GramOptions extends Pick<
  DiagonalOptions,
  | 'estimator'
  | 'labels'
  | 'seed'
  | 'targets'
  | 'classWeights'
  | 'root'
  | 'exactPairs'
  | 'batch'
  | 'memory'
  | 'signal'
> {
  /** m, the examples of the source. */
  readonly examples: number;
  /** What to do where no more than `most` examples have room for their rows; default: visit so few, or hold none. */
  instead?(most: number): string;
  /** Lets timers and signals be heard, after each batch. */
  pause?(): Promise<void>;
  /** After each batch, with the examples done. */
  onBatch?(examples: number): void;
}

const MOST_BYTES = 2 ** 30;

/**
 * The rows. Throws `fisher/gram` for an estimator that is not made of scores and where they take more memory than may be held.
 * @throws FimError with `engine/memory`, `fisher/draws`, `fisher/exact-pairs`, `fisher/output-not-finite`, `fisher/positions`,
 * `fisher/targets`, `graph/examples-coupled`, `graph/shape`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`,
 * `likelihood/not-finite`, `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `memory/too-small`, `random/index`, `random/seed`,
 * `tensor/size`
 */
export async function gramRows(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: GramOptions,
): Promise<GramRows> {
  checkSettings(network, likelihood, options);
  if (ESTIMATORS[options.estimator].curved) throw notOfScores(options.estimator);
  const { onBatch: _b, pause: _p, instead = fewer, examples: m, ...asked } = options;
  const job = await jobOf(engine, network, likelihood, source, {
    ...asked,
    error: 'sampled',
    populationSize: m,
  });
  const columns = columnsOf({ ...job, doubts: [] });
  const K = columns.columns;
  const layers = layersOf(network).filter(({ reached }) => reached);
  requireRoom(layers, m, K, { memory: options.memory, instead });
  const graph = rowsGraph(network, layers, K);
  const made = layers.map((layer): GramLayer => {
    const factored = isFactored(layer);
    const width = factored ? (layer.matrix?.outputs ?? 0) : layerSize(layer);
    const inputs = factored ? new Float64Array(m * inputsWidth(layer)) : null;
    return { ...layer, inputs, rows: new Float64Array(m * K * width), width };
  });
  let done = 0;
  const form: Accumulation = {
    graphs: { gram: graph },
    batch: Math.min(job.batch, m),
    doubts: null,
    async run(programs, batch) {
      const { n, T } = batch.h;
      const [ct, w] = [floats(programs.dtype, n * K * T), floats(programs.dtype, n * K)];
      columns.fill(batch, { from: 0, count: K }, ct, w);
      const output = await programs.backward('gram', { ct, w }, n);
      return async ({ pause }) => {
        made.forEach(({ inputs, rows, width }, i) => {
          rows.set(output(`g/${i}`) as FloatArray, done * K * width);
          inputs?.set(output(`a/${i}`) as FloatArray, done * (inputs.length / m));
        });
        done += n;
        await pause?.();
        return false;
      };
    },
  };
  const { interrupted } = await loop([{ job: { ...job, doubts: [] }, forms: [form] }], source, {
    signal: options.signal,
    pause: options.pause,
    onBatch: () => options.onBatch?.(done),
  });
  const cut = made.map((layer) => ({
    ...layer,
    inputs: layer.inputs && layer.inputs.subarray(0, done * (layer.inputs.length / m)),
    rows: layer.rows.subarray(0, done * K * layer.width),
  }));
  return { layers: cut, examples: done, columns: K, interrupted };
}

/** Bytes of the rows of m examples by K columns. */
export function gramBytes(network: Network, m: number, K: number): number {
  return bytesOf(
    layersOf(network).filter(({ reached }) => reached),
    m,
    K,
  );
}

const isFactored = ({ matrix }: Layer): boolean => matrix?.positions === 1 && matrix.groups === 1;

const inputsWidth = ({ matrix, bias }: Layer): number => (matrix?.inputs ?? 0) + (bias === null ? 0 : 1);

const bytesOf = (layers: readonly Layer[], m: number, K: number): number =>
  8 *
  layers.reduce(
    (sum, layer) =>
      sum +
      (isFactored(layer)
        ? m * inputsWidth(layer) + m * K * (layer.matrix?.outputs ?? 0)
        : m * K * layerSize(layer)),
    0,
  );

/** Outputs a/i [N, in (+ 1)] and g/i [N, K·out], or g/i [N, K·n] in full, times √w. */
function rowsGraph({ h, parameters }: Network, layers: readonly Layer[], K: number) {
  const ct = input('ct', h.dtype, [N, K, h.shape[1]]);
  const w = input('w', h.dtype, [N, K]);
  const scores = new Map(
    scoresOf(h, [...parameters.values()], ct).map((s) => [s.site.parameter, s] as const),
  );
  const of = (name: string): Score => scores.get(parameters.get(name) as Value) as Score;
  const root = b.reshape(b.sqrt(w), [N, K, 1]);
  // A program computes what it returns: inputs, which it is given, are returned as a sum with what it computes.
  const nothing = b.scale(b.reduceSum(w, [1], true), 0);
  const outputs: Record<string, Value> = {};
  layers.forEach((layer, i) => {
    const own = { weight: of(layer.weight), bias: layer.bias === null ? null : of(layer.bias) };
    const factored = isFactored(layer);
    const width = factored ? (layer.matrix?.outputs ?? 0) : layerSize(layer);
    const rows = itemRows(itemOf(layer, factored, width), own, 'expand');
    outputs[`g/${i}`] = b.reshape(b.mul(b.reshape(rows, [N, K, width]), root), [N, K * width]);
    if (factored)
      outputs[`a/${i}`] = b.add(b.reshape(inputRows(own, 'expand'), [N, inputsWidth(layer)]), nothing);
  });
  return { late: { ct, w }, outputs };
}

const itemOf = ({ weight, bias, matrix, shape }: Layer, factored: boolean, width: number): LayerItem => ({
  ...{ name: weight, weight, bias, shape: factored ? shape : [sizeOf(shape)], width },
  ...{ kind: factored ? 'gradients' : 'block', plain: matrix === null, groups: 1, rows: 1 },
});

/** What rows may take. */
interface RowsRoom {
  readonly memory: number | undefined;
  readonly instead: (most: number) => string;
}

/** Throws `fisher/gram` where the rows of m examples by K columns take more memory than may be held. */
export const requireRowsRoom = (network: Network, m: number, K: number, room: RowsRoom): void =>
  requireRoom(
    layersOf(network).filter(({ reached }) => reached),
    m,
    K,
    room,
  );

const fewer = (most: number): string =>
  `${setting('examples', Math.max(1, most))}, or ${setting('form', 'implicit')}`;

function requireRoom(
  layers: readonly Layer[],
  m: number,
  K: number,
  { memory = MOST_BYTES, instead }: RowsRoom,
): void {
  const bytes = bytesOf(layers, m, K);
  if (bytes <= memory) return;
  throw new FimError({
    code: 'fisher/gram',
    kind: 'usage',
    where: setting('form', 'gram'),
    rule: `keeps ${K} rows of each example within ${sizeText(memory)}`,
    got: `${sizeText(bytes)} of ${m} examples`,
    next: instead(Math.floor((m * memory) / bytes)),
  });
}

const notOfScores = (estimator: string): FimError =>
  new FimError({
    code: 'fisher/gram',
    kind: 'usage',
    where: setting('estimator', estimator),
    rule: 'has the diagonal and the dense form alone: rows are scores',
    next: setting('estimator', 'exact'),
  });
