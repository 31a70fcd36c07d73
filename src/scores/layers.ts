/**
 * @module scores/layers
 *
 * Layers of a network as forms of the Fisher take them: a weight with the bias that is added to its product, read as [out, in (+ 1)] whatever
 * way it is stored, and every other parameter by itself. Told off the graph (scores/biases), by the names of the parameters.
 */
import { sizeOf } from '../core/tensor.js';
import { input, N } from '../graph/index.js';
import type { Network } from '../model/network.js';
import { biasesOf } from './biases.js';
import { MOST_UNIT_ROWS } from './factor-rows.js';
import { scoresOf } from './reverse.js';
import { inputWidth, neuronCount, type Score } from './score.js';

/** The matrix that a weight is, [groups, out, in]. */
export interface LayerMatrix {
  /** 1 of any but a grouped convolution. */
  readonly groups: number;
  /** Of one group. */
  readonly outputs: number;
  /** Of one group, without the 1 of a bias. */
  readonly inputs: number;
  /** Whether it is stored [out, in]; else [in, out]. */
  readonly transposed: boolean;
  /** Whether it is a table, whose inputs are unit vectors of the rows that are picked. */
  readonly unitInputs: boolean;
  /** Positions that share it; 1: none do. */
  readonly positions: number;
  /** Whether the mean of āāᵀ over positions is kept as the diagonal that it is: of a table of more than 1,024 rows. */
  readonly diagonalInputs: boolean;
}

/** A weight and its bias, or a parameter by itself. */
export interface Layer {
  /** The weight. */
  readonly weight: string;
  /** Its shape. */
  readonly shape: readonly number[];
  /** The bias; null: none, or one that stands for itself. */
  readonly bias: string | null;
  /** Of a bias that stands for itself though it goes with a weight (`apart`): that weight. */
  readonly apartFrom: string | null;
  /** null: a parameter that is no factor of a product. */
  readonly matrix: LayerMatrix | null;
  /** Whether it reaches the output. */
  readonly reached: boolean;
}

/** Width of a layer's inputs, the 1 of its bias included. */
export const inputsOf = ({ bias, matrix }: Layer): number => (matrix?.inputs ?? 0) + (bias === null ? 0 : 1);

/** Numbers of a layer. */
export const layerSize = ({ shape, bias, matrix }: Layer): number =>
  sizeOf(shape) + (bias === null ? 0 : (matrix as LayerMatrix).groups * (matrix as LayerMatrix).outputs);

/**
 * All layers, in the order of the weights. `apart`: every bias stands for itself.
 * @throws FimError with `graph/examples-coupled`, `graph/shape`, `tensor/size`
 */
export function layersOf(network: Network, apart = false): readonly Layer[] {
  const own = known.get(network) ?? new Map<boolean, readonly Layer[]>();
  known.set(network, own);
  const layers = own.get(apart) ?? findLayers(network, apart);
  own.set(apart, layers);
  return layers;
}

/** Of a network, told once: that derives its scores. */
const known = new WeakMap<Network, Map<boolean, readonly Layer[]>>();

function findLayers(network: Network, apart: boolean): Layer[] {
  const { h, parameters } = network;
  const names = new Map([...parameters].map(([name, v]) => [v, name]));
  const ct = input('ct', h.dtype, [N, 1, h.shape[1]]);
  const scores = scoresOf(h, [...parameters.values()], ct);
  const nameOf = ({ site }: Score): string => names.get(site.parameter) as string;
  const found = new Map(scores.map((s) => [nameOf(s), s]));
  const biases = biasesOf(scores);
  const weightOf = new Map([...biases].map(([weight, bias]) => [nameOf(bias), nameOf(weight)]));
  return [...parameters].flatMap(([name, v]): Layer[] => {
    if (!apart && weightOf.has(name)) return [];
    const score = found.get(name);
    const shape = v.shape as readonly number[];
    const matrix = score ? matrixOf(score) : null;
    const own = score && matrix && !apart ? biases.get(score) : undefined;
    const [bias, apartFrom] = [own ? nameOf(own) : null, weightOf.get(name) ?? null];
    return [{ weight: name, shape, bias, apartFrom, matrix, reached: score !== undefined }];
  });
}

function matrixOf(score: Score): LayerMatrix | null {
  const { site } = score;
  if (score.input)
    return {
      ...{ groups: 1, outputs: neuronCount(score), inputs: inputWidth(score) },
      ...{ transposed: site.transposed, unitInputs: false, positions: 1, diagonalInputs: false },
    };
  if (site.form === 'embedding') return tableOf(score);
  if (!site.matrix) return null;
  const rows = score.factorRows(false, 'expand');
  const positions = rows?.a.shape[2] as number;
  return { ...site.matrix, transposed: site.transposed, unitInputs: false, positions, diagonalInputs: false };
}

function tableOf({ site, neurons }: Score): LayerMatrix {
  const [inputs, outputs] = site.parameter.shape as readonly [number, number];
  const positions = neurons.shape[2] as number;
  const diagonalInputs = inputs > MOST_UNIT_ROWS;
  return { groups: 1, outputs, inputs, transposed: false, unitInputs: true, positions, diagonalInputs };
}
