/**
 * @module fisher/proxy/metric
 *
 * Metric on the outputs, Ḡ = mean of J Jᵀ [T, T] over a few examples, J the Jacobian of h with respect to all parameters that count. With
 * it a number of any example follows from its outputs alone: a cotangent δ has a score of about δᵀḠδ, an example a trace of about
 * tr(I(h)Ḡ) (theory (16.1)). Where backward passes for it cost too much, or there are none, Ḡ is the identity.
 */
import type { FloatArray } from '../../core/tensor.js';
import type { Engine } from '../../engine/types.js';
import type { Likelihood, Outputs } from '../../likelihood/types.js';
import type { Network } from '../../model/network.js';
import type { ColumnSource } from '../columns.js';
import { planPass } from '../forms/diagonal/pass.js';
import type { PassSpec } from '../forms/diagonal/statistics.js';
import { openBatch } from '../loop.js';
import { DEFAULT_BUDGET, planMemory } from '../memory.js';
import { Passes } from '../passes.js';
import type { ExampleSource } from '../source.js';

/** Examples that the mean is over. */
export const METRIC_EXAMPLES = 20;
/** Outputs beyond which the identity stands for Ḡ. */
const LARGEST = 256;

/** Ḡ. */
export interface OutputMetric {
  /** Outputs of the network. */
  readonly T: number;
  /** Ḡ [T, T]; null: the identity. */
  readonly gram: Float64Array | null;
}

/** Whether Ḡ is worth its passes where `columns` backward passes follow. */
export function affordsMetric(T: number, columns: number): boolean {
  return T <= LARGEST && METRIC_EXAMPLES * T <= Math.max(64 * METRIC_EXAMPLES, columns);
}

/**
 * Ḡ over the examples of `source`, T backward passes each. Throws what `Passes.forward` throws.
 * @throws FimError with `fisher/output-not-finite`, `graph/examples-coupled`, `graph/shape`, `likelihood/not-finite`, `tensor/size`
 */
export async function meanMetric(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  budget = DEFAULT_BUDGET,
): Promise<OutputMetric> {
  const T = network.h.shape[1] as number;
  const { batch, chunk } = planMemory(network, T, METRIC_EXAMPLES, 2, budget, 'neurons');
  const spec: PassSpec = { columns: T, squares: false, label: null, totals: 'gram' };
  const pass = planPass('metric', network, spec, unitColumns(T), chunk);
  const programs = await Passes.compile(engine, network, pass.graphs, batch);
  const gram = new Float64Array(T * T);
  let count = 0;
  try {
    for (const examples of source(batch, programs.dtype)) {
      const opened = await openBatch(programs, likelihood, examples);
      const result = await pass.run(programs, opened);
      for (const p of network.parameters.keys()) addRows(gram, result.gram(p), opened.n);
      count += opened.n;
    }
  } finally {
    programs.dispose();
  }
  for (let i = 0; i < gram.length; i++) gram[i] /= count;
  return { T, gram };
}

/** e_1 … e_T for every example. */
function unitColumns(T: number): ColumnSource {
  return {
    columns: T,
    fill({ h: { n } }, { from, count }, ct, w) {
      ct.fill(0, 0, n * count * T);
      w.fill(1, 0, n * count);
      for (let e = 0; e < n; e++) for (let k = 0; k < count; k++) ct[(e * count + k) * T + from + k] = 1;
    },
  };
}

function addRows(sum: Float64Array, rows: FloatArray | null, n: number): void {
  if (!rows) return;
  const size = sum.length;
  for (let e = 0; e < n; e++) for (let i = 0; i < size; i++) sum[i] += rows[e * size + i];
}

/** δᵀḠδ of the T numbers of `x` from `at`. */
export function squaredLength({ T, gram }: OutputMetric, x: FloatArray, at: number): number {
  let sum = 0;
  for (let a = 0; a < T; a++) {
    const own = x[at + a];
    if (own === 0) continue;
    if (!gram) {
      sum += own * own;
      continue;
    }
    let row = 0;
    for (let b = 0; b < T; b++) row += gram[a * T + b] * x[at + b];
    sum += own * row;
  }
  return sum;
}

/** tr(I(h)Ḡ) of each row of h → [n]: T² operations a row. */
export function informationTraces(
  likelihood: Likelihood,
  { T, gram }: OutputMetric,
  h: Outputs,
  trace: (h: Outputs, out: FloatArray) => void,
): Float64Array {
  const out = new Float64Array(h.n);
  if (!gram) {
    trace(h, out);
    return out;
  }
  const information = new Float64Array(T * T);
  for (let e = 0; e < h.n; e++) {
    likelihood.information(oneRow(h, e), information);
    let sum = 0;
    for (let i = 0; i < T * T; i++) sum += information[i] * gram[i];
    out[e] = sum;
  }
  return out;
}

/** One row of h as a batch of one. */
export function oneRow({ data, T }: Outputs, row: number): Outputs {
  return { data: data.subarray(row * T, (row + 1) * T), n: 1, T };
}
