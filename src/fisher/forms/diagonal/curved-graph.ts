/**
 * @module fisher/forms/diagonal/curved-graph
 *
 * The statistic of a mixed diagonal, α Î1 + (1 − α) Î2 with one α for every tensor (theory (5.1); α = 1 is type 1, α = 0 type 2), from
 * one example's K labels and the columns of I(h):
 *
 *   y    = α (1/K) Σ_k s_k² + (1 − α)(𝔽 − (1/K) Σ_k D_k)       Î2 = 𝔽 − Σ_a δ̄_a H^a (theory (2.3)), 𝔽 exact
 *   v    = α² 𝒱1 + (1 − α)² 𝒱2 + 2α(1 − α) C                    variance of one label (P24 Lemma 3.1; the cross term: theory (3.3))
 *        enumerated   Σ_c w_c (z_c − z̄)²,  z_c = α s_c² − (1 − α) D_c
 *        pairwise     α² 𝒱1 + (1 − α)² Σ_a w_a D_a² − 2α(1 − α) Σ_a μ3_a s_a² D_a
 *        blocks       Σ_k w_k D_k² for type 2: the blocks are independent, and D, linear in δ, has mean 0 in each
 *
 * The largest |y| and √v of each row and column are taken beside the sums (stats/peaks).
 *
 * Columns and labels are one run of cotangents, [N, Kc + Kd, T], so tangents are formed once.
 */
import { invariant } from '../../../core/errors.js';
import { type Dim, input, N, ops as b, type Value } from '../../../graph/index.js';
import {
  contract,
  enumeratedVariance,
  pairwiseVariance,
  weightedSquares,
} from '../../../scores/column-statistics.js';
import type { LabelKind } from '../../../likelihood/types.js';
import { loadedGram, loadedSum } from '../../../scores/index.js';
import { deviation, timesWeights } from './statistics.js';
import type { Statistic } from '../../curved/site-pass.js';

export interface MixedSpec {
  /** Columns of I(h). */
  readonly columns: number;
  /** Labels, or their mean as one. */
  readonly draws: number;
  readonly kind: LabelKind;
  /** Where the label error comes from. */
  readonly error: 'closed-form' | 'sampled';
  /** α by parameter; 0 where absent. */
  readonly alpha: ReadonlyMap<string, number>;
  /** Whether examples are weighted: late ω and √ω, both [N, 1], the second for D, which is linear in the cotangents. */
  readonly weighted?: boolean;
  /** Whether visits are weighted: the same late inputs, with 1/u and √u; `tilted`: sums for a distribution beside. */
  readonly visits?: boolean;
  readonly tilted?: boolean | undefined;
}

/** Late inputs: cotangents, weights of the columns and of the labels, and for `pairwise` the moments c and μ3. */
export function mixedLate(
  h: Value,
  { columns, draws, kind, weighted, visits }: MixedSpec,
): Record<string, Value> {
  const late: Record<string, Value> = {
    ct: input('ct', h.dtype, [N, columns + draws, h.shape[1]]),
    w: input('w', h.dtype, [N, columns]),
    u: input('u', h.dtype, [N, draws]),
  };
  if (kind === 'pairwise') {
    late.c = input('c', h.dtype, [N, columns]);
    late.third = input('third', h.dtype, [N, columns]);
  }
  if (weighted || visits) {
    late.o = input('o', h.dtype, [N, 1]);
    late.root = input('root', h.dtype, [N, 1]);
  }
  return late;
}

