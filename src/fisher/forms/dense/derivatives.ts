/**
 * @module fisher/forms/dense/derivatives
 *
 * All first and second derivatives of h for the examples of a batch, on the host, at the neurons (theory (1.8) to (1.10)):
 *
 *   J_{a,(p;o,i)} = g_p[a,o] x_p[i]                                    x_p the input of a dense site, 1 for any other
 *   H^a_{(p;o,i),(q;u,r)} = (ġ_q[o][a,u] x_q[r] + g_q[a,u] ẋ_q[o][r]) x_p[i]
 *
 * with ġ_q[o], ẋ_q[o] the tangents of g_q and x_q when neuron o of site p moves: p is taken so that q comes after it or beside it, and
 * the other half is the transpose. One forward pass over the reverse graph for every neuron (every entry, for sites that are not
 * dense), a chunk at a time. Size: batch × Σ neurons² × T; for small networks and for study.
 */
import { type FloatArray, type FloatType, sizeOf, type TypedArray } from '../../../core/tensor.js';
import type { Engine } from '../../../engine/types.js';
import { input, jvp, leavesOf, N, ops as b, type Value } from '../../../graph/index.js';
import { outputs as batchOutputs } from '../../../likelihood/batch.js';
import type { Outputs } from '../../../likelihood/types.js';
import type { Network } from '../../../model/network.js';
import { type BackwardGraph, Passes } from '../../passes.js';
import { inputWidth, neuronCount, partsOf, reverseScores, type Score } from '../../../scores/index.js';
import { readsBySeed } from '../../../scores/second/seeds.js';
import type { ExampleBatch, ExampleSource } from '../../source.js';
import { floats } from '../../scratch.js';

/** One site of one batch. */
export interface SiteDerivatives {
  /** Name of the parameter. */
  readonly name: string;
  /** First parameter index, and number of parameters. */
  readonly offset: number;
  /** Number of its entries. */
  readonly size: number;
  /** Outputs of the site: rows of a weight, entries of a shift. */
  readonly neurons: number;
  /** Inputs of a neuron; 1 for a site that is not dense. */
  readonly width: number;
  /** Index of parameter (o, i) inside the tensor: o·strides[0] + i·strides[1]. */
  readonly strides: readonly [number, number];
  /** g [n, T, neurons] */
  readonly g: Float64Array;
  /** x [n, width]; null: ones. */
  readonly x: Float64Array | null;
}

/** Second derivatives between the neurons of `seed` and the parameters of `read`. */
export interface PairDerivatives {
  /** Index of the site whose neurons move. */
  readonly seed: number;
  /** Index of the site whose parameters are read. */
  readonly read: number;
  /** ġ [n, seed neurons, T, read neurons]; null: zero. */
  readonly g: Float64Array | null;
  /** ẋ [n, seed neurons, read width]; null: zero. */
  readonly x: Float64Array | null;
}

/** First and second derivatives of a batch's outputs by the parameters. */
export interface BatchDerivatives {
  /** Examples of the batch. */
  readonly n: number;
  /** Outputs of the network. */
  readonly T: number;
  /** Number of parameters. */
  readonly P: number;
  /** The outputs h [n, T]. */
  readonly h: Outputs;
  /** The examples. */
  readonly examples: ExampleBatch;
  /** The sites, in the order of the parameters. */
  readonly sites: readonly SiteDerivatives[];
  /** Absent where `second` was not asked for. */
  readonly pairs: readonly PairDerivatives[];
}

interface Plan {
  readonly scores: readonly Score[];
  readonly first: BackwardGraph;
  readonly seeds: readonly SeedGraph[];
}

interface SeedGraph {
  readonly key: string;
  readonly site: number;
  readonly neurons: number;
  readonly count: number;
  readonly reads: readonly number[];
  readonly graph: BackwardGraph;
}

/** Neurons of a site moved at once. */
const AT_ONCE = 64;

/** Derivatives of every batch of `source`, in turn. */
export async function* derivatives(
  engine: Engine,
  network: Network,
  source: ExampleSource,
  options: { batch?: number | undefined; second?: boolean } = {},
): AsyncGenerator<BatchDerivatives> {
  const plan = planDerivatives(network, options.second ?? true);
  const graphs = Object.fromEntries(plan.seeds.map((s) => [s.key, s.graph]));
  const programs = await Passes.compile(
    engine,
    network,
    { first: plan.first, ...graphs },
    options.batch ?? 32,
  );
  try {
    for (const examples of source(programs.maxBatch, programs.dtype)) {
      yield await batchDerivatives(programs, network, plan, examples);
    }
  } finally {
    programs.dispose();
  }
}

function planDerivatives(network: Network, second: boolean): Plan {
  const { h } = network;
  const ct = input('ct', h.dtype, [N, h.shape[1], h.shape[1]]);
  const { scores, nodes } = reverseScores(h, [...network.parameters.values()], ct);
  const outputs: Record<string, Value> = {};
  scores.forEach((s, p) => {
    outputs[`g${p}`] = b.reshape(s.neurons, [N, h.shape[1], neuronCount(s)]);
    // Placed behind the cotangents, since a program computes what it returns.
    if (s.input) outputs[`x${p}`] = after(s.input, ct);
  });
  if (!second) return { scores, first: { late: { ct }, outputs }, seeds: [] };
  const readsOf = readsBySeed(scores, nodes);
  const seeds = scores.map((s, p) => seedGraph(s, p, scores, readsOf(p), ct));
  return { scores, first: { late: { ct }, outputs }, seeds: seeds.filter((s) => s !== null) };
}

