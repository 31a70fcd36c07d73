/**
 * @module variance/probes
 *
 * Unbiased estimates of variances where the exact ones are dear (theory (4.6), (10.5) to (10.7)). Each of R independent repeats gives
 * an estimate for all examples; the result is their mean with its standard error from their spread: error of the probes, inputs fixed.
 *
 *   labelProbes       𝒱1 of the diagonal from K ≥ 2 sampled labels, (1/(K−1)) Σ_k (s_k² − mean)² (K = 2: (s² − s′²)²/2), and Σ_ij 𝒱1_ij
 *                     = mean_k ‖s_k‖⁴ − mean_{k≠l} ⟨s_k, s_l⟩²: K backward passes
 *   curvatureProbes   𝒱2 of the diagonal from two independent sets of signs (variance/curvature-probes)
 *   frobeniusProbes   Σ_ij 𝒱2_ij = E‖H_v u‖² with v = Rω, RRᵀ = I, and u, ω random signs, u and what is read confined to the block: one
 *                     Hessian-vector product of vᵀh, v held fixed (of ℓ itself it would add 𝔽u). Any v of covariance I would do; the
 *                     residual of a sampled label has far heavier tails where the network is certain
 */
import { UniformStream } from '../core/random.js';
import { operationsOf } from '../engine/cost.js';
import type { Engine } from '../engine/types.js';
import { input, jvp, leavesOf, N, nodesOf, ops as b, type Value } from '../graph/index.js';
import { rootFor } from '../likelihood/roots/index.js';
import type { Likelihood } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import { type Group, groupsOf } from '../fisher/forms/diagonal/groups.js';
import { enumeratedVariance } from '../scores/column-statistics.js';
import { type BackwardGraph, Passes } from '../fisher/passes.js';
import { partsOf, scoresOf } from '../scores/index.js';
import type { ExampleSource } from '../fisher/source.js';
import { gramOf } from '../fisher/forms/diagonal/curved-graph.js';
import { inNaturalForm } from '../fisher/curved/natural.js';
import { forwardOutputs, labelResiduals, type ProbeOptions } from './probe-batch.js';
import { addInto, sampledError } from './gram-errors.js';
import { type Probed, RepeatSums } from './repeats.js';
import { planSitePass } from '../fisher/curved/site-pass.js';
import { floats } from '../fisher/scratch.js';

/**
 * 𝒱1 per parameter, and its sum over all pairs in each group, from sampled labels.
 * @throws FimError with `fisher/output-not-finite`, `graph/examples-coupled`, `graph/shape`, `likelihood/not-finite`, `random/seed`,
 * `tensor/size`
 */
export async function labelProbes(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  options: ProbeOptions = {},
): Promise<{
  /** By parameter, in its shape. */
  tensors: ReadonlyMap<string, Probed>;
  /** By group. */
  groups: readonly {
    /** The tensors that it is taken over. */
    group: Group;
    /** E‖F̂ − F‖²_F of one label by type 1. */
    type1: Probed;
  }[];
}> {
  const { repeats = 16, labels: K = 2, seed = 0 } = options;
  const T = network.h.shape[1] as number;
  const { h, parameters } = network;
  const late = { ct: input('ct', h.dtype, [N, K, T]), u: input('u', h.dtype, [N, K]) };
  const pass = planSitePass('labels', {
    h,
    parameters,
    late,
    chunk: 16,
    statistic: (s) => {
      const squares = b.square(s);
      const mean = b.scale(b.reduceSum(squares, [1]), 1 / K);
      const v = b.scale(enumeratedVariance(late.u, squares, mean), K / (K - 1));
      return { sums: { v: { value: v, degree: 4 } }, totals: { gram: gramOf(s) } };
    },
  });
  const groups = groupsOf(network);
  const tensorSums = new RepeatSums(repeats);
  const groupSums = new RepeatSums(repeats);
  const stream = new UniformStream(seed, 'probes/labels');
  const programs = await Passes.compile(engine, network, pass.graphs, options.batch ?? 64);
  try {
    for (const examples of source(programs.maxBatch, programs.dtype)) {
      const { n } = examples;
      const rows = await forwardOutputs(programs, examples);
      const u = floats(programs.dtype, n * K).fill(1 / K);
      for (let r = 0; r < repeats; r++) {
        const ct = floats(programs.dtype, n * K * T);
        ct.set(labelResiduals(likelihood, rows, examples, stream, r * K, K));
        const result = await pass.run(programs, { ct, u }, n);
        for (const p of parameters.keys()) tensorSums.add(p, r, result.sum('v', p));
        groups.forEach((group, g) => {
          const gram = new Float64Array(n * K * K);
          for (const p of group.parameters) addInto(gram, result.total('gram', p));
          let sum = 0;
          for (let e = 0; e < n; e++) sum += sampledError(gram.subarray(e * K * K, (e + 1) * K * K), K).error;
          groupSums.add(String(g), r, [sum]);
        });
      }
      tensorSums.examples += n;
      groupSums.examples += n;
    }
  } finally {
    programs.dispose();
  }
  const sizes = [...network.weights].filter(([p]) => parameters.has(p));
  return {
    tensors: new Map(sizes.map(([p, t]) => [p, tensorSums.result(p, t.data.length)])),
    groups: groups.map((group, g) => ({ group, type1: groupSums.result(String(g), 1) })),
  };
}

