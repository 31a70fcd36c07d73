/**
 * @module fisher/curved/site-pass
 *
 * One backward half that reads first and second derivatives of every parameter along the columns of a late input ct [N, K, T], and
 * turns them into sums over the examples and totals over the parameters. What is computed is the caller's: a function of s [N, K, …]
 * and D [N, K, …] at the neurons. Because both carry the input as a factor (s = g ⊗ a, D = D_l ⊗ a²), a quantity of degree 2 or 4 in
 * the scores is Σ_e t_e ⊗ a_e² or a_e⁴: one matrix product, never batch × P.
 *
 * Parameters without a pivot come from graphs of their own, run over their entries a few at a time (one forward pass for every
 * chunk): the same numbers, in time proportional to the parameter's size.
 */
import { type FloatArray, sizeOf } from '../../core/tensor.js';
import { batchAxis, input, leavesOf, N, ops as b, type Value } from '../../graph/index.js';
import { type PeakArrays, peaksOfEntries } from '../../stats/peaks.js';
import type { BackwardGraph, Passes } from '../passes.js';
import { floats } from '../scratch.js';
import { type Weighed, weightsValue } from '../forms/diagonal/weighed.js';
import { entryScores, type SiteScores, siteScores } from '../../scores/second/site-scores.js';

/** What a statistic makes of the derivatives of one site. */
export interface SiteStatistics {
  /** Per neuron and example [N, …], of degree 2 or 4 in the scores (D counts 2): summed over the examples in the parameter's shape. */
  readonly sums: Readonly<Record<string, { readonly value: Value; readonly degree: 2 | 4 }>>;
  /** ≥ 0, per neuron and example [N, …], of degree 2: the largest of each row and column of the parameter (stats/peaks). */
  readonly peaks?: Readonly<Record<string, Value>>;
  /** Of degree 2, already summed over the neurons [N, …]: summed over the parameter's entries. */
  readonly totals: Readonly<Record<string, Value>>;
  /** Totals of degree 2 with weights c of the entries, made of the load of c at the neurons (scores/score). */
  readonly loaded?: (load: Value) => Readonly<Record<string, Value>>;
}

/** First derivatives s and second derivatives D (null: zero) of a site at its neurons, both [N, K, …]. */
export type Statistic = (s: Value, D: Value | null, parameter: string) => SiteStatistics;

/** Results of one batch; null for a parameter that has no such output. */
export interface SiteResult {
  sum(name: string, parameter: string): FloatArray | null;
  total(name: string, parameter: string): FloatArray | null;
  /** Sums of a statistic over the entries of each neuron [n, out], and a² [n, in], of dense weights; null where not asked for. */
  margin(name: string, parameter: string): FloatArray | null;
  inputs(parameter: string): FloatArray | null;
  peaks(name: string, parameter: string): PeakArrays | null;
}

export interface SitePass {
  readonly graphs: Readonly<Record<string, BackwardGraph>>;
  /** Parameters taken entry by entry. */
  readonly slow: readonly string[];
  run(programs: Passes, late: Readonly<Record<string, FloatArray>>, n: number): Promise<SiteResult>;
}

export interface SitePassOptions {
  readonly h: Value;
  readonly parameters: ReadonlyMap<string, Value>;
  /** Late inputs besides the seeds; `ct` [N, K, T] among them. */
  readonly late: Readonly<Record<string, Value>>;
  readonly statistic: Statistic;
  /** Directions at once. */
  readonly chunk: number;
  /** Whether sums of `sums` over the entries of each neuron are given too, example by example. */
  readonly margins?: boolean;
  /** Whether sums over the examples and the largest of rows and columns are given; default true. */
  readonly entries?: boolean | undefined;
  /** Totals with weights of the entries, under the names of `loaded` and `@set`. */
  readonly weighed?: readonly Weighed[];
}

/** Plans the pass `name`. */
export function planSitePass(name: string, options: SitePassOptions): SitePass {
  const { h, parameters, late, statistic, chunk, weighed = [], margins = false } = options;
  const names = new Map([...parameters].map(([p, v]) => [v, p]));
  const nameOf = (v: Value) => names.get(v) as string;
  const { structured, entries } = siteScores(h, [...parameters.values()], late.ct, chunk);
  const all: Record<string, Value> = {};
  for (const site of structured)
    Object.assign(all, structuredOutputs(nameOf(site.parameter), site, statistic, weighed, margins));
  const outputs = asked(all, options);
  const graphs: Record<string, BackwardGraph> = {};
  if (Object.keys(outputs).length > 0) graphs[name] = { late: lateOf(outputs, late), outputs };
  const slow = entries.map((v) => entryGraph(`${name}/${nameOf(v)}`, nameOf(v), v, options));
  for (const { key, graph } of slow) graphs[key] = graph;

  return {
    graphs,
    slow: slow.map((e) => e.parameter),
    async run(programs, values, n) {
      const results = new Map<string, FloatArray>();
      for (const entry of slow) await runEntries(entry, programs, values, n, results);
      const output = graphs[name]
        ? await programs.backward(name, readBy(graphs[name], values), n)
        : () => null;
      const get = (key: string) => results.get(key) ?? output(key);
      return {
        sum: (q, p) => get(`sum:${q}/${p}`),
        total: (q, p) => get(`total:${q}/${p}`),
        margin: (q, p) => output(`margin:${q}/${p}`),
        inputs: (p) => output(`inputs/${p}`),
        peaks: (q, p) => {
          const entries = results.get(`entries:${q}/${p}`);
          if (entries)
            return peaksOfEntries((parameters.get(p) as Value).shape as readonly number[], entries);
          const [rows, columns] = [output(`rows:${q}/${p}`), output(`columns:${q}/${p}`)];
          return rows && columns && { rows, columns };
        },
      };
    },
  };
}

