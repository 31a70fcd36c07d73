/**
 * @module fisher/form-error/factors
 *
 * Factors of the scores of m examples, held for some layers at a time: of a product the inputs ā [m, R, in] and the gradients √w g
 * [m, K·out, R], of any other part the scores √w s [m, K, size]. F of an example is the sum of the squares of its K columns.
 * Memory: 8m(R·in + K·out·R) bytes a product.
 */
import type { FloatArray } from '../../core/tensor.js';
import { input, N, ops as b, type Value } from '../../graph/index.js';
import { scoresOf } from '../../scores/index.js';
import { columnsOf, type Job, openBatch } from '../loop.js';
import { type BackwardGraph, Passes } from '../passes.js';
import { floats } from '../scratch.js';
import type { ExampleSource } from '../source.js';
import { type LayerParts, type Part, type ProductPart, type RowsPart, sizeOfPart } from './parts.js';

/** Factors of a product over the examples. */
export interface ProductFactors {
  readonly part: ProductPart;
  /** [m, R, in] */
  readonly x: Float64Array;
  /** [m, K·out, R], the columns' weights in it. */
  readonly g: Float64Array;
}

/** Scores of any other parameter over the examples. */
export interface RowsFactors {
  readonly part: RowsPart;
  /** [m, K, size], the columns' weights in it. */
  readonly s: Float64Array;
}

export type Factors = ProductFactors | RowsFactors;

/** Whether factors are those of a product. */
export const isProduct = (f: Factors): f is ProductFactors => f.part.kind === 'product';

/** A layer with the factors of its parts. */
export interface LayerFactors {
  readonly layer: LayerParts;
  readonly factors: readonly Factors[];
}

/** Numbers that the factors of m examples take. */
export function factorNumbers({ parts }: LayerParts, m: number, K: number): number {
  const each = (p: Part) => (p.kind === 'rows' ? K * p.size : p.positions * (p.inputs + K * p.outputs));
  return m * parts.reduce((sum, p) => sum + each(p), 0);
}

/** Name of the parameter whose score a part is of. */
const parameterOf = (part: Part): string => (part.kind === 'rows' ? part.parameter : part.weight);

/** The halves that give the factors of some layers, by the names of the parameters. */
function factorsGraph({ network }: Job, layers: readonly LayerParts[], K: number): BackwardGraph {
  const { h, parameters } = network;
  const ct = input('ct', h.dtype, [N, K, h.shape[1]]);
  const scores = new Map(scoresOf(h, [...parameters.values()], ct).map((s) => [s.site.parameter, s]));
  const outputs: Record<string, Value> = {};
  for (const part of layers.flatMap(({ parts }) => parts)) {
    const name = parameterOf(part);
    const score = scores.get(parameters.get(name) as Value);
    if (!score || outputs[`g/${name}`]) continue;
    const rows = part.kind === 'rows' ? null : score.factorRows(part.bias !== null, 'expand');
    outputs[`g/${name}`] = rows ? b.swapLast(rows.g) : b.reshape(score.explicit(), [N, K, sizeOfPart(part)]);
    if (rows) outputs[`x/${name}`] = rows.a;
  }
  return { late: { ct }, outputs };
}

/** Name of the half. */
const HALF = 'form-error/factors';

/** Factors of the first m examples of a source for some layers, fewer where a signal ends it, and the seconds of the passes by `now`. */
export async function collectFactors(
  job: Job,
  layers: readonly LayerParts[],
  source: ExampleSource,
  m: number,
  heed: { readonly signal?: AbortSignal | undefined; readonly now?: (() => number) | undefined } = {},
): Promise<{ readonly layers: LayerFactors[]; readonly examples: number; readonly seconds: number }> {
  const columns = columnsOf(job);
  const K = columns.columns;
  const graphs = { [HALF]: factorsGraph(job, layers, K) };
  const programs = await Passes.compile(job.engine, job.network, graphs, Math.min(job.batch, m));
  const all = layers.map((layer) => ({ layer, factors: layer.parts.map((p) => space(p, m, K)) }));
  let at = 0;
  const { signal, now = () => 0 } = heed;
  const began = now();
  try {
    for (const examples of source(programs.maxBatch, programs.dtype)) {
      if (signal?.aborted || at >= m) break;
      const opened = await openBatch(programs, job.likelihood, examples);
      const { n, h } = opened;
      const ct = new Float64Array(n * K * h.T);
      const w = new Float64Array(n * K);
      columns.fill(opened, { from: 0, count: K }, ct, w);
      const late = floats(programs.dtype, ct.length);
      for (let i = 0; i < ct.length; i++) late[i] = ct[i] * Math.sqrt(w[Math.floor(i / h.T)]);
      const output = await programs.backward(HALF, { ct: late }, n);
      const count = Math.min(n, m - at);
      for (const f of all.flatMap(({ factors }) => factors)) take(f, output, at, count, K);
      at += count;
    }
  } finally {
    programs.dispose();
  }
  return { layers: all, examples: at, seconds: now() - began };
}

function space(part: Part, m: number, K: number): Factors {
  if (part.kind === 'rows') return { part, s: new Float64Array(m * K * part.size) };
  const { positions: R, inputs, outputs } = part;
  return { part, x: new Float64Array(m * R * inputs), g: new Float64Array(m * K * outputs * R) };
}

/** Copies what the half gave of some examples behind those that are there. */
function take(
  f: Factors,
  output: (name: string) => FloatArray | null,
  at: number,
  n: number,
  K: number,
): void {
  const name = parameterOf(f.part);
  const g = output(`g/${name}`) as FloatArray;
  if (!isProduct(f)) {
    const size = K * f.part.size;
    f.s.set(g.subarray(0, n * size), at * size);
    return;
  }
  const { group, groups, positions: R, inputs, outputs } = f.part;
  copyGroup(g, f.g, { to: at * K, count: n * K }, { group, groups, size: outputs * R });
  const x = output(`x/${name}`) as FloatArray;
  copyGroup(x, f.x, { to: at, count: n }, { group, groups, size: R * inputs });
}

/** Blocks of one group out of [count, groups, size]. */
function copyGroup(
  given: FloatArray,
  own: Float64Array,
  { to, count }: { readonly to: number; readonly count: number },
  { group, groups, size }: { readonly group: number; readonly groups: number; readonly size: number },
): void {
  for (let j = 0; j < count; j++) {
    const from = (j * groups + group) * size;
    own.set(given.subarray(from, from + size), (to + j) * size);
  }
}
