/**
 * @module variance/frobenius
 *
 * Σ_ij Var Î_ij = E‖Î − 𝔽‖_F² of one label, exactly, for every tensor, layer and the whole network, cross-layer blocks included, through
 * tiny Gram matrices (theory (4.1), (4.2), (4.7)):
 *
 *   type 1   E(δᵀGδ)² − tr(GIGI),  G = JJᵀ                     from Γ_cd = ⟨s_c, s_d⟩ alone: K backward passes, memory O(K²)
 *            enumerated   Σ_c w_c Γ_cc² − Σ_cd w_c w_d Γ_cd²
 *            pairwise     Σ_a c_a G_aa² + Σ_{a≠b} w_a w_b (G_aa G_bb + G_ab²)
 *   type 2   tr(𝒢I) = Σ_c w_c ‖Σ_a Δ_ca H^a‖_F²                 block (p, q) from the tangents of g_q and x_q when p's neurons move:
 *            ‖x_p‖² Σ_o [‖ġ‖²‖x‖² + 2⟨ġ, g⟩⟨x, ẋ⟩ + ‖g‖²‖ẋ‖²]
 *
 * Type 2 takes one forward pass over the reverse graph for every neuron: 2K Σ n³ where type 1 takes K passes. A cheaper unbiased
 * version is in variance/probes.
 */
import { type FloatArray, type TypedArray } from '../core/tensor.js';
import type { Engine } from '../engine/types.js';
import { input, jvp, leavesOf, N, ops as b, type Value } from '../graph/index.js';
import { outputs as batchOutputs } from '../likelihood/batch.js';
import type { ComponentMoments, Likelihood } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import { type Group, groupsOf } from '../fisher/forms/diagonal/groups.js';
import { DEFAULT_BUDGET, planSites } from '../fisher/memory.js';
import { type BackwardGraph, Passes } from '../fisher/passes.js';
import { neuronCount, partsOf, reverseScores, type Score } from '../scores/index.js';
import type { ExampleSource } from '../fisher/source.js';
import { inNaturalForm } from '../fisher/curved/natural.js';
import { readsBySeed } from '../scores/second/seeds.js';
import { floats } from '../fisher/scratch.js';

/** Means over the examples for one label at each. */
export interface FrobeniusError {
  /** The tensors that it is taken over. */
  readonly group: Group;
  /** E ‖𝔽(x)‖_F². */
  readonly fisher: number;
  /** Σ_ij 𝒱1_ij. */
  readonly type1: number;
  /** Σ_ij 𝒱2_ij; null where it was not asked for. */
  readonly type2: number | null;
}

/**
 * Exact Frobenius errors of tensors, layers and the network. `second: false` leaves out type 2.
 * @throws FimError with `fisher/output-not-finite`, `graph/examples-coupled`, `graph/shape`, `likelihood/not-finite`, `tensor/size`
 */
export async function frobeniusErrors(
  engine: Engine,
  given: Network,
  declared: Likelihood,
  source: ExampleSource,
  options: { batch?: number; budget?: number; second?: boolean } = {},
): Promise<FrobeniusError[]> {
  const { network, likelihood } = inNaturalForm(given, declared);
  const T = network.h.shape[1] as number;
  const K = likelihood.columnCount(T);
  const { batch, chunk } = planSites(network, K, options.batch ?? 64, options.budget ?? DEFAULT_BUDGET);
  const ct = input('ct', network.h.dtype, [N, K, T]);
  const { scores, nodes } = reverseScores(network.h, [...network.parameters.values()], ct);
  const names = new Map([...network.parameters].map(([p, v]) => [v, p]));
  const nameOf = (s: Score) => names.get(s.site.parameter) as string;
  const grams = Object.fromEntries(scores.map((s) => [nameOf(s), s.gram()]));
  const reads = readsBySeed(scores, nodes);
  const seeds =
    options.second === false
      ? []
      : scores.flatMap(
          (_, p) => blockGraph(scores, p, reads(p), ct, Math.max(1, Math.floor(chunk / K))) ?? [],
        );
  const graphs: Record<string, BackwardGraph> = { gram: { late: { ct }, outputs: grams } };
  seeds.forEach((s) => (graphs[`seed${s.p}`] = s.graph));
  const groups = groupsOf(network);
  const sums = groups.map(() => ({ fisher: 0, type1: 0, type2: 0 }));
  let examples = 0;
  const programs = await Passes.compile(engine, network, graphs, batch);
  try {
    for (const { n, indices, inputs } of source(batch, programs.dtype)) {
      const data = new Map<string, TypedArray>([...inputs].map(([name, t]) => [name, t.data]));
      const h = batchOutputs(await programs.forward(data, n), n, T);
      likelihood.checkDomain(h, indices);
      const columns = floats(programs.dtype, n * K * T);
      const w = new Float64Array(n * K);
      likelihood.columns(h, columns, w);
      const c = new Float64Array(n * K);
      const pairwise = likelihood.labelKind === 'pairwise';
      if (pairwise) (likelihood.components as ComponentMoments).fourth(h, c);
      const output = await programs.backward('gram', { ct: columns }, n);
      groups.forEach((group, g) => {
        const G = new Float64Array(n * K * K);
        for (const p of group.parameters) addInto(G, output(p));
        for (let e = 0; e < n; e++) {
          const row = (a: Float64Array, size: number) => a.subarray(e * size, (e + 1) * size);
          const fisher = squaredNorm(row(G, K * K), row(w, K));
          sums[g].fisher += fisher;
          sums[g].type1 += pairwise
            ? pairwiseError(row(G, K * K), row(w, K), row(c, K))
            : enumeratedError(row(G, K * K), row(w, K), fisher);
        }
      });
      for (const seed of seeds) {
        for (const [q, norms] of await runSeed(programs, seed, columns, n, K)) {
          let sum = 0;
          for (let j = 0; j < n * K; j++) sum += w[j] * norms[j];
          const members = [nameOf(scores[seed.p]), nameOf(scores[q])];
          groups.forEach((group, g) => {
            if (!members.every((m) => group.parameters.includes(m))) return;
            sums[g].type2 += seed.p === q ? sum : 2 * sum;
          });
        }
      }
      examples += n;
    }
  } finally {
    programs.dispose();
  }
  return groups.map((group, g) => ({
    group,
    fisher: sums[g].fisher / examples,
    type1: sums[g].type1 / examples,
    type2: options.second === false ? null : sums[g].type2 / examples,
  }));
}

