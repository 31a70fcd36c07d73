/**
 * @module variance/curvature-probes
 *
 * The diagonal of 𝒱2 without per-example products P_ml (theory (10.4), (10.5)). What a curved elementwise node y = φ(x) adds
 * to D is Σ_p c_p P_pj², P = ∂x/∂z; with random signs ξ on x,
 *
 *   E[(Pᵀξ) ∘ (Pᵀ(c ∘ ξ))]_j = Σ_p c_p P_pj²,
 *
 * two vector–Jacobian products (K + 1 with K columns), for all pivots below the node at once; nodes within one weight of the pivot stay
 * exact, as they are free. 𝒱2 is quadratic in D, so two independent sets of signs are multiplied: E[Σ_c w_c D̂_c D̂′_c] = Σ_c w_c D_c².
 * Signed, and noisy where many nodes follow; a single set squared would be biased upward.
 */
import { UniformStream } from '../core/random.js';
import { FimError } from '../core/errors.js';
import { sizeOf } from '../core/tensor.js';
import type { Engine } from '../engine/types.js';
import {
  input,
  Layout,
  leavesOf,
  N,
  type Node,
  ops as b,
  sameDims,
  type Value,
  vjp,
} from '../graph/index.js';
import type { Likelihood } from '../likelihood/types.js';
import type { Network } from '../model/network.js';
import { contract } from '../scores/column-statistics.js';
import { type BackwardGraph, Passes } from '../fisher/passes.js';
import { reverseScores, type Score } from '../scores/index.js';
import type { ExampleSource } from '../fisher/source.js';
import { elementwiseTerms, isElementwise } from '../scores/second/curvature.js';
import { inNaturalForm } from '../fisher/curved/natural.js';
import { type Pivot, pivotOf } from '../scores/second/pivots.js';
import { forwardOutputs, type ProbeOptions } from './probe-batch.js';
import { type Probed, RepeatSums } from './repeats.js';
import { pivotParts, type PivotParts, type Reversed } from '../scores/second/along.js';
import { floats } from '../fisher/scratch.js';

interface Planned {
  readonly graph: BackwardGraph;
  /** Late inputs of signs, with the numbers of an example's signs. */
  readonly signs: readonly { readonly name: string; readonly size: number }[];
}

/**
 * E 𝒱2 per parameter, over the examples. Throws `fisher/probes` where a parameter or node has no such form.
 * @throws FimError with `fisher/output-not-finite`, `graph/examples-coupled`, `graph/shape`, `likelihood/not-finite`, `random/index`,
 * `random/seed`, `tensor/size`
 */
export async function curvatureProbes(
  engine: Engine,
  given: Network,
  declared: Likelihood,
  source: ExampleSource,
  options: ProbeOptions = {},
): Promise<ReadonlyMap<string, Probed>> {
  const { network, likelihood } = inNaturalForm(given, declared);
  const { repeats = 16, seed = 0 } = options;
  const T = network.h.shape[1] as number;
  const K = likelihood.columnCount(T);
  const { graph, signs } = planProbes(network, K);
  const sums = new RepeatSums(repeats);
  const stream = new UniformStream(seed, 'probes/curvature');
  const programs = await Passes.compile(engine, network, { probe: graph }, options.batch ?? 64);
  try {
    for (const examples of source(programs.maxBatch, programs.dtype)) {
      const { n, indices, occurrence } = examples;
      const h = await forwardOutputs(programs, examples);
      const ct = floats(programs.dtype, n * K * T);
      const w = floats(programs.dtype, n * K);
      likelihood.columns(h, ct, w);
      for (let r = 0; r < repeats && Object.keys(graph.outputs).length > 0; r++) {
        const late: Record<string, Float32Array | Float64Array> = { ct, w };
        let component = 0;
        for (const { name, size } of signs) {
          const xi = floats(programs.dtype, n * size);
          for (let e = 0; e < n; e++)
            for (let i = 0; i < size; i++) {
              xi[e * size + i] = stream.at(indices[e], occurrence[e], r, component + i) > 0.5 ? 1 : -1;
            }
          component += size;
          late[name] = xi;
        }
        const output = await programs.backward('probe', late, n);
        for (const p of network.parameters.keys()) sums.add(p, r, output(`v/${p}`));
      }
      sums.examples += n;
    }
  } finally {
    programs.dispose();
  }
  return new Map(
    [...network.parameters].map(([p, v]) => [p, sums.result(p, sizeOf(v.shape as readonly number[]))]),
  );
}

interface Probe {
  readonly score: Score;
  readonly pivot: Pivot;
}

