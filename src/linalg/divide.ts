/**
 * @module linalg/divide
 *
 * A tridiagonal eigenproblem by halving, T = SΛSᵀ: T is two smaller ones and ρvvᵀ with v = (0 … 1, ±1 … 0) (J. J. M. Cuppen, Numer. Math. 36,
 * 1981), that is D + ρzzᵀ in the basis of their vectors, z their last and first rows. What z does not reach, and what two equal
 * values let rotate out of it, stays as it is (deflation); the others come from linalg/secular and one product with each half's vectors,
 * on the engine's kernels. Backward stable; up to 4n³/3 operations, far less where much deflates. Small ones by linalg/tridiagonal.
 */
import type { Matrices } from '../engine/small/index.js';
import type { Part } from './blocks.js';
import { type RankOne, secularRoots, secularVectors } from './secular.js';
import { diagonalise } from './tridiagonal.js';

/** Rows that are not halved. */
const SMALL = 32;
/** Units of rounding below which a coupling is none. */
const NEGLIGIBLE = 8 * 2 ** -52;

/** Room: S [n, n] for the vectors, and three more matrices as large. */
export interface DividePlaces {
  readonly S: Part;
  readonly gathered: Part;
  readonly vectors: Part;
  readonly made: Part;
}

/** d ← eigenvalues, rising, and S ← vectors in its columns; S begins with zeros. Throws `linalg/no-convergence`. */
export function divide(memory: Matrices, d: Float64Array, e: Float64Array, places: DividePlaces): void {
  let norm = 0;
  for (let i = 0; i < d.length; i++) norm = Math.max(norm, Math.abs(d[i]), Math.abs(e[i]));
  if (norm === 0 || d.length === 0) {
    for (let i = 0; i < d.length; i++) memory.data[places.S.at + i * (places.S.ld + 1)] = 1;
    return;
  }
  for (let i = 0; i < d.length; i++) {
    d[i] /= norm;
    e[i] /= norm;
  }
  new Divide(memory, d, e, places).solve(0, d.length);
  for (let i = 0; i < d.length; i++) d[i] *= norm;
}

/** Of which halves a column has entries: the first, both, the second, and none that are changed. */
const [UPPER, BOTH, LOWER, DONE] = [0, 1, 2, 3];

class Divide {
  private readonly data: Float64Array;

  constructor(
    private readonly memory: Matrices,
    private readonly d: Float64Array,
    private readonly e: Float64Array,
    private readonly places: DividePlaces,
  ) {
    this.data = memory.data;
  }

  /** Rows and columns from…to − 1. */
  solve(from: number, to: number): void {
    const { d, e } = this;
    if (to - from <= SMALL) return this.small(from, to);
    const cut = (from + to) >> 1;
    const coupling = e[cut - 1];
    const rho = Math.abs(coupling);
    d[cut - 1] -= rho;
    d[cut] -= rho;
    this.solve(from, cut);
    this.solve(cut, to);
    this.join(from, cut, to, coupling);
  }

  private small(from: number, to: number): void {
    const { S } = this.places;
    const n = to - from;
    const [d, e] = [this.d.slice(from, to), this.e.slice(from, to)];
    e[n - 1] = 0;
    const Q = new Float64Array(n * n);
    for (let i = 0; i < n; i++) Q[i * n + i] = 1;
    diagonalise(d, e, Q, n);
    const order = ordered(d);
    for (let j = 0; j < n; j++) {
      this.d[from + j] = d[order[j]];
      for (let i = 0; i < n; i++) this.data[S.at + (from + i) * S.ld + from + j] = Q[i * n + order[j]];
    }
  }

  /** Both halves' eigenpairs to those of the whole. */
  private join(from: number, cut: number, to: number, coupling: number): void {
    const { data, places } = this;
    const { S } = places;
    const n = to - from;
    const sign = coupling < 0 ? -1 : 1;
    const own = this.d.slice(from, to);
    const z = new Float64Array(n);
    for (let j = 0; j < n; j++) {
      const row = j < cut - from ? cut - 1 : cut;
      z[j] = (data[S.at + row * S.ld + from + j] * (j < cut - from ? 1 : sign)) / Math.SQRT2;
    }
    const rho = 2 * Math.abs(coupling);
    const kind = new Uint8Array(n).fill(LOWER);
    kind.fill(UPPER, 0, cut - from);
    const kept = this.deflate({ from, own, z, rho, kind });
    if (kept.length > 0) this.turn({ from, cut, to, own, z, rho, kind }, kept);
    this.sort(from, to, own);
  }

