/**
 * @module matrix/blocks/input-factor
 *
 * The factor A of the inputs of a Kronecker product, [in, in] in full or, where it has nothing else, its diagonal [in]: of a table with many
 * rows, whose inputs are unit vectors.
 */
import { multiply, symmetricEigen, symmetricEigenvalues } from '../../linalg/index.js';
import { dot } from '../vectors.js';
import { squares, total } from './block.js';
import { traceOf } from './dense.js';

/** A as it is held. */
export interface InputFactor {
  /** [in, in], row by row, or its diagonal [in]. */
  readonly A: Float64Array;
  /** Width of the inputs, the bias counted. */
  readonly inner: number;
}

/** Whether A is held as its diagonal. */
export const isDiagonalFactor = ({ A, inner }: InputFactor): boolean => A.length === inner;

/** M A of M [out, in]. */
export function timesInputs({ A, inner }: InputFactor, M: Float64Array, outer: number): Float64Array {
  return isDiagonalFactor({ A, inner }) ? scaledColumns(M, A) : multiply(M, A, outer, inner, inner);
}

/** M diag(d) of M [out, in]. */
export function scaledColumns(M: Float64Array, d: Float64Array): Float64Array {
  const n = d.length;
  const out = new Float64Array(M.length);
  for (let i = 0, at = 0; i < M.length; i += n) for (let j = 0; j < n; j++, at++) out[at] = M[at] * d[j];
  return out;
}

/** tr A. */
export const inputTrace = (of: InputFactor): number =>
  isDiagonalFactor(of) ? total(of.A) : traceOf(of.A, of.inner);

/** A_ii [in]. */
export const inputDiagonal = (of: InputFactor): Float64Array =>
  isDiagonalFactor(of) ? of.A : Float64Array.from({ length: of.inner }, (_, i) => of.A[i * of.inner + i]);

/** ‖A‖². */
export const inputSquares = ({ A }: InputFactor): number => squares(A);

/** Eigenvalues [in] of A, rising unless it is a diagonal. */
export const inputEigenvalues = (of: InputFactor): Float64Array =>
  isDiagonalFactor(of) ? of.A : symmetricEigenvalues(of.A, of.inner);

/** Eigenvalues [in] of A with the eigenvectors in the columns [in, in]; null: unit vectors, in the order of the inputs. */
export function inputEigen(of: InputFactor): {
  readonly values: Float64Array;
  readonly vectors: Float64Array | null;
} {
  return isDiagonalFactor(of) ? { values: of.A, vectors: null } : symmetricEigen(of.A, of.inner);
}

/** ⟨A, A'⟩ of two of one width, however they are held. */
export function inputInner(p: InputFactor, q: InputFactor): number {
  return p.A.length === q.A.length ? dot(p.A, q.A) : dot(inputDiagonal(p), inputDiagonal(q));
}

/** A − A', in full unless both are diagonals. */
export function inputDifference(p: InputFactor, q: InputFactor): Float64Array {
  const [x, y] = p.A.length === q.A.length ? [p.A, q.A] : [inFull(p), inFull(q)];
  return x.map((v, i) => v - y[i]);
}

/** A [in, in]. */
export function inFull(of: InputFactor): Float64Array {
  if (!isDiagonalFactor(of)) return of.A;
  const n = of.inner;
  const out = new Float64Array(n * n);
  of.A.forEach((v, i) => (out[i * n + i] = v));
  return out;
}
