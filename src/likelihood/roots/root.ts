/**
 * @module likelihood/roots/root
 *
 * Interface of a root R of I(h), RRᵀ = I(h), whose columns take random signs: Rξ is the cotangent of one draw. A column is kept as a
 * direction Δ_r and a weight w_r, R_r = √w_r Δ_r. The first m columns can be taken exactly, each with a backward pass of its own, and the
 * signs on the rest only (deflation): the variance of one draw of the rest is then
 *
 *   of a total  2(‖M‖² − Σ_r M_rr²),  M = RᵀGR;      of an entry  2[(Σ_r c_r²)² − Σ_r c_r⁴],  c = RᵀJ_i,      r ≥ m,
 *
 * so a root is good when its columns concentrate I(h) in the first few and make M nearly diagonal (theory (13.3)).
 */
import type { FloatArray } from '../../core/tensor.js';
import type { Draws, Outputs, Span } from '../types.js';

/** Names of roots: of its classes or components as they stand, of eigenvectors, by breaking a stick, and orthogonal under a kernel. */
export type RootName = 'class' | 'eigen' | 'stick-breaking' | 'kernel';

/** A root of I(h), columns in the order in which they are worth taking exactly. */
export interface Root {
  /** Which root. */
  readonly name: RootName;
  /** Number of columns, those of weight 0 included. */
  columnCount(T: number): number;
  /** tr I(h) → [n]. */
  trace(h: Outputs, out: FloatArray): void;
  /** Δ → [n, count, T] and w → [n, count] of the columns of `span`. */
  columns(h: Outputs, out: FloatArray, weights: FloatArray, span: Span): void;
  /** Σ_{r ≥ from} √w_r ξ_r Δ_r with keyed signs ξ → [n, draws.count, T]. */
  signs(h: Outputs, draws: Draws, from: number, out: FloatArray): void;
}
