/** @module matrix/vectors — the few operations on flat float64 vectors that inverses of the Fisher are made of. O(P) each. */

/** a·b over [from, to). */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>, from = 0, to = a.length): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += a[i] * b[i];
  return sum;
}

/** y ← y + αx, both [P]. */
export function axpy(alpha: number, x: Float64Array, y: Float64Array): void {
  for (let i = 0; i < y.length; i++) y[i] += alpha * x[i];
}
