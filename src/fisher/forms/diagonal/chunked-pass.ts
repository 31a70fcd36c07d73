/**
 * @module fisher/forms/diagonal/chunked-pass
 *
 * Runs a pass over a batch's K columns a chunk at a time, where all at once would exceed the memory budget
 * (fisher/forms/diagonal/chunked has the graphs).
 */
import { type FloatArray, sizeOf } from '../../../core/tensor.js';
import type { Network } from '../../../model/network.js';
import {
  type BatchOutputs,
  clearRepeated,
  type ColumnRun,
  columnRuns,
  type ColumnSource,
} from '../../columns.js';
import type { BackwardGraph, Passes } from '../../passes.js';
import { floats } from '../../scratch.js';
import { chunkedGraphs, halfOf } from './chunked.js';
import { marginTerms, type Pass, type PassResult, peaksOf } from './pass-result.js';
import { distinctSets, firstSets, type PassSpec, takesWeights } from './statistics.js';

/** A pass whose columns are taken `chunk` at a time. */
export interface ChunkedSpec {
  readonly name: string;
  readonly network: Network;
  readonly spec: PassSpec;
  readonly source: ColumnSource;
  readonly chunk: number;
}

/** What every run of it shares. */
interface ChunkedPlan extends ChunkedSpec {
  readonly parameters: readonly string[];
  /** Whether anything is summed over the examples. */
  readonly summed: boolean;
  /** Numbers of a statistic of one example, by parameter. */
  readonly neurons: ReadonlyMap<string, number>;
  /** Outputs [n, K] of weighed sets, and Gram matrices, by the names of the graphs. */
  readonly weighed: readonly string[];
  readonly matrices: readonly string[];
}

/** Plans the pass: its graphs, and how a batch goes through them. */
export function chunkedPass(given: ChunkedSpec): Pass {
  const { name, network, spec, chunk } = given;
  const stages = chunkedGraphs(network.h, network.parameters, spec, chunk);
  const graphs: Record<string, BackwardGraph> = {
    [`${name}/part`]: stages.part,
  };
  if (Object.keys(stages.sums.outputs).length > 0) graphs[`${name}/sums`] = stages.sums;
  if (spec.label === 'enumerated') graphs[`${name}/spread`] = stages.spread;
  if (spec.totals === 'gram') graphs[`${name}/gram`] = stages.gram;
  if (spec.totals === 'pairs') graphs[`${name}/pairs`] = stages.pairs;
  const parameters = Object.keys(stages.part.outputs)
    .filter((o) => o.startsWith('f/'))
    .map((o) => o.slice(2));
  const neurons = new Map(parameters.map((p) => [p, neuronsOf(stages.part, p)]));
  const weighed = Object.keys(stages.part.outputs).filter((o) => o.startsWith('w'));
  const summed = `${name}/sums` in graphs;
  const plan = { ...given, parameters, summed, neurons, weighed, matrices: Object.keys(stages.gram.outputs) };
  return { graphs, run: (programs, batch) => new ChunkedRun(plan, programs, batch).run() };
}

/** Neurons of a site: what a statistic of one column of one example takes. */
function neuronsOf(graph: BackwardGraph, parameter: string): number {
  const v = graph.outputs[`f/${parameter}`];
  return sizeOf(v.shape.slice(1) as number[]);
}

type ByParameter = ReadonlyMap<string, FloatArray>;

/** One batch on its way through a chunked pass. */
class ChunkedRun {
  private readonly n: number;
  private readonly K: number;
  /** Of all columns [n, K]. */
  private readonly weights: FloatArray;
  private readonly fourth: FloatArray | null;
  private readonly norms: ByParameter;
  /** Of the chunk at hand. */
  private readonly ct: FloatArray;
  private readonly w: FloatArray;
  private readonly c: FloatArray | null;
  /** Weights of the drawn columns; null where all are drawn. */
  private readonly wl: FloatArray | null;
  /** Σ_k w_k s_k², the same over the drawn columns, and the variance of one draw. */
  private readonly f: ByParameter;
  private readonly fl: ByParameter;
  private readonly v: ByParameter;
  /** Norms and products of weighed sets [n, K], by the names of the graph. */
  private readonly weighed: ReadonlyMap<string, FloatArray>;

