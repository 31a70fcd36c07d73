/**
 * @module linalg/householder
 *
 * Tridiagonal form of a symmetric matrix in panels, A = QTQᵀ, and products with Q, on the engine's kernels and in place: reflections of a
 * panel are not applied one by one, but gathered as A − VᵀW − WᵀV (J. J. Dongarra, D. C. Sorensen and S. J. Hammarling, J. Comput. Appl.
 * Math. 27, 1989), and Q's as 1 − VᵀTV (R. Schreiber and C. Van Loan, SIAM J. Sci. Stat. Comput. 10, 1989). Backward stable as the plain
 * reflections are. 2n³ operations for T, both triangles being kept, of which a third are products with one vector; 2n³ for QS.
 */
import type { Matrices } from '../engine/small/index.js';
import type { Part } from './blocks.js';

/** Reflections of a panel. */
const PANEL = 16;

/** T, and the reflections 1 − βvvᵀ, v_k in row k of A from k + 1 on. */
export interface Reflected {
  /** Diagonal [n]. */
  readonly d: Float64Array;
  /** e[i] between i and i + 1 [n], the last one 0. */
  readonly e: Float64Array;
  /** β [n]; 0: no reflection. */
  readonly beta: Float64Array;
}

/** Numbers of scratch that a matrix [n, n] takes: two panels twice, and a few rows. */
export const scratchOf = (n: number, ld: number): number => (4 * PANEL + 4) * ld + PANEL * PANEL + n;

/** T of the symmetric A [n, n], both triangles of which are there; its rows are replaced by the reflections. */
export function reduce(memory: Matrices, A: Part, n: number, scratch: number): Reflected {
  const out = { d: new Float64Array(n), e: new Float64Array(n), beta: new Float64Array(n) };
  const panel = new Panel(memory, A, n, scratch, out);
  for (let from = 0; from < n; from += PANEL) panel.take(from, Math.min(n, from + PANEL));
  return out;
}

/** A panel on its way. */
class Panel {
  private readonly data: Float64Array;
  /** Rows −v then −w, and w then v, of the panel: what is left of A gains their product. */
  private readonly left: number;
  private readonly right: number;
  /** Coefficients of a combination of rows. */
  private readonly factors: number;

  constructor(
    private readonly memory: Matrices,
    private readonly A: Part,
    private readonly n: number,
    scratch: number,
    private readonly out: Reflected,
  ) {
    this.data = memory.data;
    this.left = scratch;
    this.right = scratch + 2 * PANEL * A.ld;
    this.factors = this.right + 2 * PANEL * A.ld;
  }

  /** Rows from…to − 1 reduced, and what is behind them brought up to them. */
  take(from: number, to: number): void {
    const { memory, A, n, left, right } = this;
    const count = to - from;
    const { ld } = A;
    this.data.fill(0, left, left + 2 * count * ld);
    this.data.fill(0, right, right + 2 * count * ld);
    for (let k = from; k < to; k++) this.step(k, k - from, count);
    const rest = n - to;
    if (rest > 0)
      memory.tn(A.at + to * ld + to, ld, left + to, ld, right + to, ld, rest, rest, 2 * count, true);
    // Where the panel's own columns are in its rows, v begins later.
    for (let k = from; k < to; k++) this.data.fill(0, A.at + k * ld + from, A.at + k * ld + k + 1);
  }

  /** The j-th reflection of a panel of `count`, of row k. */
  private step(k: number, j: number, count: number): void {
    const { data, memory, A, n, left, right, factors } = this;
    const { ld } = A;
    const row = A.at + k * ld;
    // The row as the panel's earlier reflections leave it: rows j of w and v stand apart, `count` behind each other.
    for (let i = 0; i < j; i++) {
      data[factors + i] = data[left + i * ld + k];
      data[factors + PANEL + i] = data[left + (count + i) * ld + k];
    }
    if (j > 0) {
      memory.nn(row + k, ld, factors, ld, right + k, ld, 1, n - k, j, true);
      memory.nn(row + k, ld, factors + PANEL, ld, right + count * ld + k, ld, 1, n - k, j, true);
    }
    this.out.d[k] = data[row + k];
    const length = n - k - 1;
    if (length <= 0) return;
    const v = data.subarray(row + k + 1, row + n);
    const [alpha, beta] = reflector(v);
    this.out.e[k] = alpha;
    this.out.beta[k] = beta;
    if (beta === 0) {
      v.fill(0);
      return;
    }
    this.gather(k, j, count, beta);
  }

