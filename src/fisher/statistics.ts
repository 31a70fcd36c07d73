/**
 * @module fisher/statistics
 *
 * The derived graph of a diagonal Fisher: from cotangents ct [N, K, T] and weights w [N, K] of a batch to its sums. For every
 * parameter p (in p's own shape) and example e:
 *
 *   f/p      Σ_e f_e            f2/p   Σ_e f_e²          v/p   Σ_e v_e      (see fisher/neuron)
 *   fo/p     Σ_e ω_e f_e       for `weighted`, where f_e carries ω_e once already (fisher/example-weights)
 *   f2v/p    both of the last, one after the other, where one product makes them
 *   q/p      ‖s_ek‖² [N, K]                             squared norms of the block's scores
 *   m/p      ⟨s_ej, s_ek⟩ [N, K, K]                      their Gram matrix
 *   d/i      the effect of doubt i (fisher/doubts)
 *
 * from which errors of totals over any set of blocks follow exactly, correlations inside an example included. For a dense site
 * f_e = m2 ⊗ a², so Σf = (m2)ᵀ(a²), Σf² = (m2²)ᵀ(a⁴), Σv = vᵀ(a⁴): one matrix product each.
 */
import { ops as b, input, N, type Value } from '../graph/index.js';
import type { ParameterDoubt } from '../model/doubts.js';
import { doubtedTensors, doubtedUses, doubtOutputs } from './doubts.js';
import { enumeratedVariance, type LabelKind, pairwiseVariance, weightedSquares } from './neuron.js';
import type { BackwardGraph } from './passes.js';
import { type FactoredScore, reverseScores } from './scores.js';

/** What a pass computes. */
export interface PassSpec {
  /** Number of cotangents per example. */
  readonly columns: number;
  /** Σ_e f_e², for data errors. */
  readonly squares: boolean;
  /** Σ_e v_e, for label errors; null: none. */
  readonly label: LabelKind | null;
  /** For `pairwise`: whether the components have fourth-order coefficients of their own (a sign's are zero). */
  readonly fourth?: boolean;
  /** Whether examples are weighted: late weights o [N, 1], and Σ_e ω_e f_e beside Σ f². */
  readonly weighted?: boolean;
  /** Per-example quantities of whole blocks: squared norms, Gram matrices, or none. */
  readonly totals: 'norms' | 'gram' | null;
  /** Doubts about what is a parameter: one number each, see fisher/doubts. */
  readonly doubts?: readonly ParameterDoubt[];
}

/**
 * Builds the graph for the parameters named in `parameters`. Late inputs: cotangents ct [N, K, T], weights w [N, K], and for
 * `pairwise` with `fourth` the fourth-order coefficients c [N, K].
 */
export function statisticsGraph(
  h: Value,
  parameters: ReadonlyMap<string, Value>,
  spec: PassSpec,
): BackwardGraph {
  const k = spec.columns;
  const ct = input('ct', h.dtype, [N, k, h.shape[1]]);
  const w = input('w', h.dtype, [N, k]);
  const c = spec.label === 'pairwise' && spec.fourth ? input('c', h.dtype, [N, k]) : null;
  const o = spec.weighted && spec.squares ? input('o', h.dtype, [N, 1]) : null;
  const names = new Map([...parameters].map(([name, v]) => [v, name]));
  const ones = b.expandLike(b.scalar(1, w.dtype), b.slice(w, 1, 0, 1));
  const outputs: Record<string, Value> = {};
  const doubts = spec.doubts ?? [];
  const asked = [...parameters.values(), ...doubtedTensors(doubts)];
  const { scores, cotangents } = reverseScores(h, asked, ct, doubtedUses(doubts));
  for (const score of scores) {
    if (!names.has(score.site.parameter)) continue;
    const name = names.get(score.site.parameter) as string;
    const s = score.form === 'dense' ? score.g : score.s;
    const squares = b.square(s);
    const f = weightedSquares(w, squares);
    outputs[`f/${name}`] = sumOverExamples(score, f, 2, ones);
    if (o) outputs[`fo/${name}`] = sumOverExamples(score, timesWeights(f, o), 2, ones);
    const f2 = spec.squares ? b.square(f) : null;
    const v = spec.label && labelVariance(spec.label, w, c, squares, f);
    if (f2 && v && stacks(score, f)) {
      outputs[`f2v/${name}`] = sumOverExamples(score, b.concat([f2, v], 1), 4, ones);
    } else {
      if (f2) outputs[`f2/${name}`] = sumOverExamples(score, f2, 4, ones);
      if (v) outputs[`v/${name}`] = sumOverExamples(score, v, 4, ones);
    }
    if (spec.totals === 'norms') outputs[`q/${name}`] = squaredNorms(score, squares);
    if (spec.totals === 'gram') outputs[`m/${name}`] = gram(score, s);
  }
  Object.assign(outputs, doubtOutputs(doubts, scores, cotangents, w));
  return { late: { ct, w, ...(c ? { c } : {}), ...(o ? { o } : {}) }, outputs };
}

/** Every number of an example in t [N, …] times its weight, o [N, 1]. */
export function timesWeights(t: Value, o: Value): Value {
  return b.mul(t, t.shape.length === 2 ? o : b.reshape(o, [N, ...t.shape.slice(1).map(() => 1)]));
}

function labelVariance(kind: LabelKind, w: Value, c: Value | null, squares: Value, f: Value): Value {
  return kind === 'enumerated' ? enumeratedVariance(w, squares, f) : pairwiseVariance(w, c, squares, null);
}

/** Whether sums of two neuron statistics side by side come out one after the other. */
const stacks = (score: FactoredScore, t: Value): boolean =>
  t.shape.length === 2 && (score.form === 'explicit' || score.site.transposed);

/**
 * Σ_e t_e ⊗ a_e^degree in the parameter's layout, for neuron statistics t [N, out] (explicit: [N, shape]). With `ones` [N, 1] a plain
 * sum is a product as well, which runtimes do faster than a sum over the leading axis.
 */
export function sumOverExamples(score: FactoredScore, t: Value, degree: 2 | 4, ones?: Value): Value {
  if (score.form === 'explicit') {
    if (!ones || t.shape.length !== 2) return b.reduceSum(t, [0]);
    return b.reshape(b.matmul(b.swapLast(ones), t), [t.shape[1]]);
  }
  const a2 = b.square(score.a);
  const a = degree === 2 ? a2 : b.square(a2);
  return score.site.transposed ? b.matmul(b.swapLast(t), a) : b.matmul(b.swapLast(a), t);
}

/** ‖s_k‖² of a block: ‖g_k‖²‖a‖², or the sum of squares of explicit scores → [N, K]. */
export function squaredNorms(score: FactoredScore, squares: Value): Value {
  const norms = b.reduceSum(squares, tail(squares, 2));
  return score.form === 'explicit' ? norms : b.mul(norms, b.reduceSum(b.square(score.a), [1], true));
}

/** ⟨s_j, s_k⟩ of a block → [N, K, K]. */
export function gram(score: FactoredScore, s: Value): Value {
  const [n, k, ...rest] = s.shape;
  const flat = b.reshape(s, [n, k, rest.reduce<number>((p, d) => p * (d as number), 1)]);
  const m = b.matmul(flat, b.swapLast(flat));
  if (score.form === 'explicit') return m;
  return b.mul(m, b.reshape(b.reduceSum(b.square(score.a), [1]), [n, 1, 1]));
}

const tail = (v: Value, from: number): number[] => v.shape.map((_, i) => i).slice(from);
