/**
 * @module linalg/cholesky
 *
 * A = LLᵀ for symmetric positive definite A in float64, and what follows from it. Only lower triangles are read.
 *
 * Small matrices by plain loops, larger ones by halving on the engine's matrix product (linalg/blocks). Backward stable either way:
 * ‖LLᵀ − A‖ ≤ c n 2⁻⁵³ ‖A‖, (A + E) x̂ = b with ‖E‖ ≤ c n 2⁻⁵³ ‖A‖ (Higham, Accuracy and Stability, 2nd ed., thms 10.3, 10.4).
 * Cost: n³/3 multiplications and as many additions for the factor, n² for a solve, 2n³/3 more for the inverse. To solve, solve; an
 * inverse is for what is applied many times or read element by element.
 */
import { withBlocks } from './blocks.js';
import { checkMatrix, copyIn, copyLowerIn, copyOut, mirror } from './check.js';
import { factorTile, solveLowerTile, solveUpperTile, solveVector } from './tiles.js';

/** Below this size plain loops are as fast (bench/linalg). */
const BLOCKED = 96;

/** The same of a solve: columns, and n² times their number. */
const COLUMNS = 8;
const SOLVE = 100_000;

/**
 * The lower factor L [n, n], zeros above, of A [n, n] of which the lower triangle is read. Written into `into`, by default a new array;
 * `into` may be `a` itself. Where it throws, `into` is left as it was (blocked) or half done (n < 96).
 *
 * Throws `linalg/not-positive-definite`, naming the pivot (from 0) and its value, and `linalg/shape`.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`
 */
export function cholesky(a: Float64Array, n: number, into = new Float64Array(n * n)): Float64Array {
  checkMatrix('cholesky', a, n, n);
  checkMatrix('cholesky', into, n, n);
  if (n < BLOCKED) {
    for (let i = 0; i < n; i++) {
      into.set(a.subarray(i * n, i * n + i + 1), i * n);
      into.fill(0, i * n + i + 1, (i + 1) * n);
    }
    factorTile(into, 0, n, n, 0);
    return into;
  }
  withBlocks(n, [n], (blocks, [l]) => {
    const { data } = blocks;
    copyLowerIn(data, l, a, n);
    blocks.factor(l, n);
    for (let i = 0; i < n; i++) {
      const at = l.at + i * l.ld;
      into.set(data.subarray(at, at + i + 1), i * n);
      into.fill(0, i * n + i + 1, (i + 1) * n);
    }
  });
  return into;
}

/**
 * X with AX = B from A = LLᵀ; B and X are [n, columns], row by row; X is a new array. Throws `linalg/shape`.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`
 */
export function choleskySolve(L: Float64Array, n: number, b: Float64Array, columns = 1): Float64Array {
  checkMatrix('choleskySolve, L', L, n, n);
  checkMatrix('choleskySolve, b', b, n, columns);
  if (columns >= COLUMNS && n * n * columns >= SOLVE) return solveBlocked(L, n, b, columns);
  const x = b.slice();
  if (columns === 1) {
    solveVector(L, n, x);
  } else {
    solveLowerTile(x, 0, columns, columns, L, 0, n, n);
    solveUpperTile(x, 0, columns, columns, L, 0, n, n);
  }
  return x;
}

function solveBlocked(L: Float64Array, n: number, b: Float64Array, columns: number): Float64Array {
  const out = new Float64Array(n * columns);
  withBlocks(n, [n, columns], (blocks, [l, x]) => {
    const { data } = blocks;
    copyLowerIn(data, l, L, n);
    copyIn(data, x, b, n, columns);
    blocks.solveLower(x, columns, l, n);
    blocks.solveUpper(x, columns, l, n);
    copyOut(out, data, x, n, columns);
  });
  return out;
}

/**
 * A⁻¹ = L⁻ᵀL⁻¹ [n, n] from A = LLᵀ, symmetric to the last bit. Throws `linalg/shape`.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`
 */
export function choleskyInverse(L: Float64Array, n: number): Float64Array {
  checkMatrix('choleskyInverse', L, n, n);
  const out = new Float64Array(n * n);
  withBlocks(n, [n, n], (blocks, [x, y]) => {
    const { data } = blocks;
    copyLowerIn(data, x, L, n);
    blocks.invert(x, n);
    blocks.squareOfLower(y, x, n);
    copyOut(out, data, y, n, n);
  });
  mirror(out, n);
  return out;
}

/** log det A = 2 Σ log L_ii from A = LLᵀ, L [n, n]. Throws `linalg/shape`. */
export function logDeterminant(L: Float64Array, n: number): number {
  checkMatrix('logDeterminant', L, n, n);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.log(L[i * n + i]);
  return 2 * sum;
}