/** x, as something that needs the late input. */
const after = (x: Value, ct: Value): Value =>
  b.add(x, b.scale(b.reduceSum(b.reshape(ct, [N, (ct.shape[1] as number) ** 2]), [1], true), 0));

function seedGraph(
  seed: Score,
  site: number,
  scores: readonly Score[],
  reads: readonly number[],
  ct: Value,
): SeedGraph | null {
  const neurons = neuronCount(seed);
  const count = Math.min(neurons, AT_ONCE);
  const hot = input('seeds', ct.dtype, [count, neurons]);
  const { z, tangent } = seed.move(hot);
  const outputs: Record<string, Value> = {};
  for (const q of reads) {
    const s = scores[q];
    const [g, x] = jvp(partsOf(s), [z], [tangent], { lead: [count] });
    if (g) outputs[`g${q}`] = b.reshape(g, [N, count, ct.shape[1], neuronCount(s)]);
    if (x) outputs[`x${q}`] = x;
  }
  if (Object.keys(outputs).length === 0) return null;
  const late: Record<string, Value> = { seeds: hot };
  if (leavesOf(Object.values(outputs)).includes(ct)) late.ct = ct;
  return { key: `seed${site}`, site, neurons, count, reads, graph: { late, outputs } };
}

async function batchDerivatives(
  programs: Passes,
  network: Network,
  plan: Plan,
  examples: ExampleBatch,
): Promise<BatchDerivatives> {
  const { n, inputs } = examples;
  const T = programs.outputs;
  const data = new Map<string, TypedArray>([...inputs].map(([name, t]) => [name, t.data]));
  const outputs = await programs.forward(data, n);
  const h = batchOutputs(Float64Array.from(outputs), n, T);
  const ct = unitCotangents(programs.dtype, n, T);
  const output = await programs.backward('first', { ct }, n);
  const sites = sitesOfBatch(network, plan.scores, output);
  const pairs: PairDerivatives[] = [];
  for (const seed of plan.seeds) pairs.push(...(await runSeeds(programs, seed, sites, ct, n)));
  return { n, T, P: totalSize(network), h, examples, sites, pairs };
}

/** e_a for each output a: [n, T, T]. */
function unitCotangents(dtype: FloatType, n: number, T: number): FloatArray {
  const ct = floats(dtype, n * T * T);
  for (let j = 0; j < n * T; j++) ct[j * T + (j % T)] = 1;
  return ct;
}

const totalSize = (network: Network): number =>
  [...network.parameters.values()].reduce((sum, v) => sum + sizeOf(v.shape as readonly number[]), 0);

function sitesOfBatch(
  network: Network,
  scores: readonly Score[],
  output: (name: string) => FloatArray | null,
): SiteDerivatives[] {
  let offset = 0;
  const offsets = new Map<Value, { name: string; offset: number }>();
  for (const [name, v] of network.parameters) {
    offsets.set(v, { name, offset });
    offset += sizeOf(v.shape as readonly number[]);
  }
  return scores.map((s, p): SiteDerivatives => {
    const { parameter } = s.site;
    const x = output(`x${p}`);
    const width = inputWidth(s);
    const neurons = neuronCount(s);
    return {
      ...(offsets.get(parameter) as { name: string; offset: number }),
      size: neurons * width,
      neurons,
      width,
      strides: s.strides,
      g: Float64Array.from(output(`g${p}`) as FloatArray),
      x: x && Float64Array.from(x),
    };
  });
}

async function runSeeds(
  programs: Passes,
  { key, site, neurons, count, reads, graph }: SeedGraph,
  sites: readonly SiteDerivatives[],
  ct: FloatArray,
  n: number,
): Promise<PairDerivatives[]> {
  const T = programs.outputs;
  const room = (name: string, size: number) =>
    graph.outputs[name] ? new Float64Array(n * neurons * size) : null;
  const pairs = reads.map((read) => ({
    seed: site,
    read,
    g: room(`g${read}`, T * sites[read].neurons),
    x: room(`x${read}`, sites[read].width),
  }));
  for (let fresh = 0; fresh < neurons; fresh += count) {
    const from = Math.min(fresh, neurons - count);
    const seeds = floats(programs.dtype, count * neurons);
    for (let j = 0; j < count; j++) seeds[j * neurons + from + j] = 1;
    const output = await programs.backward(key, graph.late.ct ? { seeds, ct } : { seeds }, n);
    for (const { read, g, x } of pairs) {
      if (g) scatter(output(`g${read}`) as FloatArray, g, n, count, neurons, from);
      if (x) scatter(output(`x${read}`) as FloatArray, x, n, count, neurons, from);
    }
  }
  return pairs.filter((p) => p.g !== null || p.x !== null);
}

/** [n, count, …] into rows from… of [n, neurons, …]. */
function scatter(
  part: FloatArray,
  whole: Float64Array,
  n: number,
  count: number,
  neurons: number,
  from: number,
): void {
  const size = whole.length / (n * neurons);
  for (let e = 0; e < n; e++) {
    whole.set(part.subarray(e * count * size, (e + 1) * count * size), (e * neurons + from) * size);
  }
}