/**
 * Σ_ij 𝒱2_ij of every tensor, layer and the network, or of the `groups` given, from Hessian-vector products.
 * @throws FimError with `fisher/output-not-finite`, `graph/examples-coupled`, `graph/shape`, `likelihood/kernel`, `likelihood/not-finite`,
 * `random/index`, `random/seed`, `tensor/size`
 */
export async function frobeniusProbes(
  engine: Engine,
  given: Network,
  declared: Likelihood,
  source: ExampleSource,
  options: ProbeOptions & { groups?: readonly Group[]; signal?: AbortSignal | undefined } = {},
): Promise<
  {
    /** The tensors that it is taken over. */
    group: Group;
    /** E‖F̂ − F‖²_F of one label by type 2. */
    type2: Probed;
  }[]
> {
  const { network, likelihood } = inNaturalForm(given, declared);
  const { repeats = 16, seed = 0 } = options;
  const T = network.h.shape[1] as number;
  const groups = options.groups ?? groupsOf(network);
  const graph = probeGraph(network, groups);
  const sums = new RepeatSums(repeats);
  const root = rootFor(likelihood, T);
  const onRoot = new UniformStream(seed, 'probes/root');
  const signs = new UniformStream(seed, 'probes/signs');
  const programs = await Passes.compile(engine, network, { probe: graph }, options.batch ?? 64);
  let batch = 0;
  try {
    for (const examples of source(programs.maxBatch, programs.dtype)) {
      if (options.signal?.aborted) break;
      const { n } = examples;
      const rows = await forwardOutputs(programs, examples);
      for (let r = 0; r < repeats; r++) {
        const late: Record<string, Float32Array | Float64Array> = {};
        let q = 0;
        for (const [p, v] of network.parameters) {
          q += 1;
          if (!graph.late[`u/${p}`]) continue;
          const u = floats(
            programs.dtype,
            (v.shape as number[]).reduce((s, d) => s * d, 1),
          );
          for (let i = 0; i < u.length; i++) u[i] = signs.at(batch, r, q, i) > 0.5 ? 1 : -1;
          late[`u/${p}`] = u;
        }
        if (graph.late.ct) {
          const ct = floats(programs.dtype, n * T);
          const { indices, occurrence } = examples;
          const draws = { stream: onRoot, examples: indices, occurrences: occurrence, from: r, count: 1 };
          root.signs(rows, draws, 0, ct);
          late.ct = ct;
        }
        const output =
          Object.keys(graph.outputs).length > 0 ? await programs.backward('probe', late, n) : null;
        groups.forEach((group, g) => {
          let sum = 0;
          for (const p of group.parameters) {
            const norms = output?.(`norm/${p}`);
            if (norms) for (let e = 0; e < n; e++) sum += norms[e * groups.length + g];
          }
          sums.add(String(g), r, [sum]);
        });
      }
      sums.examples += n;
      batch += 1;
    }
  } finally {
    programs.dispose();
  }
  return groups.map((group, g) => ({ group, type2: sums.result(String(g), 1) }));
}

/**
 * Operations of one example of one repeat of `frobeniusProbes`.
 * @throws FimError with `graph/examples-coupled`, `graph/shape`, `tensor/size`
 */
export function probeOperations(given: Network, declared: Likelihood, groups: readonly Group[]): number {
  const { outputs } = probeGraph(inNaturalForm(given, declared).network, groups);
  return operationsOf(nodesOf(Object.values(outputs)), 1);
}

/** ‖(H_v u)_p‖² [N, groups] of each parameter, u confined to each group in turn. */
function probeGraph(network: Network, groups: readonly Group[]): BackwardGraph {
  const { h, parameters } = network;
  const ct = input('ct', h.dtype, [N, 1, h.shape[1]]);
  const scores = scoresOf(h, [...parameters.values()], ct);
  const names = new Map([...parameters].map(([p, v]) => [v, p]));
  const late: Record<string, Value> = { ct };
  const tangents = [...parameters].map(([p, v]) => {
    const u = input(`u/${p}`, v.dtype, v.shape);
    late[`u/${p}`] = u;
    const rows = groups.map(({ parameters: own }) => b.scale(u, own.includes(p) ? 1 : 0));
    return b.concat(
      rows.map((row) => b.reshape(row, [1, ...v.shape])),
      0,
    );
  });
  const outputs: Record<string, Value> = {};
  for (const score of scores) {
    const [g, x] = jvp(partsOf(score), [...parameters.values()], tangents, { lead: [groups.length] });
    const norms = score.tangentNorms(g, x ?? null);
    if (norms)
      outputs[`norm/${names.get(score.site.parameter) as string}`] = b.reshape(norms, [N, groups.length]);
  }
  const leaves = leavesOf(Object.values(outputs));
  return { late: Object.fromEntries(Object.entries(late).filter(([, v]) => leaves.includes(v))), outputs };
}
