/**
 * @module fisher/forms/layers/arrays
 *
 * Arrays of a form by layers as a file holds them: every item by its name, its errors as `…_label_se` and `…_data_se`, the sums of the groups of
 * examples as `groups/…`, the bases of scales as `ekfac/W/basis_A` and `basis_G`. What the manifest says of the layers.
 */
import { tensor, type Tensor } from '../../../core/tensor.js';
import type { DiagonalEstimate } from '../../estimate.js';
import type { LayersEstimate } from './estimate.js';
import type { Bases, FormedLayer } from './items.js';

/**
 * Values and errors.
 * @throws FimError with `tensor/size`
 */
export function layersArrays({ arrays, groupSums }: LayersEstimate): Map<string, Tensor> {
  const out = new Map<string, Tensor>();
  for (const { name, shape, value, labelError, dataError } of arrays) {
    out.set(name, tensor('float64', [...shape], value));
    if (labelError) out.set(`${name}_label_se`, tensor('float64', [...shape], labelError));
    if (dataError) out.set(`${name}_data_se`, tensor('float64', [...shape], dataError));
    const sums = groupSums?.tensors.get(name);
    if (groupSums && sums) out.set(`groups/${name}`, tensor('float64', [groupSums.count, ...shape], sums));
  }
  return out;
}

/**
 * Bases of the layers that are kept as scales.
 * @throws FimError with `tensor/size`
 */
export function basisArrays(bases: Bases): Map<string, Tensor> {
  return new Map(
    [...bases].flatMap(([weight, { A, G, groups }]) =>
      Object.entries({ A, G }).flatMap(([letter, data]) => {
        if (data === null) return [];
        const d = Math.sqrt(data.length / groups);
        const shape = groups === 1 ? [d, d] : [groups, d, d];
        return [[`ekfac/${weight}/basis_${letter}`, tensor('float64', shape, data)] as const];
      }),
    ),
  );
}

/**
 * All that a file holds of a form by layers beside the arrays of the diagonal: its items, the bases of its scales, and `diagonal/…`, with the sums
 * of groups, of the parameters of which nothing else is kept.
 * @throws FimError with `tensor/size`
 */
export function formArrays(
  estimate: LayersEstimate,
  bases: Bases | null,
  { tensors, groupSums }: Pick<DiagonalEstimate, 'tensors' | 'groupSums'>,
): Map<string, Tensor> {
  const out = new Map([...layersArrays(estimate), ...(bases ? basisArrays(bases) : [])]);
  const alone = new Set(
    estimate.layers.flatMap(({ form, weight, bias }) => (form === 'diagonal' ? [weight, bias] : [])),
  );
  for (const { name, shape, fisher } of tensors) {
    if (!alone.has(name)) continue;
    out.set(`diagonal/${name}`, tensor('float64', [...shape], fisher));
    const sums = groupSums?.tensors.get(name);
    if (groupSums && sums)
      out.set(`groups/diagonal/${name}`, tensor('float64', [groupSums.count, ...shape], sums));
  }
  return out;
}

/** A layer as a manifest has it. */
export interface ManifestLayer {
  /** Name of the weight. */
  readonly name: string;
  /** What is kept of it. */
  readonly form: FormedLayer['form'];
  /** The parameter: that of the name. */
  readonly weight: string;
  /** The bias in its last column; null: none. */
  readonly bias: string | null;
  /** The weight that a bias by itself goes with, whose G is its block; null: not one. */
  readonly apartFrom: string | null;
  /** Of the weight. */
  readonly shape: readonly number[];
  /** Whether it is stored [out, in]; else read transposed. */
  readonly transposed: boolean;
  /** Outputs of a group; null where the parameter is no matrix. */
  readonly out: number | null;
  /** Inputs of a group without the 1 of a bias; null where the parameter is no matrix. */
  readonly in: number | null;
  /** Matrices side by side. */
  readonly groups: number;
  /** Whether A is a diagonal: of a table of many rows, `kfac/W/A_diagonal`, and no basis of A beside its scales. */
  readonly diagonalInputs?: true;
}

/** All layers as a manifest has them. */
export const manifestLayers = (layers: readonly FormedLayer[]): ManifestLayer[] =>
  layers.map(({ weight, bias, apartFrom, shape, matrix, form }) => ({
    ...{ name: weight, form, weight, bias, apartFrom: form === 'kfac' ? apartFrom : null, shape },
    transposed: matrix?.transposed ?? true,
    out: matrix?.outputs ?? null,
    in: matrix?.inputs ?? null,
    groups: matrix?.groups ?? 1,
    ...(matrix?.diagonalInputs ? { diagonalInputs: true as const } : {}),
  }));