function structuredOutputs(
  name: string,
  { first, second }: SiteScores,
  statistic: Statistic,
  weighed: readonly Weighed[],
  margins: boolean,
): Record<string, Value> {
  const { sums, totals, loaded, peaks = {} } = statistic(first.neurons, second && second.neurons, name);
  const outputs: Record<string, Value> = {};
  for (const [q, { value, degree }] of Object.entries(sums)) {
    outputs[`sum:${q}/${name}`] = first.sum(value, degree);
    if (margins && first.input) outputs[`margin:${q}/${name}`] = b.mul(value, first.reach(degree) as Value);
  }
  if (margins && first.input) outputs[`inputs/${name}`] = b.square(first.input);
  for (const [q, value] of Object.entries(peaks)) {
    const { rows, columns } = first.peaks(value);
    outputs[`rows:${q}/${name}`] = rows;
    outputs[`columns:${q}/${name}`] = columns;
  }
  for (const [q, total] of Object.entries(totals)) {
    outputs[`total:${q}/${name}`] = first.input
      ? b.mul(total, squaredNorm(first.input, total.shape.length))
      : total;
  }
  for (const { set, weights } of weighed) {
    const w = weights.get(name);
    if (!w || !loaded) continue;
    const load = first.load(weightsValue(w, first.site.parameter), 2);
    for (const [q, total] of Object.entries(loaded(load))) outputs[`total:${q}@${set}/${name}`] = total;
  }
  return outputs;
}

/** Without what is of entries, where only the totals are asked for. */
function asked(
  outputs: Readonly<Record<string, Value>>,
  { entries = true }: SitePassOptions,
): Record<string, Value> {
  const ofEntries = /^(sum|rows|columns|entries):/;
  return Object.fromEntries(Object.entries(outputs).filter(([key]) => entries || !ofEntries.test(key)));
}

/** ‖a‖² as [N, 1, …]. */
function squaredNorm(a: Value, rank: number): Value {
  const norm = b.reduceSum(b.square(a), [1]);
  return b.reshape(norm, [N, ...new Array<number>(rank - 1).fill(1)]);
}

interface Entry {
  readonly key: string;
  readonly parameter: string;
  readonly graph: BackwardGraph;
  readonly size: number;
  readonly count: number;
}

function entryGraph(key: string, name: string, parameter: Value, options: SitePassOptions): Entry {
  const size = sizeOf(parameter.shape as readonly number[]);
  const count = Math.min(size, options.chunk);
  const seeds = input('seeds', parameter.dtype, [count, size]);
  const used = input('used', parameter.dtype, [count]);
  const { first, second } = entryScores(options.h, parameter, options.late.ct, seeds);
  // The last chunk overlaps the one before; what it repeats must not enter totals twice.
  const { sums, peaks = {} } = options.statistic(first, second, name);
  const { totals, loaded } = options.statistic(b.mul(first, used), second && b.mul(second, used), name);
  const outputs: Record<string, Value> = {};
  for (const [q, { value }] of Object.entries(sums)) outputs[`sum:${q}/${name}`] = b.reduceSum(value, [0]);
  for (const [q, value] of Object.entries(peaks)) outputs[`entries:${q}/${name}`] = b.reduceMax(value, [0]);
  for (const [q, total] of Object.entries(totals)) outputs[`total:${q}/${name}`] = total;
  for (const { set, weights } of options.weighed ?? []) {
    const w = weights.get(name);
    if (!w || !loaded) continue;
    const column = b.reshape(weightsValue(w, parameter), [size, 1]);
    const load = b.reshape(b.matmul(seeds, column), [1, count]);
    for (const [q, total] of Object.entries(loaded(load))) outputs[`total:${q}@${set}/${name}`] = total;
  }
  const kept = asked(outputs, options);
  const late = lateOf(kept, { ...options.late, seeds, used });
  return { key, parameter: name, graph: { late, outputs: kept }, size, count };
}

async function runEntries(
  { key, graph, size, count }: Entry,
  programs: Passes,
  values: Readonly<Record<string, FloatArray>>,
  n: number,
  results: Map<string, FloatArray>,
): Promise<void> {
  const make = (length: number) => floats(programs.dtype, length);
  for (let fresh = 0; fresh < size; fresh += count) {
    const from = Math.min(fresh, size - count);
    const seeds = make(count * size);
    const used = make(count);
    for (let j = 0; j < count; j++) {
      seeds[j * size + from + j] = 1;
      used[j] = from + j < fresh ? 0 : 1;
    }
    const output = await programs.backward(key, readBy(graph, { ...values, seeds, used }), n);
    for (const [name, value] of Object.entries(graph.outputs)) {
      const part = output(name) as FloatArray;
      const before = results.get(name);
      if (batchAxis(value.shape) < 0) {
        const whole = before ?? make(size);
        whole.set(part, from);
        results.set(name, whole);
      } else if (before) for (let i = 0; i < part.length; i++) before[i] += part[i];
      else results.set(name, part.slice());
    }
  }
}

/** The late inputs that some output reads: programs have no others. */
function lateOf(
  outputs: Readonly<Record<string, Value>>,
  late: Readonly<Record<string, Value>>,
): Record<string, Value> {
  const read = new Set(leavesOf(Object.values(outputs)));
  return Object.fromEntries(Object.entries(late).filter(([, v]) => read.has(v)));
}

const readBy = ({ late }: BackwardGraph, values: Readonly<Record<string, FloatArray>>) =>
  Object.fromEntries(Object.entries(values).filter(([name]) => late[name]));
