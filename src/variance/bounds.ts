/**
 * @module variance/bounds
 *
 * Bounds of 𝔽_ii, 𝒱1 and 𝒱2 of one label at one x, for one parameter: one function a bound, by name, with J = ∂_ih and D = ∂²_ih in ℝ^T.
 * All here are certified: true in float64 up to rounding, with matrix eigenvalues where the paper has Z-eigenvalues (λ̃_max(M) ≤
 * λ_max(M̄); the iterated ones are in variance/zeigen and are estimates). At the neurons of a dense site the same functions hold
 * with g for J and D_l for D, the factor a⁴ (a² for 𝔽) splitting off.
 *
 *   eq7, eq8, eq9      P24 Theorem 4.1, both sides
 *   prop43             P24 Prop 4.3 with Cor 4.2 (12): ‖δ‖² ≤ B gives λ̃_max(M) ≤ Bλ_max(I) − λ_min(I)²
 *   softmax            P24 Theorem 5.2: λ_max(I) ≤ m, λ̃_max(M) ≤ 2m
 *   quarter            λ̃_max(M) ≤ ¼ for every softmax and every p (theory (8.10))
 *   range, spread      R⁴/16, 𝔽(S² − 𝔽), and R²/4 of a bounded variable (theory (8.8), (8.9), (8.11); the last is Popoviciu's)
 *
 * With R the range over y of s = Jᵀδ (of Dᵀδ for 𝒱2) and S its largest modulus.
 */
import type { FamilyMoments } from './family-moments.js';

/** A certified bound, from above or below, for a diagonal element or the variance of one label in it. */
export interface ElementBound {
  /** Its name in tables. */
  readonly name: string;
  /** The quantity that it bounds. */
  readonly of: 'fisher' | 'type1' | 'type2';
  /** From above or from below. */
  readonly side: 'upper' | 'lower';
  /** Paper and number of the statement. */
  readonly source: string;
  /** The bound for one parameter; null where the family has none. */
  readonly value: (m: FamilyMoments, J: Float64Array, D: Float64Array) => number | null;
}

/** ‖v‖². */
export const norm2 = (v: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += v[i] * v[i];
  return sum;
};

const last = (v: Float64Array): number => v[v.length - 1];

/** vᵀIv, which is 𝔽_ii for v = ∂_ih and 𝒱2 for v = ∂²_ih. */
export function quadraticForm({ I, T }: FamilyMoments, v: ArrayLike<number>): number {
  let sum = 0;
  for (let a = 0; a < T; a++) for (let b = 0; b < T; b++) sum += I[a * T + b] * v[a] * v[b];
  return sum;
}

/** Least and largest vᵀδ over the labels; null where they are unbounded. */
export function rangeOver(
  { labels, support, T }: FamilyMoments,
  v: ArrayLike<number>,
): {
  /** The least. */
  least: number;
  /** The largest. */
  largest: number;
} | null {
  if (support) {
    let [least, largest] = [0, 0];
    for (let a = 0; a < T; a++) {
      const ends = [support.least[a] * v[a], support.largest[a] * v[a]];
      least += Math.min(...ends);
      largest += Math.max(...ends);
    }
    return { least, largest };
  }
  if (!labels) return null;
  const values = Array.from({ length: labels.length / T }, (_, k) => {
    let sum = 0;
    for (let a = 0; a < T; a++) sum += labels[k * T + a] * v[a];
    return sum;
  });
  return { least: Math.min(...values), largest: Math.max(...values) };
}

/** Largest ‖δ‖² over the labels; null where they are unbounded. */
export function largestResidual({ labels, support, T }: FamilyMoments): number | null {
  if (support) {
    let sum = 0;
    for (let a = 0; a < T; a++) sum += Math.max(support.least[a] ** 2, support.largest[a] ** 2);
    return sum;
  }
  if (!labels) return null;
  let most = 0;
  for (let k = 0; k < labels.length / T; k++)
    most = Math.max(most, norm2(labels.subarray(k * T, (k + 1) * T)));
  return most;
}

const over = (m: FamilyMoments, v: Float64Array, f: (least: number, largest: number) => number) => {
  const r = rangeOver(m, v);
  return r && f(r.least, r.largest);
};

/** ‖∂_ih‖² λ_min(I) ≤ 𝔽 ≤ ‖∂_ih‖² λ_max(I) (P24 eq. 7). */
export const fisherEq7Upper = (m: FamilyMoments, J: Float64Array) => norm2(J) * m.informationEigenvalues[0];
/** λ_min(I) ‖∂_ih‖² ≤ 𝔽 (P24 eq. 7). */
export const fisherEq7Lower = (m: FamilyMoments, J: Float64Array) =>
  norm2(J) * Math.max(0, last(m.informationEigenvalues));
/** 𝔽 ≤ R²/4. */
export const fisherRange = (m: FamilyMoments, J: Float64Array) => over(m, J, (p, q) => (q - p) ** 2 / 4);
/** 𝔽 ≤ m‖∂_ih‖². */
export const fisherSoftmax = (m: FamilyMoments, J: Float64Array) =>
  m.softmax === null ? null : m.softmax * norm2(J);

/** λ_min(M̄) ‖∂_ih‖⁴ ≤ 𝒱1 ≤ λ_max(M̄) ‖∂_ih‖⁴ on symmetric matrices (P24 eq. 8). */
export const type1Eq8Upper = (m: FamilyMoments, J: Float64Array) => norm2(J) ** 2 * m.fourthEigenvalues[0];
/** λ_min(M̄) ‖∂_ih‖⁴ ≤ 𝒱1 on symmetric matrices (P24 eq. 8). */
export const type1Eq8Lower = (m: FamilyMoments, J: Float64Array) =>
  norm2(J) ** 2 * Math.max(0, last(m.fourthEigenvalues));
