/**
 * @module variance/curvature-blocks
 *
 * Σ_ij 𝒱2_ij = E‖Î2 − 𝔽‖_F² = Σ_c w_c ‖Σ_a Δ_ca H^a‖_F² of one label (theory (4.2)), exactly, for every tensor, layer and the whole
 * network, cross-layer blocks included. Block (p, q) comes from the tangents of g_q and x_q when p's neurons move (theory (4.7)):
 *
 *   ‖x_p‖² Σ_o [‖ġ‖²‖x‖² + 2⟨ġ, g⟩⟨x, ẋ⟩ + ‖g‖²‖ẋ‖²]
 *
 * one forward pass over the reverse graph for every neuron: 2K Σ n³ where type 1 takes K passes.
 */
import type { FloatArray, FloatType } from '../core/tensor.js';
import { operationsOf } from '../engine/cost.js';
import type { Engine } from '../engine/types.js';
import { inNaturalForm } from '../fisher/curved/natural.js';
import { type Group, groupsOf } from '../fisher/forms/diagonal/groups.js';
import { DEFAULT_BUDGET, planSites } from '../fisher/memory.js';
import { type BackwardGraph, Passes } from '../fisher/passes.js';
import { floats } from '../fisher/scratch.js';
import type { ExampleSource } from '../fisher/source.js';
import { input, jvp, leavesOf, N, nodesOf, ops as b, type Value } from '../graph/index.js';
import type { Likelihood, Outputs } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import { neuronCount, partsOf, reverseScores, type Score } from '../scores/index.js';
import { readsBySeed } from '../scores/second/seeds.js';
import { addInto } from './gram-errors.js';
import { forwardOutputs } from './probe-batch.js';

/** Σ_ij 𝒱2_ij of one label by group, means over the examples. */
export interface CurvatureBlocks {
  readonly blocks: readonly {
    /** The tensors that it is taken over. */
    readonly group: Group;
    /** Σ_ij 𝒱2_ij. */
    readonly type2: number;
  }[];
  readonly examples: number;
  readonly interrupted: boolean;
}

interface BlockGraph {
  readonly key: string;
  /** The parameter whose neurons move. */
  readonly seed: string;
  readonly neurons: number;
  readonly count: number;
  /** Parameters that are read. */
  readonly reads: readonly string[];
  readonly graph: BackwardGraph;
}

/** Batch and memory of a plan. */
interface Limits {
  readonly batch?: number | undefined;
  readonly budget?: number | undefined;
}

/**
 * Exact Σ_ij 𝒱2_ij of tensors, layers and the network.
 * @throws FimError with `fisher/output-not-finite`, `graph/examples-coupled`, `graph/shape`, `likelihood/not-finite`, `tensor/size`
 */
export async function curvatureBlocks(
  engine: Engine,
  given: Network,
  declared: Likelihood,
  source: ExampleSource,
  options: Limits & { readonly signal?: AbortSignal | undefined } = {},
): Promise<CurvatureBlocks> {
  const { network, likelihood } = inNaturalForm(given, declared);
  const { seeds, batch } = planCurvature(network, likelihood, options);
  const groups = groupsOf(network);
  const sums = groups.map(() => 0);
  let examples = 0;
  let interrupted = false;
  const graphs = Object.fromEntries(seeds.map((s) => [s.key, s.graph]));
  const programs = await Passes.compile(engine, network, graphs, batch);
  try {
    for (const visited of source(batch, programs.dtype)) {
      interrupted = options.signal?.aborted ?? false;
      if (interrupted) break;
      const { n, indices } = visited;
      const h = await forwardOutputs(programs, visited);
      likelihood.checkDomain(h, indices);
      const { columns, w } = columnsOf(likelihood, h, programs.dtype);
      for (const seed of seeds) {
        for (const [q, norms] of await runSeed(programs, seed, columns, n)) {
          let sum = 0;
          for (let j = 0; j < w.length; j++) sum += w[j] * norms[j];
          groups.forEach(({ parameters }, g) => {
            if (parameters.includes(seed.seed) && parameters.includes(q))
              sums[g] += seed.seed === q ? sum : 2 * sum;
          });
        }
      }
      examples += n;
    }
  } finally {
    programs.dispose();
  }
  const blocks = groups.map((group, g) => ({ group, type2: sums[g] / examples }));
  return { blocks, examples, interrupted };
}

