/**
 * @module fisher/forms/diagonal/pass
 *
 * Runs one pass over a batch's K columns, at once or in chunks where they exceed the memory budget. Results agree to
 * rounding.
 */
import { type FloatArray, sizeOf } from '../../../core/tensor.js';
import type { Network } from '../../../model/network.js';
import { chunkedGraphs } from './chunked.js';
import {
  type BatchOutputs,
  clearRepeated,
  type ColumnRun,
  type ColumnSource,
  columnRuns,
} from '../../columns.js';
import type { BackwardGraph, Passes } from '../../passes.js';
import { floats, Scratch } from '../../scratch.js';
import { type PassSpec, statisticsGraph } from './statistics.js';

/** Sums over the examples of one batch, and what its totals need. */
export interface PassResult {
  /** Σ f, in the parameter's shape; null for a parameter that does not reach the output. */
  sum(parameter: string): FloatArray | null;
  /** Σ ωf of weighted examples. */
  linear(parameter: string): FloatArray | null;
  /** Σ f². */
  squares(parameter: string): FloatArray | null;
  /** Σ v. */
  label(parameter: string): FloatArray | null;
  /** ‖s_k‖² [n, K]. */
  norms(parameter: string): FloatArray | null;
  /** ⟨s_j, s_k⟩ [n, K, K]. */
  gram(parameter: string): FloatArray | null;
  /** The weights [n, K]. */
  readonly weights: FloatArray;
  /** c [n, K]. */
  readonly fourth: FloatArray | null;
}

/** A pass before compilation: its graphs by name, and how to run it once they are programs. */
export interface Pass {
  readonly graphs: Readonly<Record<string, BackwardGraph>>;
  run(programs: Passes, batch: BatchOutputs): Promise<PassResult>;
}

/** Plans the pass `name` so that columns × batch × widest site stays within `budget` numbers. */
export function planPass(
  name: string,
  network: Network,
  spec: PassSpec,
  source: ColumnSource,
  chunk: number,
): Pass {
  return chunk >= spec.columns
    ? wholePass(name, network, spec, source)
    : chunkedPass(name, network, spec, source, chunk);
}

/** The first or second half of an array. */
function half(both: FloatArray | null, which: 0 | 1): FloatArray | null {
  const size = (both?.length ?? 0) / 2;
  return both && both.subarray(which * size, (which + 1) * size);
}

function wholePass(name: string, network: Network, spec: PassSpec, source: ColumnSource): Pass {
  const scratch = new Scratch();
  const weighted = spec.weighted === true && spec.squares;
  return {
    graphs: { [name]: statisticsGraph(network.h, network.parameters, spec) },
    async run(programs, batch) {
      const { n, T } = batch.h;
      const K = spec.columns;
      const span = { from: 0, count: K };
      const ct = scratch.floats('ct', programs.dtype, n * K * T);
      const w = scratch.floats('w', programs.dtype, n * K);
      source.fill(batch, span, ct, w);
      const c = spec.fourth ? scratch.floats('c', programs.dtype, n * K) : null;
      if (c) source.fourth?.(batch, span, c);
      const o = weighted ? scratch.floats('o', programs.dtype, n) : null;
      if (o) source.weights?.(batch, o);
      const late = { ct, w, ...(c ? { c } : {}), ...(o ? { o } : {}) };
      const output = await programs.backward(name, late, n);
      return {
        sum: (p) => output(`f/${p}`),
        linear: (p) => output(`fo/${p}`),
        squares: (p) => output(`f2/${p}`) ?? half(output(`f2v/${p}`), 0),
        label: (p) => output(`v/${p}`) ?? half(output(`f2v/${p}`), 1),
        norms: (p) => output(`q/${p}`),
        gram: (p) => output(`m/${p}`),
        weights: w,
        fourth: c,
      };
    },
  };
}