export function mixedStatistic(spec: MixedSpec, late: Readonly<Record<string, Value>>): Statistic {
  const { columns: Kc, draws: Kd } = spec;
  const { w, u } = late;
  return (s, plain, parameter) => {
    const D = plain && late.root ? timesWeights(plain, late.root) : plain;
    const alpha = spec.alpha.get(parameter) ?? 0;
    const ofColumns = (x: Value) => b.slice(x, 1, 0, Kc);
    const ofDraws = (x: Value) => b.slice(x, 1, Kc, Kc + Kd);
    const squares = b.square(ofColumns(s));
    const f = weightedSquares(w, squares);
    const drawSquares = alpha === 0 ? null : b.square(ofDraws(s));
    const drawCurvature = D && ofDraws(D);
    /** α s² − (1 − α) D; null: zero. */
    const mixed = (s2: Value | null, d: Value | null) =>
      plus(s2 && b.scale(s2, alpha), d && b.scale(d, alpha - 1));
    const z = mixed(drawSquares, drawCurvature);
    const mean = z && contract(u, z);
    const y = plus(b.scale(f, 1 - alpha), mean) as Value;
    const sums: Record<string, { value: Value; degree: 2 | 4 }> = {
      f: { value: f, degree: 2 },
      f2: { value: b.square(f), degree: 4 },
      y: { value: y, degree: 2 },
    };
    if (spec.weighted) {
      sums.fo = { value: timesWeights(f, late.o), degree: 2 };
      sums.yo = { value: timesWeights(y, late.o), degree: 2 };
    }
    const totals: Record<string, Value> = {};
    /** What totals are sums of, at the neurons. */
    const terms: Record<string, Value> = {};
    const gram = spec.error !== 'sampled' && spec.kind === 'pairwise' ? ofColumns(s) : null;
    if (spec.error === 'sampled') {
      sums.y2 = { value: b.square(y), degree: 4 };
      if (z && mean && Kd > 1) sums.v = { value: enumeratedVariance(u, z, mean), degree: 4 };
    } else {
      const v = closedForm(spec, late, alpha, squares, D && ofColumns(D), f);
      if (v) sums.v = { value: v, degree: 4 };
      if (D) terms.curvature = ofColumns(D);
      if (gram) totals.gram = gramOf(gram);
    }
    if (!gram) terms.norms = squares;
    if (spec.tilted) {
      for (const key of ['f2', 'y2', 'v'])
        if (sums[key]) sums[`${key}o`] = { value: timesWeights(sums[key].value, late.o), degree: 4 };
    }
    if (drawSquares) terms.drawNorms = drawSquares;
    if (drawCurvature) terms.drawCurvature = drawCurvature;
    for (const [q, x] of Object.entries(terms)) totals[q] = overNeurons(x);
    const loaded = (load: Value): Record<string, Value> => ({
      ...(gram ? { gram: loadedGram(gram, load) } : {}),
      ...Object.fromEntries(Object.entries(terms).map(([q, x]) => [q, loadedSum(x, load)])),
    });
    const peaks = { y: b.abs(y), ...(sums.v ? { v: deviation(sums.v.value) } : {}) };
    return { sums, totals, peaks, loaded };
  };
}

function closedForm(
  { kind }: MixedSpec,
  { w, c, third }: Readonly<Record<string, Value>>,
  alpha: number,
  squares: Value,
  D: Value | null,
  f: Value,
): Value | null {
  if (kind === 'enumerated') {
    const z = plus(alpha === 0 ? null : b.scale(squares, alpha), D && b.scale(D, alpha - 1));
    return z && enumeratedVariance(w, z, alpha === 0 ? contract(w, z) : plusMean(w, D, f, alpha));
  }
  if (kind === 'blocks') {
    invariant(alpha === 0, 'a mix over positions', 'takes its label error from draws');
    return D && weightedSquares(w, b.square(D));
  }
  const first = alpha === 0 ? null : b.scale(pairwiseVariance(w, c, squares, null), alpha ** 2);
  const second = D && b.scale(weightedSquares(w, b.square(D)), (1 - alpha) ** 2);
  const cross =
    D && alpha !== 0 && alpha !== 1
      ? b.scale(contract(third, b.mul(squares, D)), -2 * alpha * (1 - alpha))
      : null;
  return plus(plus(first, second), cross);
}

/** Mean of α s² − (1 − α) D over the columns; that of D is zero but for rounding, which is kept. */
function plusMean(w: Value, D: Value | null, f: Value, alpha: number): Value {
  const scaled = b.scale(f, alpha);
  return D ? b.add(scaled, b.scale(contract(w, D), alpha - 1)) : scaled;
}

function plus(a: Value | null, c: Value | null): Value | null {
  return a && c ? b.add(a, c) : (a ?? c);
}

const sizeOf = (dims: readonly Dim[]): number => dims.reduce<number>((p, d) => p * (d as number), 1);

const flat = (x: Value): Value => b.reshape(x, [x.shape[0], x.shape[1], sizeOf(x.shape.slice(2))]);

/** Σ over the neurons: [N, K, …] → [N, K]. */
export const overNeurons = (x: Value): Value => b.reduceSum(flat(x), [2]);

/** ⟨s_j, s_k⟩ over the neurons: [N, K, K]. */
export function gramOf(s: Value): Value {
  const rows = flat(s);
  return b.matmul(rows, b.swapLast(rows));
}