  constructor(
    private readonly plan: ChunkedPlan,
    private readonly programs: Passes,
    private readonly batch: BatchOutputs,
  ) {
    const { spec, chunk } = plan;
    const { n, T } = batch.h;
    this.n = n;
    this.K = spec.columns;
    this.weights = this.make(n * this.K);
    this.fourth = spec.fourth ? this.make(n * this.K) : null;
    this.norms = new Map(plan.parameters.map((p) => [p, this.make(n * this.K)]));
    this.ct = this.make(n * chunk * T);
    this.w = this.make(n * chunk);
    this.c = spec.fourth ? this.make(n * chunk) : null;
    this.wl = this.fixed > 0 ? this.make(n * chunk) : null;
    this.f = this.perNeuron();
    this.fl = this.wl ? this.perNeuron() : this.f;
    this.v = this.perNeuron();
    this.weighed = new Map(plan.weighed.map((key) => [key, this.make(this.n * this.K)]));
  }

  /** Columns, the first, that no draw enters, where that matters. */
  private get fixed(): number {
    return this.plan.spec.label ? (this.plan.spec.fixed ?? 0) : 0;
  }

  private make(length: number): FloatArray {
    return floats(this.programs.dtype, length);
  }

  private perNeuron(): ByParameter {
    return new Map([...this.plan.neurons].map(([p, size]) => [p, this.make(this.n * size)]));
  }

  /** Adds a stage's outputs `prefix/…` to the sums of each parameter. */
  private addTo(sums: ByParameter, output: (name: string) => FloatArray | null, prefix: string): void {
    for (const [p, sum] of sums) {
      const term = output(`${prefix}/${p}`) as FloatArray;
      for (let i = 0; i < term.length; i++) sum[i] += term[i];
    }
  }

  async run(): Promise<PassResult> {
    const { name, spec, source, parameters } = this.plan;
    for (const run of columnRuns(this.K, this.plan.chunk)) await this.part(run);
    if (spec.label === 'enumerated') await this.spread();
    const grams = spec.totals === 'gram' ? await this.grams() : null;
    const pairs = spec.totals === 'pairs' ? await this.pairs() : null;
    const whole = (key: string) => this.weighed.get(key) ?? null;
    const first = firstSets(spec.sets ?? []);
    const late: Record<string, FloatArray> = {};
    for (const p of parameters) {
      late[`f/${p}`] = this.f.get(p) as FloatArray;
      if (spec.label) late[`v/${p}`] = this.v.get(p) as FloatArray;
    }
    if (takesWeights(spec)) source.weights?.(this.batch, (late.o = this.make(this.n)));
    const output = this.plan.summed ? await this.programs.backward(`${name}/sums`, late, this.n) : () => null;
    return {
      sum: (p) => output(`f/${p}`),
      linear: (p) => output(`fo/${p}`),
      squares: (p) => output(`f2/${p}`),
      centred: (p) => output(`d2/${p}`),
      label: (p) => output(`v/${p}`),
      terms: (p) => peaksOf(output, 'f', p),
      deviations: (p) => peaksOf(output, 'v', p),
      tiltedSquares: (p) => output(`f2o/${p}`),
      tiltedLabel: (p) => output(`vo/${p}`),
      norms: (p) =>
        spec.totals === 'norms' || spec.totals === 'pairs' ? (this.norms.get(p) as FloatArray) : null,
      gram: (p) => grams?.get(`m/${p}`) ?? null,
      pairs: (set) => pairs?.get(`${first[set]}`) ?? null,
      margins: (p) => marginTerms(output, p),
      weighedNorms: (set) => whole(`wq/${set}`),
      weighedGram: (set) => grams?.get(`wm/${set}`) ?? null,
      weighedPairs: (set) => pairs?.get(`w${set}`) ?? null,
      weighedScores: (set) => whole(`wr/${set}`),
      weights: this.weights,
      fourth: this.fourth,
    };
  }

  /** A run's columns; those that an earlier run had get weight zero. */
  private load(run: ColumnRun): void {
    const { n, K, ct, w, c, wl, batch } = this;
    const { source, chunk } = this.plan;
    const { from, fresh } = run;
    source.fill(batch, { from, count: chunk }, ct, w);
    clearRepeated(w, run, n, chunk);
    if (wl) drawnOnly(w, wl, this.fixed - from, n, chunk);
    if (c) source.fourth?.(batch, { from, count: chunk }, c);
    if (c) clearRepeated(c, run, n, chunk);
    for (let e = 0; e < n; e++) {
      for (let k = fresh - from; k < chunk; k++) {
        this.weights[e * K + from + k] = w[e * chunk + k];
        if (c && this.fourth) this.fourth[e * K + from + k] = c[e * chunk + k];
      }
    }
  }

  private late(): Record<string, FloatArray> {
    const { ct, w, c, wl } = this;
    return { ct, w, ...(c ? { c } : {}), ...(wl ? { wl } : {}) };
  }