/** Neurons of a site: what a statistic of one column of one example takes. */
function neurons(graph: BackwardGraph, parameter: string): number {
  const v = graph.outputs[`f/${parameter}`];
  return sizeOf(v.shape.slice(1) as number[]);
}

function chunkedPass(
  name: string,
  network: Network,
  spec: PassSpec,
  source: ColumnSource,
  chunk: number,
): Pass {
  const stages = chunkedGraphs(network.h, network.parameters, spec, chunk);
  const K = spec.columns;
  const graphs: Record<string, BackwardGraph> = {
    [`${name}/part`]: stages.part,
    [`${name}/sums`]: stages.sums,
  };
  if (spec.label === 'enumerated') graphs[`${name}/spread`] = stages.spread;
  if (spec.totals === 'gram') graphs[`${name}/gram`] = stages.gram;
  const parameters = Object.keys(stages.part.outputs)
    .filter((o) => o.startsWith('f/'))
    .map((o) => o.slice(2));

  return {
    graphs,
    async run(programs, batch) {
      const { n, T } = batch.h;
      const make = (length: number) => floats(programs.dtype, length);
      const weights = make(n * K);
      const fourth = spec.fourth ? make(n * K) : null;
      const ct = make(n * chunk * T);
      const w = make(n * chunk);
      const c = spec.fourth ? make(n * chunk) : null;
      const f = new Map(parameters.map((p) => [p, make(n * neurons(stages.part, p))]));
      const v = new Map(parameters.map((p) => [p, make(n * neurons(stages.part, p))]));
      const fixed = spec.label ? (spec.fixed ?? 0) : 0;
      const wl = fixed > 0 ? make(n * chunk) : null;
      // Σ over the drawn columns: f itself where all are.
      const fl = wl ? new Map(parameters.map((p) => [p, make(n * neurons(stages.part, p))])) : f;
      const q = new Map(parameters.map((p) => [p, make(n * K)]));

      /** A run's columns; those that an earlier run had get weight zero. */
      const load = (run: ColumnRun): void => {
        const { from, fresh } = run;
        source.fill(batch, { from, count: chunk }, ct, w);
        clearRepeated(w, run, n, chunk);
        if (wl) drawnOnly(w, wl, fixed - from, n, chunk);
        if (c) source.fourth?.(batch, { from, count: chunk }, c);
        if (c) clearRepeated(c, run, n, chunk);
        for (let e = 0; e < n; e++) {
          for (let k = fresh - from; k < chunk; k++) {
            weights[e * K + from + k] = w[e * chunk + k];
            if (c && fourth) fourth[e * K + from + k] = c[e * chunk + k];
          }
        }
      };

      for (const run of columnRuns(K, chunk)) {
        load(run);
        const late: Record<string, FloatArray> = { ct, w, ...(c ? { c } : {}), ...(wl ? { wl } : {}) };
        if (spec.label === 'pairwise')
          for (const p of parameters) late[`before/${p}`] = fl.get(p) as FloatArray;
        const output = await programs.backward(`${name}/part`, late, n);
        for (const p of parameters) {
          if (spec.label === 'pairwise') addInto(v.get(p) as FloatArray, output(`v/${p}`) as FloatArray);
          const norms = output(`q/${p}`);
          if (norms) scatterColumns(norms, q.get(p) as FloatArray, n, chunk, K, run.from);
        }
        for (const p of parameters) {
          addInto(f.get(p) as FloatArray, output(`f/${p}`) as FloatArray);
          if (wl) addInto(fl.get(p) as FloatArray, output(`fl/${p}`) as FloatArray);
        }
      }
      if (spec.label === 'enumerated') {
        const late: Record<string, FloatArray> = { ct, w, ...(wl ? { wl } : {}) };
        for (const p of parameters) late[`f/${p}`] = fl.get(p) as FloatArray;
        for (const run of columnRuns(K, chunk)) {
          load(run);
          const output = await programs.backward(`${name}/spread`, late, n);
          for (const p of parameters) addInto(v.get(p) as FloatArray, output(`v/${p}`) as FloatArray);
        }
      }
      const grams = spec.totals === 'gram' ? await pairedGrams(programs, batch) : null;
      const late: Record<string, FloatArray> = {};
      for (const p of parameters) {
        late[`f/${p}`] = f.get(p) as FloatArray;
        if (spec.label) late[`v/${p}`] = v.get(p) as FloatArray;
      }
      if (spec.weighted && spec.squares) source.weights?.(batch, (late.o = make(n)));
      const output = await programs.backward(`${name}/sums`, late, n);
      return {
        sum: (p) => output(`f/${p}`),
        linear: (p) => output(`fo/${p}`),
        squares: (p) => output(`f2/${p}`),
        label: (p) => output(`v/${p}`),
        norms: (p) => (spec.totals === 'norms' ? (q.get(p) as FloatArray) : null),
        gram: (p) => grams?.get(p) ?? null,
        weights,
        fourth,
      };
    },
  };

  /** Gram matrices of all columns from runs over pairs of half chunks. */
  async function pairedGrams(programs: Passes, batch: BatchOutputs): Promise<Map<string, FloatArray>> {
    const { n, T } = batch.h;
    const half = Math.max(1, Math.floor(chunk / 2));
    const blocks = Math.ceil(K / half);
    const make = (length: number) => floats(programs.dtype, length);
    const ct = make(n * chunk * T);
    const part = make(n * half * T);
    const scratch = make(n * half);
    const grams = new Map(parameters.map((p) => [p, make(n * K * K)]));
    const start = (block: number) => Math.min(block * half, K - half);
    const put = (block: number, offset: number) => {
      source.fill(batch, { from: start(block), count: half }, part, scratch);
      for (let e = 0; e < n; e++) {
        ct.set(part.subarray(e * half * T, (e + 1) * half * T), (e * chunk + offset) * T);
      }
    };
    for (let i = 0; i < blocks; i++) {
      put(i, 0);
      for (let j = i + 1; j < blocks; j++) {
        put(j, half);
        const output = await programs.backward(`${name}/gram`, { ct }, n);
        const at = [start(i), start(j)];
        for (const p of parameters) {
          scatterGram(output(`m/${p}`) as FloatArray, grams.get(p) as FloatArray, { n, chunk, K, half, at });
        }
      }
    }
    return grams;
  }
}

