/**
 * @module bench/tools/closedForms
 *
 * The library's closed forms of the variance of one label, diagonal, alone: Σ_x 𝒱1(x) and Σ_x 𝒱2(x) in the shape of each parameter,
 * by the same passes that estimates and profiles run, without the quantities that those compute beside them.
 */
import type { FloatArray, TypedArray } from '../../src/core/tensor.js';
import type { Engine } from '../../src/engine/index.js';
import { exactColumns } from '../../src/fisher/estimators/exact.js';
import { contract } from '../../src/scores/column-statistics.js';
import { planPass } from '../../src/fisher/forms/diagonal/pass.js';
import { type BackwardGraph, Passes } from '../../src/fisher/passes.js';
import { planSitePass } from '../../src/fisher/curved/site-pass.js';
import { floats } from '../../src/fisher/scratch.js';
import { concrete, input, N, nodesOf, ops as b, type Value } from '../../src/graph/index.js';
import { outputs } from '../../src/likelihood/batch.js';
import type { Likelihood } from '../../src/likelihood/types.js';
import type { Network } from '../../src/model/index.js';

/** One way to the variances: Σ_x 𝒱(x) by parameter, of n examples. */
export interface Way {
  run(): Promise<ReadonlyMap<string, FloatArray>>;
  /** Elements of the largest array that it computes. */
  readonly largest: number;
}

/** A network, a likelihood with enumerated labels, and a batch. */
export interface Setting {
  readonly engine: Engine;
  readonly network: Network;
  readonly likelihood: Likelihood;
  readonly x: TypedArray;
  readonly n: number;
}

export const classesOf = ({ network }: Setting): number => network.h.shape[1] as number;

/** Elements of the largest of the values that `values` are made from. */
export function largestOf(values: readonly Value[], n: number): number {
  const sizes = nodesOf(values).map((node) => concrete(node.output.shape, n).reduce((p, d) => p * d, 1));
  return Math.max(...sizes);
}

const largestIn = (graphs: Readonly<Record<string, BackwardGraph>>, n: number): number =>
  Math.max(...Object.values(graphs).map((g) => largestOf(Object.values(g.outputs), n)));

/** 𝒱1 = Σ_c p_c (s_c² − 𝔽)², s_c the score of class c (P24 Eq. 5). */
export async function typeOne(setting: Setting): Promise<Way> {
  const { engine, network, likelihood, x, n } = setting;
  const K = classesOf(setting);
  const spec = { columns: K, squares: false, label: 'enumerated', totals: null } as const;
  const pass = planPass('columns', network, spec, exactColumns(likelihood, K), K);
  const programs = await Passes.compile(engine, network, pass.graphs, n);
  const data = new Map([[[...network.inputs.keys()][0], x]]);
  const indices = new Uint32Array(n);
  return {
    largest: largestIn(pass.graphs, n),
    async run() {
      const h = outputs(await programs.forward(data, n), n, K);
      const result = await pass.run(programs, { h, indices, occurrence: null });
      return new Map([...network.parameters.keys()].map((p) => [p, result.label(p) as FloatArray]));
    },
  };
}

/** 𝒱2 = Σ_c p_c (Δ_cᵀ ∂²h/∂θ_i²)² (P24 Eq. 6). */
export async function typeTwo(setting: Setting): Promise<Way> {
  const { engine, network, likelihood, x, n } = setting;
  const { h, parameters } = network;
  const K = classesOf(setting);
  const ct = input('ct', h.dtype, [N, K, K]);
  const w = input('w', h.dtype, [N, K]);
  const pass = planSitePass('second', {
    h,
    parameters,
    late: { ct, w },
    statistic: (_, D) => ({
      sums: D ? { type2: { value: contract(w, b.square(D)), degree: 4 } } : {},
      totals: {},
    }),
    chunk: 4096,
  });
  const programs = await Passes.compile(engine, network, pass.graphs, n);
  const data = new Map([[[...network.inputs.keys()][0], x]]);
  const late = { ct: floats(programs.dtype, n * K * K), w: floats(programs.dtype, n * K) };
  return {
    largest: largestIn(pass.graphs, n),
    async run() {
      likelihood.columns(outputs(await programs.forward(data, n), n, K), late.ct, late.w);
      const result = await pass.run(programs, late, n);
      const found = new Map<string, FloatArray>();
      for (const p of parameters.keys()) {
        const sum = result.sum('type2', p);
        if (sum) found.set(p, sum);
      }
      return found;
    },
  };
}
