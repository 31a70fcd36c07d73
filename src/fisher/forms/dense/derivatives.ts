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
import { type FloatArray, type FloatType, sizeOf } from '../../../core/tensor.js';
import type { Engine } from '../../../engine/types.js';
import { input, jvp, leavesOf, N, ops as b, type Value } from '../../../graph/index.js';
import { outputs as batchOutputs } from '../../../likelihood/batch.js';
import type { Outputs } from '../../../likelihood/types.js';
import { type Network, parameterCount } from '../../../model/network.js';
import { openBatch, type Opened } from '../../loop.js';
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

/** Halves that give the derivatives of a batch, by name, and what reads their outputs. */
export interface DerivativePlan {
  readonly graphs: Readonly<Record<string, BackwardGraph>>;
  /** Runs them on the batch whose forward half was run last. */
  read(programs: Passes, batch: Opened): Promise<BatchDerivatives>;
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

/**
 * Derivatives of every batch of `source`, in turn.
 * @throws FimError with `fisher/output-not-finite`, `graph/examples-coupled`, `graph/shape`, `likelihood/not-finite`, `tensor/size`
 */
export async function* derivatives(
  engine: Engine,
  network: Network,
  source: ExampleSource,
  options: { batch?: number | undefined; second?: boolean } = {},
): AsyncGenerator<BatchDerivatives> {
  const plan = planDerivatives(network, options.second ?? true);
  const programs = await Passes.compile(engine, network, plan.graphs, options.batch ?? 32);
  try {
    for (const examples of source(programs.maxBatch, programs.dtype))
      yield await plan.read(programs, await openBatch(programs, null, examples));
  } finally {
    programs.dispose();
  }
}

/** The first derivatives of the outputs by every parameter; the second ones too where they are asked for. */
export function planDerivatives(network: Network, second: boolean): DerivativePlan {
  const { h } = network;
  const T = h.shape[1] as number;
  const ct = input('ct', h.dtype, [N, T, T]);
  const { scores: found, nodes } = reverseScores(h, [...network.parameters.values()], ct);
  const scores = found.map((s) => s.aligned());
  const outputs: Record<string, Value> = {};
  scores.forEach((s, p) => {
    outputs[`g${p}`] = b.reshape(s.neurons, [N, T, neuronCount(s)]);
    // Placed behind the cotangents, since a program computes what it returns.
    if (s.input) outputs[`x${p}`] = after(s.input, ct);
  });
  const readsOf = second ? readsBySeed(scores, nodes) : null;
  const seeds = scores.flatMap((s, p) => (readsOf && seedGraph(s, p, scores, readsOf(p), ct)) ?? []);
  return {
    graphs: {
      [FIRST]: { late: { ct }, outputs },
      ...Object.fromEntries(seeds.map((s) => [s.key, s.graph])),
    },
    read: (programs, batch) => readBatch(programs, network, { scores, seeds }, batch),
  };
}

/** The half of the first derivatives. */
const FIRST = 'dense/first';

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
  return { key: `dense/seed${site}`, site, neurons, count, reads, graph: { late, outputs } };
}

async function readBatch(
  programs: Passes,
  network: Network,
  { scores, seeds }: { readonly scores: readonly Score[]; readonly seeds: readonly SeedGraph[] },
  { n, h, examples }: Opened,
): Promise<BatchDerivatives> {
  const { T } = h;
  const ct = unitCotangents(programs.dtype, n, T);
  const output = await programs.backward(FIRST, { ct }, n);
  const sites = sitesOfBatch(network, scores, output);
  const pairs: PairDerivatives[] = [];
  for (const seed of seeds) pairs.push(...(await runSeeds(programs, seed, sites, ct, n)));
  // Whoever asks for the next batch may still read this one.
  const own = batchOutputs(Float64Array.from(h.data.subarray(0, n * T)), n, T);
  return { n, T, P: parameterCount(network), h: own, examples, sites, pairs };
}

/** e_a for each output a: [n, T, T]. */
function unitCotangents(dtype: FloatType, n: number, T: number): FloatArray {
  const ct = floats(dtype, n * T * T);
  for (let j = 0; j < n * T; j++) ct[j * T + (j % T)] = 1;
  return ct;
}

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
  const space = (name: string, size: number) =>
    graph.outputs[name] ? new Float64Array(n * neurons * size) : null;
  const pairs = reads.map((read) => ({
    seed: site,
    read,
    g: space(`g${read}`, T * sites[read].neurons),
    x: space(`x${read}`, sites[read].width),
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