/** ‖𝔽‖_F² = Σ_cd w_c w_d Γ_cd². */
export function squaredNorm(G: Float64Array, w: Float64Array): number {
  const K = w.length;
  let sum = 0;
  for (let c = 0; c < K; c++) for (let d = 0; d < K; d++) sum += w[c] * w[d] * G[c * K + d] ** 2;
  return sum;
}

/** E‖ssᵀ − 𝔽‖_F² where the columns enumerate the labels. */
export function enumeratedError(G: Float64Array, w: Float64Array, fisher: number): number {
  const K = w.length;
  let sum = 0;
  for (let c = 0; c < K; c++) sum += w[c] * G[c * K + c] ** 2;
  return Math.max(0, sum - fisher);
}

/** E‖ssᵀ − 𝔽‖_F² for independent components: no negative term. */
export function pairwiseError(G: Float64Array, w: Float64Array, c: Float64Array): number {
  const K = w.length;
  let sum = 0;
  for (let a = 0; a < K; a++) {
    sum += c[a] * G[a * K + a] ** 2;
    for (let d = 0; d < K; d++)
      if (d !== a) sum += w[a] * w[d] * (G[a * K + a] * G[d * K + d] + G[a * K + d] ** 2);
  }
  return sum;
}

interface BlockGraph {
  readonly p: number;
  readonly neurons: number;
  readonly count: number;
  readonly reads: readonly number[];
  readonly graph: BackwardGraph;
}

/** ‖Σ_a Δ_ca H^a_(p,q)‖² [N, K] for each reader q, over the neurons of p that `seeds` selects. */
function blockGraph(
  scores: readonly Score[],
  p: number,
  reads: readonly number[],
  ct: Value,
  chunk: number,
): BlockGraph | null {
  const seed = scores[p];
  const neurons = neuronCount(seed);
  const count = Math.min(neurons, chunk);
  const hot = input('seeds', ct.dtype, [count, neurons]);
  const { z, tangent } = seed.move(hot);
  const outputs: Record<string, Value> = {};
  for (const q of reads) {
    const read = scores[q];
    const [g, x] = jvp(partsOf(read), [z], [tangent], { lead: [count] });
    const norms = read.tangentNorms(g, x ?? null);
    const norm = norms && b.reduceSum(norms, [1]);
    if (norm)
      outputs[`norm${q}`] = seed.input ? b.mul(norm, b.reduceSum(b.square(seed.input), [1], true)) : norm;
  }
  if (Object.keys(outputs).length === 0) return null;
  const leaves = leavesOf(Object.values(outputs));
  const late = Object.fromEntries(Object.entries({ seeds: hot, ct }).filter(([, v]) => leaves.includes(v)));
  return { p, neurons, count, reads, graph: { late, outputs } };
}

async function runSeed(
  programs: Passes,
  { p, neurons, count, reads, graph }: BlockGraph,
  ct: FloatArray,
  n: number,
  K: number,
): Promise<Map<number, Float64Array>> {
  const found = reads.filter((q) => graph.outputs[`norm${q}`]);
  const sums = new Map(found.map((q) => [q, new Float64Array(n * K)]));
  for (let from = 0; from < neurons; from += count) {
    const seeds = floats(programs.dtype, count * neurons);
    // Beyond the last neuron nothing moves.
    for (let j = 0; j < Math.min(count, neurons - from); j++) seeds[j * neurons + from + j] = 1;
    const output = await programs.backward(`seed${p}`, graph.late.ct ? { seeds, ct } : { seeds }, n);
    for (const [q, sum] of sums) addInto(sum, output(`norm${q}`));
  }
  return sums;
}

function addInto(sum: Float64Array, term: FloatArray | null): void {
  if (term) for (let i = 0; i < term.length; i++) sum[i] += term[i];
}
