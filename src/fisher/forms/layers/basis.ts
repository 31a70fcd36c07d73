/**
 * @module fisher/forms/layers/basis
 *
 * Eigenbases of Kronecker factors, from the factors of the first round of EKFAC.
 */
import { symmetricEigen } from '../../../linalg/index.js';
import type { LayersEstimate } from './estimate.js';
import type { Bases } from './items.js';

/** Eigenvectors in the columns, by rising eigenvalues, of every matrix of [groups, d, d]. */
function eigenvectors(value: Float64Array, shape: readonly number[]): Float64Array {
  const d = shape[shape.length - 1];
  const out = new Float64Array(value.length);
  for (let at = 0; at < value.length; at += d * d)
    out.set(symmetricEigen(value.subarray(at, at + d * d), d).vectors, at);
  return out;
}

/**
 * The bases of all layers that are to be kept as scales.
 * @throws FimError with `linalg/no-convergence`, `linalg/not-finite`, `linalg/shape`
 */
export function basesOf({ layers, arrays }: Pick<LayersEstimate, 'layers' | 'arrays'>): Bases {
  const found = new Map(arrays.map((a) => [a.name, a]));
  return new Map(
    layers.flatMap(({ form, weight }) => {
      const [A, G] = ['A', 'G'].map((factor) => found.get(`kfac/${weight}/${factor}`));
      if (form !== 'ekfac' || !A || !G) return [];
      return [[weight, { A: eigenvectors(A.value, A.shape), G: eigenvectors(G.value, G.shape) }] as const];
    }),
  );
}