/** (B λ_max(I) − λ_min(I)²) ‖∂_ih‖⁴ (P24 Prop 4.3, Cor 4.2). */
export const type1Prop43 = (m: FamilyMoments, J: Float64Array) => {
  const B = largestResidual(m);
  const { informationEigenvalues: e } = m;
  return B === null ? null : (B * e[0] - Math.max(0, last(e)) ** 2) * norm2(J) ** 2;
};
/** 2m ‖∂_ih‖⁴ (P24 Thm 5.2). */
export const type1Softmax = (m: FamilyMoments, J: Float64Array) =>
  m.softmax === null ? null : 2 * m.softmax * norm2(J) ** 2;
/** ‖∂_ih‖⁴/4, for any softmax. */
export const type1Quarter = (m: FamilyMoments, J: Float64Array) =>
  m.softmax === null ? null : norm2(J) ** 2 / 4;
/** R⁴/16, sharp. */
export const type1Range = (m: FamilyMoments, J: Float64Array) => over(m, J, (p, q) => (q - p) ** 4 / 16);
/** 𝔽(S² − 𝔽). */
export const type1Spread = (m: FamilyMoments, J: Float64Array) => {
  const f = quadraticForm(m, J);
  return over(m, J, (p, q) => f * (Math.max(p * p, q * q) - f));
};

/** 𝒱2 ≤ λ_max(I) ‖∂²_ih‖² (P24 eq. 9). */
export const type2Eq9Upper = (m: FamilyMoments, _J: Float64Array, D: Float64Array) => fisherEq7Upper(m, D);
/** λ_min(I) ‖∂²_ih‖² ≤ 𝒱2 (P24 eq. 9). */
export const type2Eq9Lower = (m: FamilyMoments, _J: Float64Array, D: Float64Array) => fisherEq7Lower(m, D);
/** m ‖∂²_ih‖² (P24 Thm 5.2). */
export const type2Softmax = (m: FamilyMoments, _J: Float64Array, D: Float64Array) => fisherSoftmax(m, D);
/** R(∂²)²/4. */
export const type2Range = (m: FamilyMoments, _J: Float64Array, D: Float64Array) => fisherRange(m, D);

const bound = (
  of: ElementBound['of'],
  side: ElementBound['side'],
  name: string,
  source: string,
  value: ElementBound['value'],
): ElementBound => ({ name, of, side, source, value });

/** Every certified bound of a single diagonal element. */
export const ELEMENT_BOUNDS: readonly ElementBound[] = [
  bound('fisher', 'upper', 'eq7', 'P24 Theorem 4.1 (7)', fisherEq7Upper),
  bound('fisher', 'lower', 'eq7', 'P24 Theorem 4.1 (7)', fisherEq7Lower),
  bound('fisher', 'upper', 'softmax', 'P24 Theorem 5.2', fisherSoftmax),
  bound('fisher', 'upper', 'range', 'R²/4', fisherRange),
  bound('type1', 'upper', 'matrix', 'P24 Theorem 4.1 (8) with λ_max(M̄)', type1Eq8Upper),
  bound('type1', 'lower', 'matrix', 'P24 Theorem 4.1 (8) with λ_min(M̄)', type1Eq8Lower),
  bound('type1', 'upper', 'prop43', 'P24 Proposition 4.3, Corollary 4.2', type1Prop43),
  bound('type1', 'upper', 'softmax', 'P24 Theorem 5.2', type1Softmax),
  bound('type1', 'upper', 'quarter', '‖∂h‖⁴/4', type1Quarter),
  bound('type1', 'upper', 'range', 'R⁴/16', type1Range),
  bound('type1', 'upper', 'spread', '𝔽(S² − 𝔽)', type1Spread),
  bound('type2', 'upper', 'matrix', 'P24 Theorem 4.1 (9)', type2Eq9Upper),
  bound('type2', 'lower', 'matrix', 'P24 Theorem 4.1 (9)', type2Eq9Lower),
  bound('type2', 'upper', 'softmax', 'P24 Theorem 5.2', type2Softmax),
  bound('type2', 'upper', 'range', 'R²/4 of ∂²h', type2Range),
];

/** 𝒱1_ij ≤ ‖∂_ih‖²‖∂_jh‖² λ_max(M̄), since γ̃_max(M) ≤ λ_max(M̄) (P24 Theorem C.1). */
export const type1OffDiagonal = (m: FamilyMoments, Ji: Float64Array, Jj: Float64Array): number =>
  norm2(Ji) * norm2(Jj) * m.fourthEigenvalues[0];

/** 𝒱2_ij ≤ ‖∂²_ijh‖² λ_max(I) (P24 Lemma C.2, Corollary C.3). */
export const type2OffDiagonal = (m: FamilyMoments, Hij: Float64Array): number =>
  norm2(Hij) * m.informationEigenvalues[0];

/** Whether a bound is broken, beyond rounding. */
export function violated(side: 'upper' | 'lower', boundValue: number, value: number): boolean {
  const [low, high] = side === 'upper' ? [value, boundValue] : [boundValue, value];
  return high < low * (1 - 1e-9) - 1e-300;
}

/** bound/true: how loose an upper bound is; NaN for 0/0. */
export const looseness = (boundValue: number, value: number): number => boundValue / value;
