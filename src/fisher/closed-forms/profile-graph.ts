/**
 * @module fisher/closed-forms/profile-graph
 *
 * The statistic behind a variance profile: for every parameter, from J [N, T, …] and D = ∂²h/∂θ_i² [N, T, …] at the neurons, of one
 * label at each example:
 *
 *   fisher     𝔽 = Σ_c w_c s_c²,  s_c = Δ_cᵀJ                                    P24 Lemma 3.1
 *   type1      𝒱1 = Var s²                                                       P24 Eq. 5
 *   type2      𝒱2 = Σ_c w_c (Δ_cᵀD)²                                             P24 Eq. 6
 *   cross      C = Cov(s², −δᵀD) = −E s² δᵀD                                     theory (3.3)
 *   oracle     variance of α Î1 + (1 − α) Î2, α = (𝒱2 − C)/(𝒱1 + 𝒱2 − 2C), by element and input; α = ½ where the
 *              denominator is below 1e-12 (𝒱1 + 𝒱2)
 *
 * and certified upper bounds of 𝒱1 and 𝒱2 (P24 Thm 4.1 with λ_max(M̄); Thm 5.2; R⁴/16, 𝔽(S² − 𝔽) and R²/4 for bounded labels:
 * theory (8.8) to (8.11)). All are of degree 4 in the scores, so a⁴ splits off.
 */
import { input, N, ops as b, type Value } from '../../graph/index.js';
import type { LabelKind } from '../../likelihood/types.js';
import {
  contract,
  enumeratedVariance,
  pairwiseVariance,
  weightedSquares,
} from '../../scores/column-statistics.js';
import type { FamilyConstants } from './constants.js';
import type { Statistic } from '../curved/site-pass.js';

export interface ProfileSpec {
  readonly outputs: number;
  readonly columns: number;
  readonly kind: LabelKind;
  /** Whether Δ = 𝟙, so that columns are outputs. */
  readonly unit: boolean;
  /** Which constants of the family there are. */
  readonly constants: readonly (keyof FamilyConstants)[];
}

type Late = Readonly<Record<string, Value>>;

/** Late inputs: unit cotangents, columns and weights, moments of components, constants for bounds. */
export function profileLate(h: Value, spec: ProfileSpec): Record<string, Value> {
  const { outputs: T, columns: K, kind, unit, constants } = spec;
  const make = (name: string, ...shape: number[]) => input(name, h.dtype, [N, ...shape]);
  const late: Record<string, Value> = { ct: make('ct', T, T), w: make('w', K) };
  if (!unit) late.delta = make('delta', K, T);
  if (kind === 'pairwise') Object.assign(late, { c: make('c', K), third: make('third', K) });
  for (const name of ['information', 'fourth', 'softmax'] as const) {
    if (constants.includes(name)) late[name] = make(name, 1);
  }
  if (constants.includes('support'))
    Object.assign(late, { least: make('least', T), largest: make('largest', T) });
  return late;
}

const CERTIFIED = 1e-12;

export function profileStatistic({ kind, unit }: ProfileSpec, late: Late): Statistic {
  return (J, D) => {
    const jacobian = flat(J);
    const curvature = D && flat(D);
    const s = unit ? jacobian : b.matmul(late.delta, jacobian);
    const d = curvature && (unit ? curvature : b.matmul(late.delta, curvature));
    const squares = b.square(s);
    const f = weightedSquares(late.w, squares);
    const quantities: Record<string, Value | null> = {
      fisher2: b.square(f),
      ...variances(kind, late, squares, f, d),
      ...typeOneBounds(kind, late, jacobian, s, f),
      ...(curvature && d ? typeTwoBounds(kind, late, curvature, d) : {}),
    };
    const shape = [N, ...J.shape.slice(2)];
    const sums: Record<string, { value: Value; degree: 2 | 4 }> = {
      fisher: { value: b.reshape(f, shape), degree: 2 },
    };
    for (const [q, value] of Object.entries(quantities)) {
      if (value) sums[q] = { value: b.reshape(value, shape), degree: 4 };
    }
    return { sums, totals: {} };
  };
}

/** [N, K, …] → [N, K, S]. */
function flat(x: Value): Value {
  const size = x.shape.slice(2).reduce<number>((p, d) => p * (d as number), 1);
  return b.reshape(x, [x.shape[0], x.shape[1], size]);
}