function planProbes(network: Network, K: number): Planned {
  const { h, parameters } = network;
  const ct = input('ct', h.dtype, [N, K, h.shape[1]]);
  const w = input('w', h.dtype, [N, K]);
  const { scores, ...rest } = reverseScores(h, [...parameters.values()], ct);
  const reversed: Reversed = { ...rest, columns: K };
  const names = new Map([...parameters].map(([p, v]) => [v, p]));
  const nameOf = (s: Score) => names.get(s.site.parameter) as string;
  const probes = scores.map((score): Probe => {
    const pivot = pivotOf(score.site, reversed.nodes);
    if (!pivot) throw unsupported(`parameter "${nameOf(score)}"`, score.site.reason);
    return { score, pivot };
  });
  const parts = new Map<Value, PivotParts>();
  for (const { pivot } of probes) if (!parts.has(pivot.z)) parts.set(pivot.z, pivotParts(pivot.z, reversed));
  const late: Record<string, Value> = { ct, w };
  const signs: { name: string; size: number }[] = [];
  const both = new Map<Value, [Value | null, Value | null]>();
  for (const [z, { sum }] of parts) both.set(z, [sum, sum]);
  for (const node of new Set([...parts.values()].flatMap((p) => [...p.late]))) {
    const pivots = [...parts].filter(([, p]) => p.late.includes(node)).map(([z]) => z);
    const own = probeNode(node, pivots, parts, reversed, (name, shape) => {
      const xi = input(name, h.dtype, shape);
      late[name] = xi;
      signs.push({ name, size: sizeOf(shape.slice(1) as number[]) });
      return xi;
    });
    pivots.forEach((z, i) => {
      const sums = both.get(z) as [Value | null, Value | null];
      both.set(z, [plus(sums[0], own[0][i]), plus(sums[1], own[1][i])]);
    });
  }
  const outputs: Record<string, Value> = {};
  for (const { score, pivot } of probes) {
    const [D, other] = both.get(pivot.z) as [Value | null, Value | null];
    if (!D || !other) continue;
    const [p, q] = [D, other].map((d) => score.second(d, pivot.x));
    outputs[`v/${nameOf(score)}`] = p.sum(contract(w, b.mul(p.neurons, q.neurons)), 2);
  }
  const leaves = leavesOf(Object.values(outputs));
  return {
    graph: { late: Object.fromEntries(Object.entries(late).filter(([, v]) => leaves.includes(v))), outputs },
    signs,
  };
}

const plus = (a: Value | null, c: Value | null): Value | null => (a && c ? b.add(a, c) : (a ?? c));

/** What a node adds to D̂ [N, K, m] of each pivot, from two sets of signs. */
function probeNode(
  node: Node,
  pivots: readonly Value[],
  parts: ReadonlyMap<Value, PivotParts>,
  { cotangents, columns: K }: Reversed,
  signs: (name: string, shape: Value['shape']) => Value,
): [(Value | null)[], (Value | null)[]] {
  const { inputs, output } = node;
  const moving = new Set(inputs.filter((v) => pivots.some((z) => parts.get(z)?.reach.moving.has(v))));
  const fits = isElementwise(node) && [...moving].every((v) => sameDims(v.shape, output.shape));
  if (!fits) throw unsupported(node.origin || node.op, 'not an elementwise function of its inputs');
  const layout = new Layout([K], true);
  const ct = cotangents.get(output) as Value;
  const sums: [(Value | null)[], (Value | null)[]] = [pivots.map(() => null), pivots.map(() => null)];
  for (const [t, term] of elementwiseTerms(node, moving).entries()) {
    const { coefficient, factor, i, j } = term;
    let weighted = coefficient ? b.mul(ct, layout.align(coefficient, output.shape)) : ct;
    if (factor !== 1) weighted = b.scale(weighted, factor);
    for (const set of [0, 1] as const) {
      const xi = signs(`xi${output.id}.${t}.${set}`, [N, 1, ...output.shape.slice(1)]);
      const back = (from: Value, cotangent: Value) =>
        vjp([from], [cotangent], pivots, { lead: [cotangent.shape[1]], perExample: true });
      const left = back(inputs[i], xi);
      const right = back(inputs[j], b.mul(weighted, xi));
      pivots.forEach((_, k) => {
        const [p, q] = [left[k], right[k]];
        if (p && q) sums[set][k] = plus(sums[set][k], b.mul(p, q));
      });
    }
  }
  return sums;
}

function unsupported(where: string, cause: string): FimError {
  return new FimError({
    code: 'fisher/probes',
    kind: 'unsupported',
    where,
    rule: 'sign probes of second derivatives need dense layers, shifts and scales with elementwise functions between them',
    cause,
    next: 'take the exact variance (varianceProfile)',
  });
}
