/**
 * @module likelihood/roots/kernel-root
 *
 * Kernel root of I(h): among the roots of I(h) the one whose scores are orthogonal under the mean tangent kernel Ḡ = E J Jᵀ [T, T] of the
 * network (theory (13.7)). With A any root and AᵀḠA = UDUᵀ it is R = AU, D descending: M = RᵀGR is diagonal where the example's own
 * kernel G is a multiple of Ḡ, so that random signs leave the total no error there, and its first columns hold the most of tr(IḠ) that
 * so many can. An eigenproblem of at most 128 rows for each row of outputs.
 */
import { FimError } from '../../core/errors.js';
import { setting } from '../../core/settings/reference.js';
import type { FloatArray } from '../../core/tensor.js';
import { symmetricEigen } from '../../linalg/index.js';
import { room } from '../batch.js';
import type { Draws, Outputs, Span } from '../types.js';
import type { Root } from './root.js';

/** Columns beyond which an eigenproblem for every example costs more than it saves. */
export const LARGEST_KERNEL = 128;

/** Largest components of a column that count as equal where its sign is fixed. */
const TIED = 1 - 1e-6;

/** The kernel root of any likelihood from any root of it. */
export class KernelRoot implements Root {
  readonly name = 'kernel';
  /** Of the last row loaded: its columns [K, T]. */
  private rows = new Float64Array(0);

  /**
   * @param kernel - Ḡ [T, T], row by row
   * @throws FimError with `likelihood/kernel` where Ḡ is not [T, T] or T has too many columns
   */
  constructor(
    private readonly base: Root,
    private readonly kernel: ArrayLike<number>,
    T: number,
  ) {
    requireKernel(base, T);
    if (kernel.length !== T * T) throw otherShape(T, kernel.length);
  }

  columnCount(T: number): number {
    return this.base.columnCount(T);
  }

  trace(h: Outputs, out: FloatArray): void {
    this.base.trace(h, out);
  }

  /** Columns of row i [K, T]. */
  private load(h: Outputs, i: number): Float64Array {
    const { T } = h;
    const K = this.columnCount(T);
    const A = this.scaled({ data: h.data.subarray(i * T, (i + 1) * T), n: 1, T }, K);
    const { vectors } = symmetricEigen(this.products(A, K, T), K);
    if (this.rows.length !== K * T) this.rows = new Float64Array(K * T);
    this.rows.fill(0);
    for (let r = 0; r < K; r++) {
      const own = this.rows.subarray(r * T, (r + 1) * T);
      for (let k = 0; k < K; k++) {
        const u = vectors[k * K + (K - 1 - r)];
        for (let a = 0; a < T; a++) own[a] += u * A[k * T + a];
      }
      fixSign(own);
    }
    return this.rows;
  }

  /** √w_k Δ_k of the base [K, T]. */
  private scaled(row: Outputs, K: number): Float64Array {
    const { T } = row;
    const A = new Float64Array(K * T);
    const w = new Float64Array(K);
    this.base.columns(row, A, w, { from: 0, count: K });
    for (let k = 0; k < K; k++) {
      const scale = Math.sqrt(Math.max(0, w[k]));
      for (let a = k * T; a < (k + 1) * T; a++) A[a] *= scale;
    }
    return A;
  }

  /** AᵀḠA [K, K] of columns that are the rows of A. */
  private products(A: Float64Array, K: number, T: number): Float64Array {
    const { kernel } = this;
    const out = new Float64Array(K * K);
    const through = new Float64Array(T);
    for (let k = 0; k < K; k++) {
      through.fill(0);
      for (let a = 0; a < T; a++) {
        const x = A[k * T + a];
        if (x !== 0) for (let b = 0; b < T; b++) through[b] += x * kernel[a * T + b];
      }
      for (let l = 0; l <= k; l++) {
        let sum = 0;
        for (let b = 0; b < T; b++) sum += through[b] * A[l * T + b];
        out[k * K + l] = out[l * K + k] = sum;
      }
    }
    return out;
  }

  columns(h: Outputs, out: FloatArray, weights: FloatArray, { from, count }: Span): void {
    const { n, T } = h;
    room(out, n * count * T, 'columns');
    room(weights, n * count, 'columns');
    weights.fill(1, 0, n * count);
    for (let i = 0; i < n; i++)
      out.set(this.load(h, i).subarray(from * T, (from + count) * T), i * count * T);
  }

  signs(h: Outputs, draws: Draws, from: number, out: FloatArray): void {
    const { n, T } = h;
    const { stream, examples, occurrences, count } = draws;
    const K = this.columnCount(T);
    room(out, n * count * T, 'signs');
    const u = new Float64Array(K);
    const sum = new Float64Array(T);
    for (let i = 0; i < n; i++) {
      const rows = this.load(h, i);
      for (let k = 0; k < count; k++) {
        stream.fill(u, 0, K, examples[i], occurrences?.[i] ?? 0, draws.from + k);
        sum.fill(0);
        for (let r = from; r < K; r++) {
          const sign = u[r] > 0.5 ? 1 : -1;
          for (let a = 0; a < T; a++) sum[a] += sign * rows[r * T + a];
        }
        out.set(sum, (i * count + k) * T);
      }
    }
  }
}

/** Throws `likelihood/kernel` where a root of T outputs has more columns than an eigenproblem is worth. */
export function requireKernel(base: Root, T: number): void {
  const columns = base.columnCount(T);
  if (columns > LARGEST_KERNEL) throw tooWide(T, columns);
}

/** The first of the largest components is made positive. */
function fixSign(column: Float64Array): void {
  let largest = 0;
  for (const x of column) largest = Math.max(largest, Math.abs(x));
  const first = column.find((x) => Math.abs(x) >= TIED * largest) ?? 0;
  if (first < 0) for (let a = 0; a < column.length; a++) column[a] = -column[a];
}

const tooWide = (T: number, columns: number): FimError =>
  new FimError({
    code: 'likelihood/kernel',
    kind: 'usage',
    where: setting('root', 'kernel'),
    rule: `solves an eigenproblem for every example, of at most ${LARGEST_KERNEL} columns`,
    got: `${columns} columns of ${T} outputs`,
    next: setting('root', 'eigen'),
  });

const otherShape = (T: number, length: number): FimError =>
  new FimError({
    code: 'likelihood/kernel',
    where: 'the mean tangent kernel Ḡ',
    rule: `has ${T} × ${T} numbers, one row and column for each output`,
    got: `${length} numbers`,
    next: '`meanMetric(engine, network, likelihood, source, budget)` makes it',
  });
