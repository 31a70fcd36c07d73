/**
 * @module fisher/forms/dense/spectrum
 *
 * Spectrum of a dense Fisher: its leading eigenvalues, its rank, and its condition number on its range. All eigenvalues where the matrix
 * is small, O(P³); of a larger one the leading ones by Lanczos, O(P²) each, and neither rank nor condition.
 */
import { Lanczos, symmetricEigenvalues } from '../../../linalg/index.js';

/** What a spectrum says. */
export interface Spectrum {
  /** The largest, falling; where not all are computed, those that have settled to 1e-6. */
  readonly eigenvalues: readonly number[];
  /** How many are above `rankTolerance` of the largest; null where not all are computed. */
  readonly rank: number | null;
  /** P·2⁻⁵²: below it, what an eigenvalue was is lost in rounding. */
  readonly rankTolerance: number;
  /** Largest over the smallest that counts; null: none does, or not all are computed. */
  readonly condition: number | null;
}

/** Matrices up to this have all their eigenvalues computed: about a second. */
export const LARGEST_SPECTRUM = 1000;

/** Eigenvalues that are given. */
const LEADING = 5;
const STEPS = 60;
const SETTLED = 1e-6;

/**
 * Of a symmetric matrix [P, P]; null where it is not finite. `pause` is awaited between products, and `signal` ends it with null.
 * @throws FimError with `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`, `random/seed`, `random/sequence`
 */
export async function spectrumOf(
  matrix: Float64Array,
  P: number,
  { signal, pause }: { readonly signal?: AbortSignal; pause?(): Promise<void> } = {},
): Promise<Spectrum | null> {
  if (!matrix.every(Number.isFinite)) return null;
  const rankTolerance = P * 2 ** -52;
  if (P <= LARGEST_SPECTRUM) {
    const falling = symmetricEigenvalues(matrix, P).reverse();
    const counted = falling.filter((v) => v > rankTolerance * falling[0]);
    const condition = counted.length === 0 ? null : falling[0] / counted[counted.length - 1];
    return { eigenvalues: [...falling.slice(0, LEADING)], rank: counted.length, rankTolerance, condition };
  }
  const steps = new Lanczos(P, { steps: STEPS });
  for (let v = steps.next(); v; v = steps.next()) {
    steps.take(times(matrix, P, v));
    await pause?.();
    if (signal?.aborted) return null;
  }
  const { values, residuals } = steps.pairs();
  const top = values[values.length - 1];
  const settled = [...values].map((v, k) => ({ v, off: residuals[k] })).reverse();
  const open = settled.findIndex(({ off }) => off > SETTLED * top);
  const leading = settled.slice(0, Math.min(LEADING, open < 0 ? LEADING : open));
  return { eigenvalues: leading.map(({ v }) => v), rank: null, rankTolerance, condition: null };
}

function times(matrix: Float64Array, P: number, v: Float64Array): Float64Array {
  const out = new Float64Array(P);
  for (let i = 0; i < P; i++) {
    let sum = 0;
    for (let j = 0, at = i * P; j < P; j++, at++) sum += matrix[at] * v[j];
    out[i] = sum;
  }
  return out;
}