  /** The columns that are left, in rising order of their values; those that are done have their values in `own`. */
  private deflate({ from, own, z, rho, kind }: Halved): number[] {
    const order = ordered(own);
    let largest = 0;
    for (let j = 0; j < own.length; j++) largest = Math.max(largest, Math.abs(own[j]), Math.abs(z[j]));
    const tolerance = NEGLIGIBLE * largest;
    const kept: number[] = [];
    for (const j of order) {
      if (rho * Math.abs(z[j]) <= tolerance) {
        kind[j] = DONE;
        continue;
      }
      const i = kept[kept.length - 1];
      if (i !== undefined && this.rotatesOut({ from, own, z, rho, kind }, i, j, tolerance)) kept.pop();
      kept.push(j);
    }
    return kept;
  }

  /** Whether the column i can be turned out of z against the next, j; then it is done. */
  private rotatesOut({ from, own, z, kind }: Halved, i: number, j: number, tolerance: number): boolean {
    const { S } = this.places;
    const { data } = this;
    const tau = Math.hypot(z[i], z[j]);
    const [c, s] = [z[j] / tau, -z[i] / tau];
    const gap = own[j] - own[i];
    if (Math.abs(gap * c * s) > tolerance) return false;
    z[j] = tau;
    z[i] = 0;
    if (kind[i] !== kind[j]) kind[j] = BOTH;
    kind[i] = DONE;
    for (let r = 0, at = S.at + from * S.ld + from; r < own.length; r++, at += S.ld) {
      const [p, q] = [data[at + i], data[at + j]];
      data[at + i] = c * p + s * q;
      data[at + j] = c * q - s * p;
    }
    const [di, dj] = [own[i], own[j]];
    own[i] = di * c * c + dj * s * s;
    own[j] = di * s * s + dj * c * c;
    return true;
  }

  /** The columns `kept` of S by the vectors of D + ρzzᵀ, and their values. */
  private turn({ from, cut, to, own, z, rho, kind }: Whole, kept: readonly number[]): void {
    const { memory, data } = this;
    const { S, gathered, vectors, made } = this.places;
    const k = kept.length;
    let length = 0;
    for (const j of kept) length += z[j] * z[j];
    const scale = Math.sqrt(length);
    const problem: RankOne = {
      d: Float64Array.from(kept, (j) => own[j]),
      z: Float64Array.from(kept, (j) => z[j] / scale),
      rho: rho * length,
    };
    const values = secularRoots(problem, data, vectors.at, vectors.ld);
    // Components in the order of their columns' kinds, so that each half's are together.
    const byKind = kept.map((_, i) => i).sort((a, b) => kind[kept[a]] - kind[kept[b]] || a - b);
    const place = new Uint32Array(k);
    byKind.forEach((i, p) => (place[i] = p));
    secularVectors(problem, data, vectors.at, vectors.ld, place);
    const count = (of: (kind: number) => boolean) => kept.filter((j) => of(kind[j])).length;
    const [upper, lower] = [count((x) => x !== LOWER), count((x) => x !== UPPER)];
    const half = (rows: readonly [number, number], first: number, columns: number): void => {
      const [a, b] = rows;
      for (let r = a; r < b; r++) {
        const to = gathered.at + (r - from) * gathered.ld;
        const row = S.at + r * S.ld + from;
        for (let p = 0; p < columns; p++) data[to + p] = data[row + kept[byKind[first + p]]];
      }
      const out = made.at + (a - from) * made.ld;
      const x = gathered.at + (a - from) * gathered.ld;
      memory.nt(out, made.ld, x, gathered.ld, vectors.at + first, vectors.ld, b - a, k, columns, false);
    };
    half([from, cut], 0, upper);
    half([cut, to], k - lower, lower);
    for (let r = from; r < to; r++) {
      const row = S.at + r * S.ld + from;
      const out = made.at + (r - from) * made.ld;
      for (let j = 0; j < k; j++) data[row + kept[j]] = data[out + j];
    }
    kept.forEach((j, i) => (own[j] = values[i]));
  }

  /** d and the columns of S in rising order. */
  private sort(from: number, to: number, own: Float64Array): void {
    const { data } = this;
    const { S } = this.places;
    const n = to - from;
    const order = ordered(own);
    const row = new Float64Array(n);
    for (let r = from; r < to; r++) {
      const at = S.at + r * S.ld + from;
      for (let j = 0; j < n; j++) row[j] = data[at + order[j]];
      data.set(row, at);
    }
    for (let j = 0; j < n; j++) this.d[from + j] = own[order[j]];
  }
}

/** Two halves' values and rows, before they are joined. */
interface Halved {
  readonly from: number;
  readonly own: Float64Array;
  readonly z: Float64Array;
  readonly rho: number;
  readonly kind: Uint8Array;
}

interface Whole extends Halved {
  readonly cut: number;
  readonly to: number;
}

/** Indices in rising order of the values. */
const ordered = (d: Float64Array): Uint32Array =>
  Uint32Array.from({ length: d.length }, (_, i) => i).sort((i, j) => d[i] - d[j] || i - j);
