/**
 * @module linalg/multiply
 *
 * Products of float64 matrices on the engine's kernels, row-major in and out. Error of an element: at most
 * (min(k, 256) + k/256 + 3)·2⁻⁵³·Σ|a||b| (kernels/types). 2mkn operations at some 12–18 GFLOP/s, plus a copy of the three matrices.
 */
import { withMatrices } from '../engine/small/index.js';
import { leading, withBlocks } from './blocks.js';
import { checkMatrix, copyIn, copyOut, mirror } from './check.js';

/** How a product is taken. */
export interface MultiplyOptions {
  /** A is given as [k, m]. Default false. */
  readonly transposeA?: boolean;
  /** B is given as [n, k]. Default false. */
  readonly transposeB?: boolean;
}

/**
 * C [m, n] = op(A) op(B), op(A) [m, k], op(B) [k, n]. Throws `linalg/shape`, `engine/memory`.
 * @throws FimError with `kernels/memory`, `kernels/unknown`, `kernels/unsupported`
 */
export function multiply(
  a: Float64Array,
  b: Float64Array,
  m: number,
  k: number,
  n: number,
  options: MultiplyOptions = {},
): Float64Array {
  const { transposeA = false, transposeB = false } = options;
  const [rowsA, columnsA] = transposeA ? [k, m] : [m, k];
  const [rowsB, columnsB] = transposeB ? [n, k] : [k, n];
  checkMatrix('multiply, a', a, rowsA, columnsA);
  checkMatrix('multiply, b', b, rowsB, columnsB);
  // No kernel reads two transposed operands.
  if (transposeA && transposeB) return multiply(transposed(a, k, m), b, m, k, n, { transposeB });
  const out = new Float64Array(m * n);
  withMatrices((memory) => {
    const [A, B, C] = [
      [rowsA, columnsA],
      [rowsB, columnsB],
      [m, n],
    ].map(([rows, columns]) => ({ at: memory.reserve(rows * leading(columns)), ld: leading(columns) }));
    const { data } = memory;
    copyIn(data, A, a, rowsA, columnsA);
    copyIn(data, B, b, rowsB, columnsB);
    const product = transposeA ? 'tn' : transposeB ? 'nt' : 'nn';
    memory[product](C.at, C.ld, A.at, A.ld, B.at, B.ld, m, n, k, false);
    copyOut(out, data, C, m, n);
  });
  return out;
}

/**
 * AAᵀ [n, n] of A [n, k], symmetric to the last bit. n²k operations. Throws `linalg/shape`, `engine/memory`.
 * @throws FimError with `kernels/memory`, `kernels/unknown`, `kernels/unsupported`
 */
export function gram(a: Float64Array, n: number, k: number): Float64Array {
  checkMatrix('gram', a, n, k);
  const out = new Float64Array(n * n);
  withBlocks(n, [k, n], (blocks, [A, C]) => {
    copyIn(blocks.data, A, a, n, k);
    for (let i = 0; i < n; i++) blocks.data.fill(0, C.at + i * C.ld, C.at + i * C.ld + n);
    blocks.addSquare(C, A, A, n, k);
    copyOut(out, blocks.data, C, n, n);
  });
  mirror(out, n);
  return out;
}

/** Aᵀ [columns, rows] of A [rows, columns]. */
export function transposed(a: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = a[i * columns + j];
  return out;
}