/** The weights [n, chunk] of a run with 0 for its first `fixed` columns. */
function drawnOnly(w: FloatArray, out: FloatArray, fixed: number, n: number, chunk: number): void {
  for (let i = 0; i < n * chunk; i++) out[i] = i % chunk < fixed ? 0 : w[i];
}

function addInto(sum: FloatArray, term: FloatArray): void {
  for (let i = 0; i < term.length; i++) sum[i] += term[i];
}

/** [n, chunk] into columns from… of [n, K]. */
function scatterColumns(
  part: FloatArray,
  whole: FloatArray,
  n: number,
  chunk: number,
  K: number,
  from: number,
): void {
  for (let e = 0; e < n; e++) whole.set(part.subarray(e * chunk, (e + 1) * chunk), e * K + from);
}

/** The 2×2 blocks of a run over two half chunks into their places in [n, K, K]. */
function scatterGram(
  part: FloatArray,
  whole: FloatArray,
  {
    n,
    chunk,
    K,
    half,
    at,
  }: {
    readonly n: number;
    readonly chunk: number;
    readonly K: number;
    readonly half: number;
    /** Where each half starts. */
    readonly at: readonly number[];
  },
): void {
  for (let e = 0; e < n; e++) {
    for (let a = 0; a < 2 * half; a++) {
      const row = at[a < half ? 0 : 1] + (a % half);
      for (let b = 0; b < 2 * half; b++) {
        const column = at[b < half ? 0 : 1] + (b % half);
        whole[(e * K + row) * K + column] = part[(e * chunk + a) * chunk + b];
      }
    }
  }
}
