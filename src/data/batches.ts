/**
 * @module data/batches
 *
 * A data set as a stream of batches. Buffers are made once and filled again for each batch, so a batch is valid until
 * the next one is taken; the last one may be smaller. Floating-point inputs are cast here to the type that the network
 * is run in; integers and targets stay as they are.
 */
import { FimError } from '../core/errors.js';
import { allocate, bytesOf, isFloat, sizeOf } from '../core/tensor.js';
import type { DType, FloatType, Tensor } from '../core/tensor.js';
import type { Dataset } from './dataset.js';
import { listOf, visitList } from './order.js';
import type { OrderOptions, VisitList, Visits } from './order.js';
import { gatherRows, rowSize } from './rows.js';

/** Examples visited together; valid until the next batch is taken. */
export interface Batch {
  /** Number of examples here. */
  readonly n: number;
  /** Place of the first of them in the whole visit. */
  readonly start: number;
  /** Index of each in the data set, [n]. */
  readonly indices: Uint32Array;
  /** How often each was visited before, [n]: 0 but for draws with replacement. */
  readonly occurrence: Uint32Array;
  /** Inputs by the graph's names, [n, …]. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** Targets [n] or [n, T], or null. */
  readonly targets: Tensor | null;
}

/** Size, type and order of batches. */
export interface BatchOptions extends OrderOptions {
  /** Examples a batch. */
  batch: number;
  /** Type of the floating-point inputs. */
  dtype: FloatType;
  /** Skip this many visits, e.g. those of a pilot or of an earlier run. Default 0. */
  from?: number | undefined;
  /** These visits, by index in the data set, in place of those of an order. */
  visits?: Visits | undefined;
}

/** The batches of one visit; each iteration begins again. */
export interface Batches extends Iterable<Batch> {
  /** Examples over all batches. */
  readonly n: number;
  /** Number of batches. */
  readonly count: number;
  /** The order of the visit. */
  readonly visits: Visits;
}

/**
 * Batches of a data set. Throws `batch/size`, `batch/from`, `order/…` (usage), and `data/overflow` and `file/changed` from the iterator.
 * @throws FimError with `order/examples`, `order/replacement`, `random/seed`, `random/sequence`
 *
 * @example
 * ```ts
 * import { makeDataset, tensor } from 'fim';
 * import { batches } from 'fim/data';
 *
 * const x = tensor('float32', [5, 1], [0, 1, 2, 3, 4]);
 * const dataset = makeDataset({ source: 'five', inputs: new Map([['x', x]]) });
 * const inOrder = batches(dataset, { batch: 2, dtype: 'float32', order: 'file' });
 * console.log([...inOrder].map(({ n }) => n)); // [ 2, 2, 1 ]
 * ```
 */
export function batches(dataset: Dataset, options: BatchOptions): Batches {
  const { batch, dtype, from = 0 } = options;
  if (!Number.isInteger(batch) || batch < 1) {
    throw new FimError({
      code: 'batch/size',
      kind: 'usage',
      where: '`batch`',
      rule: 'a whole number of examples, at least 1',
      got: String(batch),
      next: '`batch: 256`',
    });
  }
  const all = options.visits ? listOf(options.visits) : visitList(dataset.n, options);
  if (!Number.isInteger(from) || from < 0 || from > all.n) {
    throw new FimError({
      code: 'batch/from',
      kind: 'usage',
      where: 'from',
      rule: `a whole number of visits from 0 to ${all.n}`,
      got: String(from),
    });
  }
  const n = all.n - from;
  return {
    n,
    count: Math.ceil(n / batch),
    get visits() {
      return all.take(from, all.n);
    },
    [Symbol.iterator]: () => iterate(dataset, all, from, Math.min(batch, n), dtype),
  };
}

function* iterate(
  dataset: Dataset,
  list: VisitList,
  from: number,
  batch: number,
  dtype: FloatType,
): Generator<Batch> {
  const inputs = [...dataset.inputs].map(([name, t]) => {
    return {
      name,
      gather: gatherer(t, isFloat(t.dtype) ? dtype : t.dtype, batch, `${dataset.source}: ${name}`),
    };
  });
  const targets = dataset.targets;
  const gatherTargets = targets && gatherer(targets, targets.dtype, batch, `${dataset.source}: targets`);
  try {
    for (let start = 0; start < list.n - from; start += batch) {
      const { indices, occurrence } = list.take(from + start, Math.min(list.n, from + start + batch));
      yield {
        n: indices.length,
        start,
        indices,
        occurrence,
        inputs: new Map(inputs.map(({ name, gather }) => [name, gather(indices)])),
        targets: gatherTargets && gatherTargets(indices),
      };
    }
  } finally {
    // A file that was written to meanwhile is the cause of whatever else was found in it.
    dataset.reading?.unchanged();
  }
}

/** A function that gathers rows into one buffer, made once for the largest batch. */
function gatherer(t: Tensor, dtype: DType, batch: number, where: string): (indices: Uint32Array) => Tensor {
  const size = rowSize(t);
  const buffer = allocate(dtype, batch * size);
  const full = { dtype, shape: [batch, ...t.shape.slice(1)], data: buffer } as Tensor;
  return (indices) => {
    const out =
      indices.length === batch
        ? full
        : ({
            dtype,
            shape: [indices.length, ...t.shape.slice(1)],
            data: (buffer as Float64Array).subarray(0, indices.length * size),
          } as Tensor);
    gatherRows(t, indices, out.data, where);
    return out;
  };
}

/** Bytes that one batch's buffers take, to keep within a memory budget. */
export function batchBytes(dataset: Dataset, batch: number, dtype: FloatType): number {
  let bytes = 0;
  for (const t of dataset.inputs.values()) {
    const width = isFloat(t.dtype) ? (dtype === 'float64' ? 8 : 4) : bytesOf(t.dtype);
    bytes += width * sizeOf(t.shape.slice(1)) * batch;
  }
  return (
    bytes + (dataset.targets === null ? 0 : bytesOf(dataset.targets.dtype) * rowSize(dataset.targets) * batch)
  );
}
