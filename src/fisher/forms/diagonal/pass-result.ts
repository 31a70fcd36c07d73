/**
 * @module fisher/forms/diagonal/pass-result
 *
 * Interface of a pass before it is compiled, and of what it gives for a batch.
 */
import type { FloatArray } from '../../../core/tensor.js';
import type { BatchOutputs } from '../../columns.js';
import type { PeakArrays } from '../../../stats/peaks.js';
import type { MarginTerms } from './margins.js';
import type { BackwardGraph, Passes } from '../../passes.js';

/** Sums over the examples of one batch, and what its totals need. */
export interface PassResult {
  /** Σ f, in the parameter's shape; null for a parameter that does not reach the output. */
  sum(parameter: string): FloatArray | null;
  /** Σ ωf of weighted examples. */
  linear(parameter: string): FloatArray | null;
  /** Σ f². */
  squares(parameter: string): FloatArray | null;
  /** Σ (f − f̄)², f̄ the batch's mean: in place of the last where the pass takes it so. */
  centred(parameter: string): FloatArray | null;
  /** Σ v. */
  label(parameter: string): FloatArray | null;
  /** The largest f of each row and column over the examples; null where they were not asked for. */
  terms(parameter: string): PeakArrays | null;
  /** The largest √v of each row and column; null without v. */
  deviations(parameter: string): PeakArrays | null;
  /** Σ of f² and of v times 1/u, of weighted visits. */
  tiltedSquares(parameter: string): FloatArray | null;
  tiltedLabel(parameter: string): FloatArray | null;
  /** ‖s_k‖² [n, K]. */
  norms(parameter: string): FloatArray | null;
  /** ⟨s_j, s_k⟩ [n, K, K]. */
  gram(parameter: string): FloatArray | null;
  /** Σ_{j<k} w_j w_k M_jk² [n] of the set of that number. */
  pairs(set: number): FloatArray | null;
  /** Σ_p w_p s_kp² [n, K], Σ_p w_p s_jp s_kp [n, K, K], the sum over its pairs [n] and Σ_p w_p s_kp [n, K] of weighed sets (weighed.ts). */
  weighedNorms(set: number): FloatArray | null;
  weighedGram(set: number): FloatArray | null;
  weighedPairs(set: number): FloatArray | null;
  weighedScores(set: number): FloatArray | null;
  /** Of the rows and columns of a dense weight; null where they were not asked for. */
  margins(parameter: string): MarginTerms | null;
  /** The weights [n, K]. */
  readonly weights: FloatArray;
  /** c [n, K]. */
  readonly fourth: FloatArray | null;
}

/** A pass before compilation: its graphs by name, and how to run it once they are programs. */
export interface Pass {
  readonly graphs: Readonly<Record<string, BackwardGraph>>;
  run(programs: Passes, batch: BatchOutputs): Promise<PassResult>;
}

/** What a graph gives of the rows and columns of a parameter. */
export function marginTerms(
  output: (name: string) => FloatArray | null,
  parameter: string,
): MarginTerms | null {
  const [outputs, inputs] = [output(`rf/${parameter}`), output(`ra/${parameter}`)];
  return outputs && inputs && { outputs, inputs, variances: output(`rv/${parameter}`) };
}

/** Both arrays of the largest, as the graph names them. */
export function peaksOf(
  output: (name: string) => FloatArray | null,
  of: 'f' | 'v',
  parameter: string,
): PeakArrays | null {
  const [rows, columns] = [output(`${of}r/${parameter}`), output(`${of}c/${parameter}`)];
  return rows && columns && { rows, columns };
}
