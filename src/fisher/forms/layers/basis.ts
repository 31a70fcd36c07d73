/**
 * @module fisher/forms/layers/basis
 *
 * Eigenbases of Kronecker factors, from the factors of the first round of EKFAC.
 */
import { FimError } from '../../../core/errors.js';
import { type Tensor, toFloat64 } from '../../../core/tensor.js';
import { symmetricEigen } from '../../../linalg/index.js';
import { inputsOf } from '../../../scores/layers.js';
import type { LayersEstimate } from './estimate.js';
import type { Bases, FormedLayer, LayerForm } from './items.js';

/** Eigenvectors in the columns, by rising eigenvalues, of every matrix of [groups, d, d]. */
function eigenvectors(value: Float64Array, shape: readonly number[]): Float64Array {
  const d = shape[shape.length - 1];
  if (value.length === d * d) return symmetricEigen(value, d).vectors;
  const out = new Float64Array(value.length);
  for (let at = 0; at < value.length; at += d * d)
    out.set(symmetricEigen(value.subarray(at, at + d * d), d).vectors, at);
  return out;
}

/** Forms of the first round: the factors of what is to be kept as scales, and nothing else. */
export const firstRound =
  (formOf: (weight: string) => LayerForm) =>
  (weight: string): LayerForm =>
    formOf(weight) === 'ekfac' ? 'ekfac' : 'diagonal';

/**
 * The bases of all layers that are to be kept as scales.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/no-convergence`,
 * `linalg/not-finite`, `linalg/shape`
 */
export function basesOf({ layers, arrays }: Pick<LayersEstimate, 'layers' | 'arrays'>): Bases {
  const found = new Map(arrays.map((a) => [a.name, a]));
  return new Map(
    layers.flatMap(({ form, weight, matrix }) => {
      const [A, G] = ['A', 'G'].map((factor) => found.get(`kfac/${weight}/${factor}`));
      if (form !== 'ekfac' || !G || !matrix || !(A || matrix.diagonalInputs)) return [];
      const vectors = A ? eigenvectors(A.value, A.shape) : null;
      return [[weight, { groups: matrix.groups, A: vectors, G: eigenvectors(G.value, G.shape) }] as const];
    }),
  );
}

/** Arrays of a file by name. */
export interface BasisArrays {
  /** Path, for messages. */
  readonly where: string;
  /** Of the arrays. */
  readonly names: readonly string[];
  /** One of them. */
  get(name: string): Tensor;
}

/**
 * Bases of the layers that are to be kept as scales from a file: its own, or the eigenvectors of its factors. Throws `fisher/basis` where a
 * layer has none there, or one of another size.
 * @throws FimError with `engine/memory`, `kernels/memory`, `kernels/unknown`, `kernels/unsupported`, `linalg/no-convergence`,
 * `linalg/not-finite`, `linalg/shape`
 */
export function basesFrom(file: BasisArrays, layers: readonly FormedLayer[]): Bases {
  return new Map(
    layers.flatMap((layer) => {
      const { form, weight, matrix } = layer;
      if (form !== 'ekfac' || !matrix) return [];
      const of = (letter: 'A' | 'G', d: number): Float64Array => {
        const [own, factor] = [`ekfac/${weight}/basis_${letter}`, `kfac/${weight}/${letter}`];
        const name = [own, factor].find((n) => file.names.includes(n));
        const shape = matrix.groups === 1 ? [d, d] : [matrix.groups, d, d];
        const found = name === undefined ? null : file.get(name);
        if (!found || found.shape.join() !== shape.join())
          throw noBasis(file.where, own, shape, found && `${name ?? ''} [${found.shape.join(', ')}]`);
        const data = toFloat64(found);
        return name === own ? data : eigenvectors(data, shape);
      };
      const A = matrix.diagonalInputs ? null : of('A', inputsOf(layer));
      return [[weight, { groups: matrix.groups, A, G: of('G', matrix.outputs) }] as const];
    }),
  );
}

function noBasis(where: string, name: string, shape: readonly number[], got: string | null): FimError {
  return new FimError({
    code: 'fisher/basis',
    where: `${where}: ${name}`,
    rule: `is the basis of a layer, [${shape.join(', ')}]; else its factors are there, kfac/…`,
    got: got ?? 'neither',
    cause: 'a file of another network, or of factors with the biases apart where these go with their weights',
    next: "bases made with the same network and `form: 'ekfac'`",
  });
}
