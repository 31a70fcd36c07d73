/**
 * @module fisher/forms/dense/accumulation
 *
 * The dense form made ready for a job: derivatives at the neurons for a batch, then its sums, by one of two ways. Products of tiles of the
 * matrix over many examples at once (dense/batch-sums) for whatever is made of scores; the signal is heard after each row of tiles. An
 * example after another, in steps of some ten milliseconds, where elements take second derivatives, and where the matrix is small and
 * nothing is drawn. What a signal leaves unfinished stays in the first rows.
 */
import { parameterCount } from '../../../model/network.js';
import { type Accumulation, type Batch, columnsOf, type Heed, type Job } from '../../loop.js';
import type { Passes } from '../../passes.js';
import { nextTask } from '../../pause.js';
import { BatchSums } from './batch-sums.js';
import { DenseSums } from './dense-sums.js';
import { emptyDense } from './sums-arrays.js';
import { type BatchDerivatives, planDerivatives } from './derivatives.js';
import { ElementRepair } from './element-repair.js';
import { elementsOf, type ExampleElements, scoresAlong } from './elements.js';
import { exampleScores } from './example-scores.js';
import { momentsOf, totalsOf } from './tile-moments.js';
import { TileProducts } from './tile-products.js';
import { tilingOf } from './tiled-rows.js';

const ONE = Float64Array.of(1);

/** Sums of the dense form in the loop, one for each group of examples. */
export interface DenseAccumulation extends Accumulation {
  readonly sums: readonly DenseSums[];
  /** Frees its programs. */
  dispose(): void;
}

/** How a dense accumulation is made. */
export interface DenseSettings {
  /** Share of type 1. */
  readonly alpha: number;
  /** Groups of examples whose sums are apart. */
  readonly groups?: number | undefined;
  /** Errors of elements; default true. */
  readonly errors?: boolean | undefined;
  /** After each example, or after those that go at once. */
  onExample?(done: number): void;
  /** How many examples are done, with the part of those that are being added. */
  onStep?(done: number): void;
}

/** Rows of the longest product: so many numbers, and no more than so many rows. */
const MOST_NUMBERS = 2 ** 24;
const MOST_ROWS = 2048;
/** Parameters up to which examples of an estimator without draws go one at a time. */
const FEW = 256;

/** Adds a batch to the sums. Returns whether it was stopped inside. */
type Add = (derivatives: BatchDerivatives, batch: Batch, heed: Heed) => Promise<boolean>;

/** The matrices for a job, which the loop runs. */
export function accumulateDense(job: Job, settings: DenseSettings): DenseAccumulation {
  const { network, estimator, error, weights } = job;
  const { groups = 1, errors = true } = settings;
  const P = parameterCount(network);
  const plan = planDerivatives(network, estimator.curved);
  const kept = errors || estimator.curved;
  const sums = Array.from(
    { length: groups },
    () => new DenseSums(emptyDense(P, error, weights !== undefined, kept), error),
  );
  const one = estimator.curved || (errors && !estimator.drawn && P <= FEW);
  const way = one ? byExample(job, sums, settings) : byProducts(job, sums, settings);
  return {
    graphs: plan.graphs,
    batch: job.batch,
    doubts: null,
    sums,
    run: async (programs: Passes, batch: Batch) => {
      const derivatives = await plan.read(programs, batch);
      return ({ signal, pause = signal && nextTask }) => way.add(derivatives, batch, { signal, pause });
    },
    dispose: () => way.dispose?.(),
  };
}

const allOf = (sums: readonly DenseSums[]): number => sums.reduce((all, s) => all + s.examples, 0);

/** Tiles of many examples at once. */
function byProducts(
  job: Job,
  sums: readonly DenseSums[],
  { errors = true, onExample, onStep }: DenseSettings,
): { add: Add; dispose(): void } {
  const P = parameterCount(job.network);
  const tiling = tilingOf(P);
  const { tiles, width } = tiling;
  const most = Math.max(64, Math.min(MOST_ROWS, Math.floor(MOST_NUMBERS / P)));
  const needs = {
    errors,
    apart: errors && job.error === 'closed-form',
    weighted: errors && job.weights !== undefined,
  };
  const waiting = new BatchSums(tiling, needs);
  let products: TileProducts | null = null;

  const flush = async (into: DenseSums, { signal, pause }: Heed): Promise<boolean> => {
    const { examples } = waiting;
    if (examples.length === 0) return false;
    products ??= await TileProducts.compile(job.engine, width, most);
    const before = allOf(sums);
    const totals = totalsOf(examples);
    const repair = new ElementRepair(examples, P);
    for (let a = 0; a < tiles; a++) {
      const rows = Math.min(width, P - a * width);
      for (let b = 0; b <= a; b++) {
        const box = {
          row: a * width,
          column: b * width,
          rows,
          columns: Math.min(width, P - b * width),
          width,
        };
        into.addTile(momentsOf(await waiting.tile(products, a, b), box, totals, repair), box, totals);
      }
      into.endRows(a * width, a * width + rows, totals);
      onStep?.(before + (examples.length * (a + 1) * (a + 2)) / (tiles * (tiles + 1)));
      await pause?.();
      if (signal?.aborted && a + 1 < tiles) return true;
    }
    onExample?.(allOf(sums));
    waiting.clear();
    return signal?.aborted === true;
  };

  return {
    async add(derivatives, batch, heed) {
      const into = sums[batch.group];
      for (const example of exampleScores(job, derivatives, batch, errors)) {
        waiting.add(example);
        if (waiting.rows >= most && (await flush(into, heed))) return true;
      }
      return flush(into, heed);
    },
    dispose: () => products?.dispose(),
  };
}

/** One example after another, by its exact matrix or element by element. */
function byExample(
  job: Job,
  sums: readonly DenseSums[],
  { alpha, onExample, onStep }: DenseSettings,
): { add: Add; dispose?(): void } {
  const { network, likelihood, estimator, draws } = job;
  const P = parameterCount(network);
  const source = columnsOf(job);

  /** The columns of the estimator [n, K, T] where they are not the exact ones. */
  const ownColumns = (batch: Batch): Float64Array | null => {
    if (!estimator.drawn && !estimator.targets) return null;
    const { n, T } = batch.h;
    const K = Math.max(1, draws);
    const columns = new Float64Array(n * K * T);
    source.fill(batch, { from: 0, count: K }, columns, new Float64Array(n * K));
    return columns;
  };

  const stepsOf = (elements: ExampleElements, own: Float64Array | null, into: DenseSums, weight: number) => {
    if (!own) return into.addExact(elements, weight);
    if (estimator.drawn) return into.addDrawn(elements, { residuals: own, K: draws, alpha }, weight);
    const scores = scoresAlong(own, elements.jacobian, P);
    return into.addExact({ scores, weights: ONE }, weight);
  };

  return {
    async add(derivatives, batch, { signal, pause }) {
      const columns = ownColumns(batch);
      const size = columns ? columns.length / batch.n : 0;
      let e = 0;
      for (const elements of elementsOf(derivatives, likelihood)) {
        const own = columns && columns.subarray(e * size, (e + 1) * size);
        for (const _ of stepsOf(elements, own, sums[batch.group], batch.weights?.data[e] ?? 1)) {
          await pause?.();
          if (signal?.aborted) return true;
        }
        onExample?.(allOf(sums));
        onStep?.(allOf(sums));
        e += 1;
      }
      return false;
    },
  };
}
