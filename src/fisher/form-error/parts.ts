/**
 * @module fisher/form-error/parts
 *
 * Parts of a layer (scores/layers), as forms of the Fisher take them: a weight with the bias that goes with it is a product of inputs ā = (a, 1)
 * and output gradients g, at one position or at many, each group of a grouped one by itself; any other parameter is rows of entries, kept
 * as a dense block up to 512 numbers and by its diagonal beyond.
 */
import type { Network } from '../../model/network.js';
import { inputsOf, type Layer, layerSize, layersOf } from '../../scores/layers.js';
import { BLOCK_LIMIT } from '../forms/layers/items.js';

/** A weight, or one group of it, with its bias. */
export interface ProductPart {
  readonly kind: 'product';
  /** Name of the weight. */
  readonly weight: string;
  /** Name of the bias that goes with it; null: none. */
  readonly bias: string | null;
  /** Which group of how many. */
  readonly group: number;
  readonly groups: number;
  /** R, positions that share it. */
  readonly positions: number;
  /** Inputs of a neuron, the 1 of the bias among them. */
  readonly inputs: number;
  /** Neurons. */
  readonly outputs: number;
  /** Whether A is a diagonal: of a table of more than 1,024 rows, of which no form keeps a matrix of inputs. */
  readonly diagonalInputs: boolean;
}

/** A parameter without a product. */
export interface RowsPart {
  readonly kind: 'rows';
  readonly parameter: string;
  readonly size: number;
  /** What forms by products keep of it. */
  readonly kept: 'block' | 'diagonal';
}

export type Part = ProductPart | RowsPart;

/** Entries of a part. */
export const sizeOfPart = (part: Part): number =>
  part.kind === 'rows' ? part.size : part.inputs * part.outputs;

/** A layer with its parts. */
export interface LayerParts {
  readonly name: string;
  readonly parts: readonly Part[];
  /** Number of parameters. */
  readonly size: number;
}

/** The layers that reach the output, with their parts. */
export function partsOfLayers(network: Network): LayerParts[] {
  return layersOf(network)
    .filter(({ reached }) => reached)
    .map((layer) => ({ name: layer.weight, parts: partsOf(layer), size: layerSize(layer) }));
}

function partsOf(layer: Layer): Part[] {
  const { weight, bias, matrix } = layer;
  const size = layerSize(layer);
  if (!matrix)
    return [{ kind: 'rows', parameter: weight, size, kept: size <= BLOCK_LIMIT ? 'block' : 'diagonal' }];
  const { groups, outputs, positions, diagonalInputs } = matrix;
  const inputs = inputsOf(layer);
  return Array.from({ length: groups }, (_, group) => ({
    kind: 'product',
    ...{ weight, bias, group, groups, positions, inputs, outputs, diagonalInputs },
  }));
}