/**
 * Operations of one example of `curvatureBlocks`; 0 where no output is curved in any pair of parameters.
 * @throws FimError with `graph/examples-coupled`, `graph/shape`, `tensor/size`
 */
export function curvatureOperations(given: Network, declared: Likelihood, limits: Limits = {}): number {
  const { network, likelihood } = inNaturalForm(given, declared);
  const { seeds } = planCurvature(network, likelihood, limits);
  return seeds.reduce((sum, { neurons, count, graph }) => {
    const one = operationsOf(nodesOf(Object.values(graph.outputs)), 1);
    return sum + Math.ceil(neurons / count) * one;
  }, 0);
}

function planCurvature(network: Network, likelihood: Likelihood, limits: Limits) {
  const T = network.h.shape[1] as number;
  const K = likelihood.columnCount(T);
  const { batch, chunk } = planSites(network, K, limits.batch ?? 64, limits.budget ?? DEFAULT_BUDGET);
  const ct = input('ct', network.h.dtype, [N, K, T]);
  const { scores: found, nodes } = reverseScores(network.h, [...network.parameters.values()], ct);
  const scores = found.map((s) => s.aligned());
  const names = new Map([...network.parameters].map(([p, v]) => [v, p]));
  const named = scores.map((s) => ({ name: names.get(s.site.parameter) as string, score: s }));
  const reads = readsBySeed(scores, nodes);
  const count = Math.max(1, Math.floor(chunk / K));
  const seeds = named.flatMap(
    (seed, p) =>
      blockGraph(
        seed,
        reads(p).map((q) => named[q]),
        ct,
        count,
      ) ?? [],
  );
  return { seeds, batch };
}

interface Named {
  readonly name: string;
  readonly score: Score;
}

/** ‖Σ_a Δ_ca H^a_(p,q)‖² [N, K] for each reader q, over the neurons of p that `seeds` selects. */
function blockGraph(
  { name, score: seed }: Named,
  reads: readonly Named[],
  ct: Value,
  chunk: number,
): BlockGraph | null {
  const neurons = neuronCount(seed);
  const count = Math.min(neurons, chunk);
  const hot = input('seeds', ct.dtype, [count, neurons]);
  const { z, tangent } = seed.move(hot);
  const outputs: Record<string, Value> = {};
  for (const { name: q, score: read } of reads) {
    const [g, x] = jvp(partsOf(read), [z], [tangent], { lead: [count] });
    const norms = read.tangentNorms(g, x ?? null);
    const norm = norms && b.reduceSum(norms, [1]);
    if (norm) outputs[q] = seed.input ? b.mul(norm, b.reduceSum(b.square(seed.input), [1], true)) : norm;
  }
  if (Object.keys(outputs).length === 0) return null;
  const leaves = leavesOf(Object.values(outputs));
  const late = Object.fromEntries(Object.entries({ seeds: hot, ct }).filter(([, v]) => leaves.includes(v)));
  const graph = { late, outputs };
  return { key: `seed ${name}`, seed: name, neurons, count, reads: Object.keys(outputs), graph };
}

function columnsOf(likelihood: Likelihood, h: Outputs, dtype: FloatType) {
  const K = likelihood.columnCount(h.T);
  const columns = floats(dtype, h.n * K * h.T);
  const w = new Float64Array(h.n * K);
  likelihood.columns(h, columns, w);
  return { columns, w };
}

async function runSeed(
  programs: Passes,
  { key, neurons, count, reads, graph }: BlockGraph,
  ct: FloatArray,
  n: number,
): Promise<Map<string, Float64Array>> {
  const K = ct.length / (n * programs.outputs);
  const sums = new Map(reads.map((q) => [q, new Float64Array(n * K)]));
  for (let from = 0; from < neurons; from += count) {
    const seeds = floats(programs.dtype, count * neurons);
    // Beyond the last neuron nothing moves.
    for (let j = 0; j < Math.min(count, neurons - from); j++) seeds[j * neurons + from + j] = 1;
    const output = await programs.backward(key, graph.late.ct ? { seeds, ct } : { seeds }, n);
    for (const [q, sum] of sums) addInto(sum, output(q));
  }
  return sums;
}
