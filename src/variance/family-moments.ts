/**
 * @module variance/family-moments
 *
 * Everything that bounds ask of p(y|x) at one x, through the likelihood's own moments, for study (T⁴ numbers):
 *
 *   I [T, T], M_abcd = K_abcd − I_ab I_cd (K: fourth central moments), and their eigenvalues; those of M̄ on symmetric matrices
 *   (u⊗v + v⊗u), where all of it lives.
 */
import type { Likelihood, Outputs } from '../likelihood/types.js';
import { outputs } from '../likelihood/batch.js';
import { constantNames, familyConstants } from '../fisher/closed-forms/constants.js';
import { eigenvalues, onSymmetric } from '../fisher/closed-forms/symmetric.js';

/** Moments of a family's outputs that the bounds need, at one x. */
export interface FamilyMoments {
  /** Number of outputs. */
  readonly T: number;
  /** I = Cov t [T, T]. */
  readonly I: Float64Array;
  /** Fourth central moments K_abcd = E[δ_aδ_bδ_cδ_d] [T, T, T, T]. */
  readonly K: Float64Array;
  /** M̄, the covariance of δδᵀ [T², T²]. */
  readonly M: Float64Array;
  /** Of I, falling [T]. */
  readonly informationEigenvalues: Float64Array;
  /** Of M̄ on symmetric matrices, falling [T(T + 1)/2]. The other eigenvalues of M̄ are 0. */
  readonly fourthEigenvalues: Float64Array;
  /** tr I. */
  readonly traceI: number;
  /** tr M̄ = E‖δ‖⁴ − ‖I‖_F². */
  readonly traceM: number;
  /** m of a softmax (P24 Thm 5.2); null for other families. */
  readonly softmax: number | null;
  /** Columns of a family whose columns enumerate its labels [K, T]; null for others. */
  readonly labels: Float64Array | null;
  /** Least and largest δ_a of independent components; null where unbounded or not independent. */
  readonly support: {
    /** Least δ_a of each component [T]. */
    readonly least: Float64Array;
    /** Largest δ_a of each component [T]. */
    readonly largest: Float64Array;
  } | null;
}

/**
 * Moments at one row of h.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `likelihood/not-finite`,
 * `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`
 */
export function familyMoments(likelihood: Likelihood, h: Outputs, row: number): FamilyMoments {
  const { T } = h;
  const one = outputs(
    Float64Array.from({ length: T }, (_, a) => h.data[row * T + a]),
    1,
    T,
  );
  const I = new Float64Array(T * T);
  likelihood.information(one, I);
  const K = likelihood.fourthMoment(one, 0);
  const M = Float64Array.from(K, (k, i) => k - I[Math.floor(i / (T * T))] * I[i % (T * T)]);
  let traceI = 0;
  let traceM = 0;
  for (let a = 0; a < T; a++) traceI += I[a * T + a];
  for (let i = 0; i < T * T; i++) traceM += M[i * T * T + i];
  const constants = familyConstants(likelihood, one);
  const names = constantNames(likelihood, T);
  return {
    T,
    I,
    K,
    M,
    informationEigenvalues: eigenvalues(I, T),
    fourthEigenvalues: eigenvalues(onSymmetric(M, T), (T * (T + 1)) / 2),
    traceI,
    traceM,
    softmax: names.includes('softmax') ? (constants.softmax as Float64Array)[0] : null,
    labels: names.includes('softmax') ? columnsOf(likelihood, one) : null,
    support: constants.support,
  };
}

function columnsOf(likelihood: Likelihood, h: Outputs): Float64Array {
  const K = likelihood.columnCount(h.T);
  const columns = new Float64Array(K * h.T);
  likelihood.columns(h, columns, new Float64Array(K));
  return columns;
}
