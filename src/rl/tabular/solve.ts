/**
 * @module rl/tabular/solve
 *
 * A x = b by LU with partial pivoting, dense, float64. O(n³/3): for the few hundred states of a table.
 */
import { FimError } from '../../core/errors.js';

/** A factored matrix [n, n] that solves with it and with its transpose. Throws `rl/improper` where A is singular. */
export class Factored {
  private readonly order: Int32Array;

  /**
   * Factors `a` [n, n] in place.
   * @throws FimError with `rl/improper`
   */
  constructor(
    private readonly a: Float64Array,
    private readonly n: number,
  ) {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let k = 0; k < n; k++) {
      let best = k;
      for (let i = k + 1; i < n; i++) if (Math.abs(a[i * n + k]) > Math.abs(a[best * n + k])) best = i;
      if (!(Math.abs(a[best * n + k]) > 1e-13)) throw improper();
      if (best !== k) {
        for (let j = 0; j < n; j++) [a[k * n + j], a[best * n + j]] = [a[best * n + j], a[k * n + j]];
        [order[k], order[best]] = [order[best], order[k]];
      }
      const pivot = a[k * n + k];
      for (let i = k + 1; i < n; i++) {
        const f = a[i * n + k] / pivot;
        if (f === 0) continue;
        a[i * n + k] = f;
        for (let j = k + 1; j < n; j++) a[i * n + j] -= f * a[k * n + j];
      }
    }
    this.order = order;
  }

  /** x [n] with A x = b [n]. */
  solve(b: Float64Array): Float64Array {
    const { a, n, order } = this;
    const x = Float64Array.from(order, (i) => b[i]);
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) x[i] -= a[i * n + j] * x[j];
    for (let i = n - 1; i >= 0; i--) {
      for (let j = i + 1; j < n; j++) x[i] -= a[i * n + j] * x[j];
      x[i] /= a[i * n + i];
    }
    return x;
  }

  /** x [n] with Aᵀ x = b [n]. */
  solveTransposed(b: Float64Array): Float64Array {
    const { a, n, order } = this;
    const y = b.slice();
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) y[i] -= a[j * n + i] * y[j];
      y[i] /= a[i * n + i];
    }
    for (let i = n - 1; i >= 0; i--) for (let j = i + 1; j < n; j++) y[i] -= a[j * n + i] * y[j];
    const x = new Float64Array(n);
    order.forEach((to, i) => (x[to] = y[i]));
    return x;
  }
}

function improper(): FimError {
  return new FimError({
    code: 'rl/improper',
    where: 'exact value of a policy',
    rule: 'without a discount or a horizon, every state that the policy visits must reach the end',
    got: 'a policy that can go on for ever',
    next: '{ discount: 0.99 } or { horizon: 100 }',
  });
}
