/**
 * @module variance/layer-bounds
 *
 * Derivative bounds by layer of h = W_L φ(… φ(W_1 x̄)), from weights alone (theory (8.18), (8.19)):
 *
 *   ‖J_l‖_F = ‖B_l‖_F ‖ā_{l−1}‖,   ‖B_l‖_F ≤ ‖W_L‖_F Π_{m=l+1}^{L−1} ‖W_m‖ Π_{m=l}^{L−1} sup φ′
 *   ‖H^a_ll‖_F ≤ ‖ā_{l−1}‖² Σ_{m=l}^{L−1} ‖P_ml‖² ‖C_m[a]‖,  ‖P_ml‖ ≤ Π_{k=l+1}^{m} ‖W_k‖ sup φ′,
 *   ‖C_m[a]‖ ≤ sup|φ″| ‖(W_L)_a‖ Π_{k=m+1}^{L−1} ‖W_k‖ sup φ′
 *
 * without bias columns. They say how 𝒱1 ∝ ‖J‖⁴ and 𝒱2 ∝ ‖H‖² move with depth, width and scale; not sharp.
 */
import type { Activation } from '../model/activations.js';
import { gramOf } from './sum-bounds.js';
import { largestEigenvalue } from '../fisher/closed-forms/symmetric.js';

/** sup |φ′| and sup |φ″|. */
export const ACTIVATION_BOUNDS: Readonly<
  Partial<
    Record<
      Activation,
      {
        /** sup |φ′|. */
        readonly slope: number;
        /** sup |φ″|. */
        readonly curvature: number;
      }
    >
  >
> = {
  identity: { slope: 1, curvature: 0 },
  relu: { slope: 1, curvature: 0 },
  'leaky-relu': { slope: 1, curvature: 0 },
  sigmoid: { slope: 1 / 4, curvature: 1 / (6 * Math.sqrt(3)) },
  tanh: { slope: 1, curvature: 4 / (3 * Math.sqrt(3)) },
  softplus: { slope: 1, curvature: 1 / 4 },
  'log-sigmoid': { slope: 1, curvature: 1 / 4 },
};

/** W [out, in], row-major, without bias. */
export interface LayerWeight {
  /** The numbers [out, in]. */
  readonly data: Float64Array;
  /** Rows. */
  readonly out: number;
  /** Columns. */
  readonly in: number;
}

/** Norms of one layer's Jacobian and second derivatives, bounded. */
export interface LayerBound {
  /** Of ‖B_l‖_F = ‖∂h/∂z_l‖_F. */
  readonly jacobian: number;
  /** Of ‖∂²h_a/∂z_l²‖_F, for each output a [T]. */
  readonly hessian: Float64Array;
}

/** Largest matrix side whose operator norm is taken exactly; beyond it, min(‖W‖_F, √(‖W‖_1‖W‖_∞)). */
const EXACT = 64;

/**
 * ‖W‖, or a certified bound of it.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/no-convergence`,
 * `linalg/not-finite`, `linalg/shape`
 */
export function operatorNorm({ data, out, in: width }: LayerWeight): number {
  if (Math.min(out, width) <= EXACT) {
    const rows = out <= width ? data : transposed(data, out, width);
    const size = Math.min(out, width);
    return Math.sqrt(Math.max(0, largestEigenvalue(gramOf(rows, size), size)));
  }
  const columns = new Float64Array(width);
  let rowMost = 0;
  for (let o = 0; o < out; o++) {
    let row = 0;
    for (let i = 0; i < width; i++) {
      row += Math.abs(data[o * width + i]);
      columns[i] += Math.abs(data[o * width + i]);
    }
    rowMost = Math.max(rowMost, row);
  }
  const columnMost = columns.reduce((p, q) => Math.max(p, q), 0);
  return Math.min(frobeniusNorm(data), Math.sqrt(rowMost * columnMost));
}

const frobeniusNorm = (w: Float64Array): number => Math.sqrt(w.reduce((s, x) => s + x * x, 0));

function transposed(data: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]);
}

/**
 * Bounds for each layer of a fully connected network with one activation between layers, at its pre-activations z_l: multiply by
 * ‖ā_{l−1}‖ and its square for those of the weights.
 */
export function layerBounds(
  weights: readonly LayerWeight[],
  activation: { readonly slope: number; readonly curvature: number },
): LayerBound[] {
  const L = weights.length;
  const { slope, curvature } = activation;
  const norms = weights.map(operatorNorm);
  const last = weights[L - 1];
  const rows = Float64Array.from({ length: last.out }, (_, a) =>
    frobeniusNorm(last.data.subarray(a * last.in, (a + 1) * last.in)),
  );
  /** Π of ‖W_k‖ sup φ′ over layers from…to (0-based, inclusive). */
  const chain = (from: number, to: number): number => {
    let product = 1;
    for (let k = from; k <= to; k++) product *= norms[k] * slope;
    return product;
  };
  return weights.map((_, l): LayerBound => {
    if (l === L - 1) return { jacobian: Math.sqrt(last.out), hessian: new Float64Array(last.out) };
    const jacobian = frobeniusNorm(last.data) * slope * chain(l + 1, L - 2);
    let sum = 0;
    for (let m = l; m < L - 1; m++) sum += chain(l + 1, m) ** 2 * curvature * chain(m + 1, L - 2);
    return { jacobian, hessian: rows.map((r) => r * sum) };
  });
}
