/** Every figure of a network at every example of its data: the library's own sums, and the squares of every outcome of one draw. */
import { createSmallEngine } from '../../src/engine/small/index.js';
import { exactColumns } from '../../src/fisher/estimators/exact.js';
import {
  addTotals,
  emptyTotals,
  type Group,
  groupsOf,
  type TotalLaw,
} from '../../src/fisher/forms/diagonal/groups.js';
import { type PassResult, planPass } from '../../src/fisher/forms/diagonal/pass.js';
import { Scratch } from '../../src/fisher/scratch.js';
import { Passes } from '../../src/fisher/passes.js';
import type { PassSpec } from '../../src/fisher/forms/diagonal/statistics.js';
import { outputs, type ComponentMoments } from '../../src/likelihood/index.js';
import { batchOf, range } from './examples.js';
import type { FigureCase, FigureCases } from './coverage.js';
import type { OutcomeLaw } from './draws.js';
import type { Fixture } from './fixtures.js';

/** Trace, layers and tensors; tensors that are a layer by themselves once. */
export async function figureCases({
  network,
  likelihood,
  x,
  n,
}: Fixture): Promise<{ labels: FigureCases; signs: FigureCases }> {
  const T = network.h.shape[1] as number;
  const spec: PassSpec = { columns: T, squares: false, label: null, totals: 'gram' };
  const pass = planPass('columns', network, spec, exactColumns(likelihood, T), T);
  const programs = await Passes.compile(createSmallEngine(), network, pass.graphs, n);
  const batch = batchOf(x, range(n));
  const data = (await programs.forward(new Map([['x', batch.inputs.get('x')!.data]]), n)).slice();
  const h = outputs(data, n, T);
  const result = await pass.run(programs, { h, indices: batch.indices, occurrence: batch.occurrence });
  const groups = groupsOf(network);
  const grams = groups.map((g) => sumOf(g, result, n * T * T));
  const w = Float64Array.from(result.weights);

  const casesOf = (kind: 'labels' | 'signs'): FigureCases => {
    const at = range(n).map((e) => {
      const one = rowOf(result, e, T);
      const sums = emptyTotals(groups);
      const law = lawAt(kind, e);
      const scratch = new Scratch();
      addTotals({
        groups,
        sums,
        result: one,
        law,
        n: 1,
        columns: T,
        totals: spec.totals,
        scratch,
        weights: null,
      });
      return sums;
    });
    const outcomes = range(n).map((e) => outcomesAt(kind, e));
    const figures = groups.map((g, i): FigureCase => {
      const gram = (e: number) => grams[i].subarray(e * T * T, (e + 1) * T * T);
      const squares = outcomes.flatMap((o, e) => (o ? o.deltas.map((d) => form(gram(e), d)) : []));
      return {
        name: `${g.kind} ${g.name}`,
        sums: at.map((sums) => sums[i]),
        squares: outcomes[0] ? Float64Array.from(squares) : null,
      };
    });
    return {
      figures: figures.filter((_, i) => groups[i].kind !== 'layer' || groups[i].parameters.length > 1),
      laws: outcomes[0]
        ? (outcomes as Outcomes[]).map(({ deltas, p }) => ({ count: deltas.length, p }))
        : 'normal',
    };
  };

  function lawAt(kind: 'labels' | 'signs', e: number): TotalLaw {
    if (kind === 'signs') return { kind: 'pairwise', moments: null };
    if (likelihood.labelKind === 'enumerated') return { kind: 'enumerated' };
    const components = likelihood.components as ComponentMoments;
    const row = outputs(data.slice(e * T, (e + 1) * T), 1, T);
    const moment = (which: keyof ComponentMoments) => {
      const out = new Float64Array(T);
      components[which](row, out);
      return out;
    };
    return {
      kind: 'pairwise',
      moments: { third: moment('third'), fourth: moment('fourth'), squareThird: moment('squareThird') },
    };
  }

  /** Every label's δ in the columns of I, or every vector of signs on the root (half of them: ξ and −ξ are one). */
  function outcomesAt(kind: 'labels' | 'signs', e: number): Outcomes | null {
    const v = w.subarray(e * T, (e + 1) * T);
    if (kind === 'signs') {
      const signs = (bits: number) => range(T).map((k) => ((bits >> k) & 1 ? -1 : 1) * Math.sqrt(v[k]));
      return { deltas: range(2 ** (T - 1)).map(signs), p: null };
    }
    if (likelihood.name === 'gaussian') return null;
    if (likelihood.name === 'categorical') {
      return { deltas: range(T).map((c) => range(T).map((k) => +(k === c))), p: v };
    }
    const p1 = range(T).map((a) => 1 / (1 + Math.exp(-data[e * T + a])));
    const labels = range(2 ** T).map((bits) => range(T).map((a) => (bits >> a) & 1));
    return {
      deltas: labels.map((y) => y.map((t, a) => t - p1[a])),
      p: Float64Array.from(labels, (y) => y.reduce((s, t, a) => s * (t ? p1[a] : 1 - p1[a]), 1)),
    };
  }

  const cases = { labels: casesOf('labels'), signs: casesOf('signs') };
  programs.dispose();
  return cases;
}

interface Outcomes extends Pick<OutcomeLaw, 'p'> {
  readonly deltas: readonly (readonly number[])[];
}

/** dᵀGd. */
function form(G: Float64Array, d: readonly number[]): number {
  const T = d.length;
  let sum = 0;
  for (let i = 0; i < T; i++) for (let j = 0; j < T; j++) sum += d[i] * d[j] * G[i * T + j];
  return sum;
}

function sumOf(group: Group, result: PassResult, size: number): Float64Array {
  const total = new Float64Array(size);
  for (const p of group.parameters) {
    const gram = result.gram(p)!;
    for (let i = 0; i < size; i++) total[i] += gram[i];
  }
  return total;
}

/** Example e of a result, alone. */
function rowOf(result: PassResult, e: number, T: number): PassResult {
  const gram = (p: string) => result.gram(p)!.slice(e * T * T, (e + 1) * T * T);
  return {
    ...result,
    gram,
    norms: (p) => Float64Array.from({ length: T }, (_, k) => gram(p)[k * T + k]),
    weights: result.weights.slice(e * T, (e + 1) * T),
  };
}