  /** w = p − (β/2)(pᵀv)v with p = β(A − …)v, and both into the panel's products. */
  private gather(k: number, j: number, count: number, beta: number): void {
    const { data, memory, A, n, left, right, factors } = this;
    const { ld } = A;
    const length = n - k - 1;
    const first = k + 1;
    const v = A.at + k * ld + first;
    const w = right + j * ld + first;
    memory.nn(w, ld, v, ld, A.at + first * ld + first, ld, 1, length, length, false);
    if (j > 0) {
      memory.nt(factors, ld, v, ld, right + first, ld, 1, j, length, false);
      memory.nt(factors + PANEL, ld, v, ld, right + count * ld + first, ld, 1, j, length, false);
      // Σ_i −v_i ⟨w_i, v⟩ − w_i ⟨v_i, v⟩.
      memory.nn(w, ld, factors, ld, left + first, ld, 1, length, j, true);
      memory.nn(w, ld, factors + PANEL, ld, left + count * ld + first, ld, 1, length, j, true);
    }
    let pv = 0;
    for (let i = 0; i < length; i++) pv += (data[w + i] *= beta) * data[v + i];
    const shift = (beta / 2) * pv;
    const [minusV, minusW] = [left + j * ld + first, left + (count + j) * ld + first];
    const copy = right + (count + j) * ld + first;
    for (let i = 0; i < length; i++) {
      const own = data[v + i];
      const other = data[w + i] - shift * own;
      data[w + i] = other;
      data[copy + i] = own;
      data[minusV + i] = -own;
      data[minusW + i] = -other;
    }
  }
}

/** x ← v with (1 − βvvᵀ)x = αe₀; returns [α, β]. β = 0 where x is that already. */
function reflector(x: Float64Array): [number, number] {
  let scale = 0;
  for (let i = 1; i < x.length; i++) scale = Math.max(scale, Math.abs(x[i]));
  if (scale === 0) return [x[0], 0];
  scale = Math.max(scale, Math.abs(x[0]));
  let square = 0;
  for (let i = 0; i < x.length; i++) {
    x[i] /= scale;
    square += x[i] * x[i];
  }
  const norm = Math.sqrt(square);
  const alpha = x[0] > 0 ? -norm : norm;
  // vᵀv = 2(‖x‖² − αx₀), with no cancellation.
  const half = square - alpha * x[0];
  x[0] -= alpha;
  return [alpha * scale, 1 / half];
}

/** S [n, n] ← QS: the panels' reflections from the last to the first, each panel by three products. */
export function applyReflections(
  memory: Matrices,
  A: Part,
  beta: Float64Array,
  S: Part,
  scratch: number,
): void {
  const n = beta.length;
  const { ld } = A;
  const [T, ones] = [scratch, scratch + PANEL * PANEL];
  const [first, second] = [ones + PANEL * ld, ones + 2 * PANEL * ld];
  for (let from = PANEL * Math.floor((n - 1) / PANEL); from >= 0; from -= PANEL) {
    const count = Math.min(PANEL, n - from);
    const length = n - from - 1;
    if (length <= 0) continue;
    const V = A.at + from * ld + from + 1;
    memory.nt(ones, ld, V, ld, V, ld, count, count, length, false);
    triangle(memory.data, T, ones, ld, beta.subarray(from, from + count));
    const rows = S.at + (from + 1) * S.ld;
    memory.nn(first, S.ld, V, ld, rows, S.ld, count, n, length, false);
    memory.nn(second, S.ld, T, PANEL, first, S.ld, count, n, count, false);
    memory.tn(rows, S.ld, V, ld, second, S.ld, length, n, count, true);
  }
}

/** −T [PANEL, PANEL] of the product of reflections, from the inner products of their vectors. */
function triangle(data: Float64Array, T: number, inner: number, ld: number, beta: Float64Array): void {
  data.fill(0, T, T + PANEL * PANEL);
  for (let j = 0; j < beta.length; j++) {
    // T[0 … j − 1, j] = −β_j T[0 … j − 1, 0 … j − 1] Yᵀv_j, all with the sign turned.
    for (let i = 0; i < j; i++) {
      let sum = 0;
      for (let l = i; l < j; l++) sum += data[T + i * PANEL + l] * data[inner + l * ld + j];
      data[T + i * PANEL + j] = -beta[j] * sum;
    }
    data[T + j * PANEL + j] = -beta[j];
  }
}
