/**
 * @module linalg/blocks
 *
 * Triangular algebra by halving, in kernel memory and in place: all but the tiles is matrix products.
 *
 *   factor:  L₁₁ ← A₁₁,  L₂₁ ← A₂₁L₁₁⁻ᵀ,  L₂₂ ← A₂₂ − L₂₁L₂₁ᵀ        (F. G. Gustavson, IBM J. Res. Dev. 41, 1997, §2)
 *   LX = B:  X₁ ← L₁₁⁻¹B₁,  X₂ ← L₂₂⁻¹(B₂ − L₂₁X₁)
 *   L⁻¹:     X₂₁ ← −L₂₂⁻¹(L₂₁X₁₁), by a solve, not by X₂₂              (Higham, 2nd ed., §14.2.2)
 *
 * A halving changes the order of a sum, not its terms, so the bounds are those of the plain loops (Higham, §10.1, §13.1). The kernels
 * add products; to subtract one, an operand is negated into scratch, n²/2 elements in all. A leading dimension from `leading`, an odd
 * number of cache lines, keeps the rows of a power of two out of one set of the cache.
 */
import { type Matrices, withMatrices } from '../engine/small/index.js';
import { factorTile, invertTile, solveLowerTile, solveRightTile, solveUpperTile, TILE } from './tiles.js';

/** A square product of which only the lower half is wanted is halved down to this. */
const SQUARE = 96;

/** A leading dimension for rows of n elements. */
export function leading(n: number): number {
  const lines = Math.ceil(n / 8);
  return 8 * (lines + 1 - (lines % 2));
}

/** Where n > TILE is split: the nearest whole tiles to a half. */
const half = (n: number): number => TILE * Math.max(1, Math.round(n / (2 * TILE)));

/** A matrix in kernel memory: index of its first element, leading dimension. */
export interface Part {
  readonly at: number;
  readonly ld: number;
}

const part = (p: Part, i: number, j: number): Part => ({ at: p.at + i * p.ld + j, ld: p.ld });

/**
 * Runs `use` with room for one matrix [n, c] for each c of `columns`, in kernel memory `blocks.data`, and for the scratch of triangles of
 * at most n rows. Throws `engine/memory`, `kernels/unsupported`.
 */
export function withBlocks<R>(n: number, columns: number[], use: (blocks: Blocks, parts: Part[]) => R): R {
  return withMatrices((memory) => {
    const parts = columns.map((c) => ({ at: memory.reserve(n * leading(c)), ld: leading(c) }));
    const first = n > TILE ? half(n) : 0;
    const scratch = memory.reserve((n - first) * leading(first));
    return use(new Blocks(memory, scratch), parts);
  });
}

export class Blocks {
  readonly data: Float64Array;

  /** Nothing is reserved from here on: `data` must not move. */
  constructor(
    private readonly memory: Matrices,
    private readonly scratch: number,
  ) {
    this.data = memory.data;
  }

  /** Lower triangle of A [n, n] ← L; above the diagonal is left what may be anything. Throws `linalg/not-positive-definite`. */
  factor(a: Part, n: number, first = 0): void {
    if (n <= TILE) return factorTile(this.data, a.at, a.ld, n, first);
    const n1 = half(n);
    const below = part(a, n1, 0);
    const rest = part(a, n1, n1);
    this.factor(a, n1, first);
    this.solveRight(below, n - n1, a, n1);
    this.addSquare(rest, below, this.negated(below, n - n1, n1), n - n1, n1);
    this.factor(rest, n - n1, first + n1);
  }

  /** X [m, n] ← X L⁻ᵀ. */
  solveRight(x: Part, m: number, l: Part, n: number): void {
    if (n <= TILE) return solveRightTile(this.data, x.at, x.ld, m, l.at, l.ld, n);
    const n1 = half(n);
    const rest = part(x, 0, n1);
    this.solveRight(x, m, l, n1);
    const t = this.negated(part(l, n1, 0), n - n1, n1);
    this.memory.nt(rest.at, rest.ld, x.at, x.ld, t.at, t.ld, m, n - n1, n1, true);
    this.solveRight(rest, m, part(l, n1, n1), n - n1);
  }

  /** X [n, m] ← L⁻¹ X. */
  solveLower(x: Part, m: number, l: Part, n: number): void {
    if (n <= TILE) return solveLowerTile(this.data, x.at, x.ld, m, this.data, l.at, l.ld, n);
    const n1 = half(n);
    const rest = part(x, n1, 0);
    this.solveLower(x, m, l, n1);
    const t = this.negated(part(l, n1, 0), n - n1, n1);
    this.memory.nn(rest.at, rest.ld, t.at, t.ld, x.at, x.ld, n - n1, m, n1, true);
    this.solveLower(rest, m, part(l, n1, n1), n - n1);
  }

  /** X [n, m] ← L⁻ᵀ X. */
  solveUpper(x: Part, m: number, l: Part, n: number): void {
    if (n <= TILE) return solveUpperTile(this.data, x.at, x.ld, m, this.data, l.at, l.ld, n);
    const n1 = half(n);
    const rest = part(x, n1, 0);
    this.solveUpper(rest, m, part(l, n1, n1), n - n1);
    const t = this.negated(part(l, n1, 0), n - n1, n1);
    this.memory.tn(x.at, x.ld, t.at, t.ld, rest.at, rest.ld, n1, m, n - n1, true);
    this.solveUpper(x, m, l, n1);
  }

  /** Lower triangle L [n, n] ← L⁻¹; above the diagonal must be 0, and stays it. */
  invert(l: Part, n: number): void {
    if (n <= TILE) return invertTile(this.data, l.at, l.ld, n);
    const n1 = half(n);
    const below = part(l, n1, 0);
    const rest = part(l, n1, n1);
    this.invert(l, n1);
    const t = this.negated(below, n - n1, n1);
    this.memory.nn(below.at, below.ld, t.at, t.ld, l.at, l.ld, n - n1, n1, n1, false);
    this.solveLower(below, n1, rest, n - n1);
    this.invert(rest, n - n1);
  }

  /** Lower triangle of C [m, m] += X Yᵀ, X and Y [m, k]. */
  addSquare(c: Part, x: Part, y: Part, m: number, k: number): void {
    if (m <= SQUARE) return this.memory.nt(c.at, c.ld, x.at, x.ld, y.at, y.ld, m, m, k, true);
    const m1 = half(m);
    const [x2, y2] = [part(x, m1, 0), part(y, m1, 0)];
    this.addSquare(c, x, y, m1, k);
    this.memory.nt(c.at + m1 * c.ld, c.ld, x2.at, x2.ld, y.at, y.ld, m - m1, m1, k, true);
    this.addSquare(part(c, m1, m1), x2, y2, m - m1, k);
  }

  /** Lower triangle of Y [n, n] ← XᵀX, X lower triangular with zeros above. Y's upper triangle is left what may be anything. */
  squareOfLower(y: Part, x: Part, n: number): void {
    for (let i = 0; i < n; i += SQUARE) {
      const rows = Math.min(SQUARE, n - i);
      const [from, to] = [part(x, i, 0), part(y, i, 0)];
      this.memory.tn(to.at, to.ld, from.at + i, from.ld, from.at, from.ld, rows, i + rows, n - i, false);
    }
  }

  private negated(x: Part, m: number, n: number): Part {
    const t = { at: this.scratch, ld: leading(n) };
    this.memory.negate(t.at, t.ld, x.at, x.ld, m, n);
    return t;
  }
}
