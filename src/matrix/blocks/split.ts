/**
 * @module matrix/blocks/split
 *
 * A damped Kronecker product with the damping split between its factors,
 *
 *   (G + √λ/π) ⊗ (A + π√λ),   π = √((tr A/in)/(tr G/out)),  1 where a trace is 0
 *
 * whose inverse is two small ones: (G + √λ/π)⁻¹ M (A + π√λ)⁻¹ on M [out, in]. It is more than G ⊗ A + λ by the cross terms of the split.
 * J. Martens, R. Grosse, ICML 2015, eq. 6.3 and §6.3. (in³ + out³)/3 for the factors, 2 in·out (in + out) for a solve.
 */
import { FimError } from '../../core/errors.js';
import { choleskyInverse, choleskySolve, logDeterminant, multiply, transposed } from '../../linalg/index.js';
import { type DampedBlock, type Failure, notPositive, requireLambda } from './block.js';
import { dampedFactor, solveTransposed, traceOf } from './dense.js';
import { type InputFactor, inputTrace, isDiagonalFactor, scaledColumns } from './input-factor.js';

/** Factors of a `KroneckerBlock`. */
export interface KroneckerParts {
  /** [in, in], row by row, or its diagonal [in] (matrix/blocks/input-factor). */
  readonly A: Float64Array;
  /** [out, out], row by row. */
  readonly G: Float64Array;
  /** Width of the inputs, the bias counted. */
  readonly inner: number;
  /** Width of the outputs. */
  readonly outer: number;
}

/** Cholesky factors of both damped factors. */
export interface SplitFactors {
  /** Of A + π√λ, [in, in], or its diagonal [in]. */
  readonly A: Float64Array;
  /** Of G + √λ/π, [out, out]. */
  readonly G: Float64Array;
}

/**
 * Cholesky factors of both.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/not-positive-definite`,
 * `linalg/shape`
 */
export function splitFactors({ A, G, inner, outer }: KroneckerParts, lambda: number): SplitFactors {
  const pi = splitOf(inputTrace({ A, inner }) / inner, traceOf(G, outer) / outer);
  const root = Math.sqrt(lambda);
  return { A: dampedInputs({ A, inner }, pi * root), G: dampedFactor(G, outer, root / pi) };
}

/** C with CCᵀ = A + shift·I, of a diagonal its diagonal [in]. */
function dampedInputs({ A, inner }: InputFactor, shift: number): Float64Array {
  if (!isDiagonalFactor({ A, inner })) return dampedFactor(A, inner, shift);
  const C = A.map((a) => Math.sqrt(a + shift));
  const lost = C.findIndex((c) => !(c > 0));
  if (lost >= 0) throw notPositiveDiagonal(A[lost] + shift);
  return C;
}

/**
 * (G + √λ/π)⁻¹ M (A + π√λ)⁻¹ of M [out, in].
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/shape`
 */
export function splitSolve(
  factors: SplitFactors,
  inner: number,
  outer: number,
  M: Float64Array,
): Float64Array {
  const left = choleskySolve(factors.G, outer, M, inner);
  if (isDiagonalFactor({ A: factors.A, inner }))
    return scaledColumns(
      left,
      factors.A.map((c) => 1 / c ** 2),
    );
  const right = choleskySolve(factors.A, inner, transposed(left, outer, inner), outer);
  return transposed(right, inner, outer);
}

/** The damped product; a failure where a factor is not positive definite. Throws `matrix/damping`. */
export function splitInverse(parts: KroneckerParts, lambda: number): DampedBlock | Failure {
  requireLambda(lambda);
  const { inner, outer } = parts;
  let factors: SplitFactors;
  try {
    factors = splitFactors(parts, lambda);
  } catch (e) {
    if (e instanceof FimError && e.code === 'linalg/not-positive-definite')
      return notPositive(lambda, 'a damped factor of the Kronecker product has no Cholesky factor');
    throw e;
  }
  const diagonal = isDiagonalFactor(parts);
  const logdetOfInputs = () =>
    diagonal ? 2 * factors.A.reduce((sum, c) => sum + Math.log(c), 0) : logDeterminant(factors.A, inner);
  const traceOfInputs = () =>
    diagonal
      ? parts.A.reduce((sum, a, i) => sum + a / factors.A[i] ** 2, 0)
      : productTrace(choleskyInverse(factors.A, inner), parts.A, inner);
  return {
    solve: (v) => splitSolve(factors, inner, outer, v),
    logdet: () => inner * logDeterminant(factors.G, outer) + outer * logdetOfInputs(),
    effectiveDimension: () =>
      productTrace(choleskyInverse(factors.G, outer), parts.G, outer) * traceOfInputs(),
    root(z) {
      const columns = multiply(upperInverse(factors.G, outer), z, outer, outer, inner);
      if (diagonal)
        return scaledColumns(
          columns,
          factors.A.map((c) => 1 / c),
        );
      return multiply(columns, upperInverse(factors.A, inner), outer, inner, inner, { transposeB: true });
    },
  };
}

/** As of a factor in full. */
const notPositiveDiagonal = (pivot: number): FimError =>
  new FimError({
    code: 'linalg/not-positive-definite',
    where: 'cholesky of a diagonal factor',
    rule: 'is positive definite',
    got: `an entry ${pivot}`,
    next: 'more damping',
  });

/** tr XY of symmetric X, Y [n, n]. */
function productTrace(x: Float64Array, y: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n * n; i++) sum += x[i] * y[i];
  return sum;
}

/** C⁻ᵀ [n, n] of a lower triangle C. */
function upperInverse(C: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    const e = new Float64Array(n);
    e[j] = 1;
    const x = solveTransposed(C, n, e);
    for (let i = 0; i < n; i++) out[i * n + j] = x[i];
  }
  return out;
}

/** π from the mean diagonals of A and G. */
function splitOf(a: number, g: number): number {
  const pi = Math.sqrt(a / g);
  return pi > 0 && Number.isFinite(pi) ? pi : 1;
}