  private async part(run: ColumnRun): Promise<void> {
    const { name, spec, parameters, chunk } = this.plan;
    this.load(run);
    const late = this.late();
    const pairwise = spec.label === 'pairwise';
    if (pairwise) for (const p of parameters) late[`before/${p}`] = this.fl.get(p) as FloatArray;
    const output = await this.programs.backward(`${name}/part`, late, this.n);
    if (pairwise) this.addTo(this.v, output, 'v');
    for (const p of parameters) {
      const norms = output(`q/${p}`);
      const all = this.norms.get(p) as FloatArray;
      if (norms) scatterColumns(norms, all, { n: this.n, chunk, K: this.K, from: run.from });
    }
    for (const [key, all] of this.weighed)
      scatterColumns(output(key) as FloatArray, all, { n: this.n, chunk, K: this.K, from: run.from });
    this.addTo(this.f, output, 'f');
    if (this.wl) this.addTo(this.fl, output, 'fl');
  }

  private async spread(): Promise<void> {
    const { name, chunk } = this.plan;
    for (const run of columnRuns(this.K, chunk)) {
      this.load(run);
      const { c: _c, ...late } = this.late();
      for (const [p, f] of this.fl) late[`f/${p}`] = f;
      this.addTo(this.v, await this.programs.backward(`${name}/spread`, late, this.n), 'v');
    }
  }

  /** Σ_{j<k} w_j w_k M_jk² of each set [n], from runs over pairs of half chunks: each block with itself once, and with each later one. */
  private async pairs(): Promise<ReadonlyMap<string, Float64Array>> {
    const { n, K, batch, weights } = this;
    const { name, source, chunk, spec } = this.plan;
    const { T } = batch.h;
    const half = halfOf(chunk);
    const ct = this.make(n * chunk * T);
    const w = this.make(n * chunk);
    const part = this.make(n * half * T);
    const scratch = this.make(n * half);
    // By what the graph's names end in: a set, or `w` and a weighed one.
    const sums = new Map([...distinctSets(spec).keys()].map((i) => [`${i}`, new Float64Array(n)]));
    for (const { set } of spec.weighed ?? []) sums.set(`w${set}`, new Float64Array(n));
    const blocks = Math.ceil(K / half);
    const put = (block: number, offset: number) => {
      // The last block repeats columns of the one before, with weight 0.
      const from = Math.min(block * half, K - half);
      source.fill(batch, { from, count: half }, part, scratch);
      for (let e = 0; e < n; e++) {
        ct.set(part.subarray(e * half * T, (e + 1) * half * T), (e * chunk + offset) * T);
        for (let k = 0; k < half; k++) {
          const column = from + k;
          const counts = column >= block * half && column >= this.fixed;
          w[e * chunk + offset + k] = counts ? weights[e * K + column] : 0;
        }
      }
    };
    const add = (output: (name: string) => FloatArray | null, prefix: string) => {
      for (const [i, sum] of sums) {
        const name = i.startsWith('w') ? `w${prefix}/${i.slice(1)}` : `${prefix}/${i}`;
        output(name)?.forEach((x, e) => (sum[e] += x));
      }
    };
    for (let i = 0; i < blocks; i++) {
      put(i, 0);
      for (let j = i + 1; j < blocks || j === i + 1; j++) {
        if (j < blocks && half < chunk) put(j, half);
        const output = await this.programs.backward(`${name}/pairs`, { ct, w }, n);
        if (j === i + 1) add(output, 'own');
        if (j < blocks) add(output, 'cross');
      }
    }
    return sums;
  }

  /** Gram matrices of all columns from runs over pairs of half chunks. */
  private async grams(): Promise<ByParameter> {
    const { n, K, batch } = this;
    const { name, source, chunk, matrices } = this.plan;
    const { T } = batch.h;
    const half = halfOf(chunk);
    const blocks = Math.ceil(K / half);
    const ct = this.make(n * chunk * T);
    const part = this.make(n * half * T);
    const scratch = this.make(n * half);
    const grams = new Map(matrices.map((m) => [m, this.make(n * K * K)]));
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
        const output = await this.programs.backward(`${name}/gram`, { ct }, n);
        const at = [start(i), start(j)];
        for (const [m, gram] of grams) scatterGram(output(m) as FloatArray, gram, { n, chunk, K, half, at });
      }
    }
    return grams;
  }
}

/** The weights [n, chunk] of a run with 0 for its first `fixed` columns. */
function drawnOnly(w: FloatArray, out: FloatArray, fixed: number, n: number, chunk: number): void {
  for (let i = 0; i < n * chunk; i++) out[i] = i % chunk < fixed ? 0 : w[i];
}

/** [n, chunk] into columns from… of [n, K]. */
function scatterColumns(
  part: FloatArray,
  whole: FloatArray,
  {
    n,
    chunk,
    K,
    from,
  }: { readonly n: number; readonly chunk: number; readonly K: number; readonly from: number },
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