function variances(
  kind: LabelKind,
  late: Late,
  squares: Value,
  f: Value,
  d: Value | null,
): Record<string, Value | null> {
  const { w, c, third } = late;
  if (kind === 'enumerated') {
    const type1 = enumeratedVariance(w, squares, f);
    if (!d) return { type1 };
    const first = b.sub(squares, b.unsqueeze(f, [1]));
    const second = b.neg(b.sub(d, b.unsqueeze(contract(w, d), [1])));
    const type2 = contract(w, b.square(second));
    const cross = contract(w, b.mul(first, second));
    const difference = b.sub(second, first);
    const alpha = oracleWeight(
      contract(w, b.mul(second, difference)),
      contract(w, b.square(difference)),
      b.add(type1, type2),
    );
    const mixed = b.add(second, b.mul(b.unsqueeze(alpha, [1]), b.neg(difference)));
    return { type1, type2, cross, oracle: contract(w, b.square(mixed)) };
  }
  const type1 = pairwiseVariance(w, c, squares, null);
  if (!d) return { type1 };
  const type2 = weightedSquares(w, b.square(d));
  const cross = b.neg(contract(third, b.mul(squares, d)));
  const both = b.add(type1, type2);
  const alpha = oracleWeight(b.sub(type2, cross), b.sub(both, b.scale(cross, 2)), both);
  const beta = b.sub(b.scalar(1, alpha.dtype), alpha);
  const own = b.add(b.mul(b.square(alpha), type1), b.mul(b.square(beta), type2));
  return { type1, type2, cross, oracle: b.add(own, b.scale(b.mul(b.mul(alpha, beta), cross), 2)) };
}

function oracleWeight(numerator: Value, denominator: Value, both: Value): Value {
  const vanishes = b.lessOrEqual(denominator, b.scale(both, CERTIFIED));
  const one = b.scalar(1, both.dtype);
  return b.where(vanishes, b.scalar(0.5, both.dtype), b.div(numerator, b.where(vanishes, one, denominator)));
}

function typeOneBounds(
  kind: LabelKind,
  late: Late,
  J: Value,
  s: Value,
  f: Value,
): Record<string, Value | null> {
  const norm4 = b.square(b.reduceSum(b.square(J), [1]));
  const out: Record<string, Value | null> = {
    'bound1/matrix': late.fourth ? b.mul(late.fourth, norm4) : null,
    'bound1/softmax': late.softmax ? b.scale(b.mul(late.softmax, norm4), 2) : null,
  };
  const range = rangeOf(kind, late, J, s);
  if (!range) return out;
  const S2 = b.square(b.maximum(b.abs(range.least), b.abs(range.largest)));
  return {
    ...out,
    'bound1/range': b.scale(b.square(b.square(b.sub(range.largest, range.least))), 1 / 16),
    'bound1/spread': b.mul(f, b.sub(S2, f)),
  };
}

function typeTwoBounds(kind: LabelKind, late: Late, D: Value, d: Value): Record<string, Value | null> {
  const norm2 = b.reduceSum(b.square(D), [1]);
  const range = rangeOf(kind, late, D, d);
  return {
    'bound2/matrix': late.information ? b.mul(late.information, norm2) : null,
    'bound2/softmax': late.softmax ? b.mul(late.softmax, norm2) : null,
    'bound2/range': range && b.scale(b.square(b.sub(range.largest, range.least)), 0.25),
  };
}

/** Least and largest Σ_a δ_a x_a over the labels [N, S]; null where labels are unbounded or not enumerated. */
function rangeOf(
  kind: LabelKind,
  { least, largest }: Late,
  x: Value,
  columns: Value,
): { least: Value; largest: Value } | null {
  if (least && largest) {
    const ends = [least, largest].map((e) => b.mul(b.unsqueeze(e, [2]), x));
    return {
      least: b.reduceSum(b.minimum(ends[0], ends[1]), [1]),
      largest: b.reduceSum(b.maximum(ends[0], ends[1]), [1]),
    };
  }
  if (kind !== 'enumerated') return null;
  return { least: b.neg(b.reduceMax(b.neg(columns), [1])), largest: b.reduceMax(columns, [1]) };
}
