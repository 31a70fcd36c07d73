/**
 * @module matrix/blocks/leading
 *
 * The largest eigenpairs of a symmetric operator by Lanczos steps (linalg/lanczos) until each has a residual of 1e-9 of the largest value,
 * or the space is all there is.
 */
import { Lanczos } from '../../linalg/index.js';
import type { TopPairs } from './block.js';

const SETTLED = 1e-9;
const BETWEEN = 8;

/**
 * The k largest pairs of v ↦ Fv, v [n].
 * @throws FimError with `linalg/lanczos`, `linalg/no-convergence`, `random/seed`, `random/sequence`
 */
export function leadingPairs(n: number, k: number, multiply: (v: Float64Array) => Float64Array): TopPairs {
  const steps = new Lanczos(n, { steps: n });
  for (let v = steps.next(), done = 1; v; v = steps.next(), done++) {
    steps.take(multiply(v));
    if (done >= 2 * k && done % BETWEEN === 0 && settled(steps, k)) break;
  }
  const { values, vectors } = steps.leading(k);
  return { values, vectors };
}

function settled(steps: Lanczos, k: number): boolean {
  const { values, residuals } = steps.ritz();
  const top = Math.abs(values[values.length - 1]);
  return residuals.slice(-k).every((r) => r <= SETTLED * top);
}
