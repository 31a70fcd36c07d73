/**
 * @module fisher/form-error/parts
 *
 * Parts of a layer, as forms of the Fisher take its parameters: a weight with the bias that goes with it is a product of inputs ā = (a, 1)
 * and output gradients g, at one position or at many; what has no product (scales, shifts by themselves, tables) is rows of entries, kept
 * as a dense block up to 512 numbers and by its diagonal beyond. Groups of a grouped weight are products of their own.
 */
import { sizeOf } from '../../core/tensor.js';
import { input, N } from '../../graph/index.js';
import { layersOf } from '../../model/layers.js';
import type { Network } from '../../model/network.js';
import { biasesOf, inputWidth, neuronCount, type Score, scoresOf } from '../../scores/index.js';

/** Largest parameter without a product that is kept as a dense block. */
export const BLOCK_LIMIT = 512;

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

/** The layers whose parameters reach the output, with their parts. */
export function partsOfLayers(network: Network): LayerParts[] {
  const ct = input('ct', network.h.dtype, [N, 1, network.h.shape[1]]);
  const scores = scoresOf(network.h, [...network.parameters.values()], ct);
  const names = new Map([...network.parameters].map(([name, v]) => [v, name]));
  const nameOf = ({ site }: Score): string => names.get(site.parameter) as string;
  const biases = biasesOf(scores);
  const taken = new Set(biases.values());
  const byName = new Map<string, readonly Part[]>();
  for (const s of scores) {
    if (taken.has(s)) continue;
    const bias = biases.get(s);
    byName.set(nameOf(s), partsOfScore(s, nameOf(s), bias ? nameOf(bias) : null));
  }
  return layersOf(network)
    .map(({ name, parameters }) => {
      const parts = parameters.flatMap((p) => byName.get(p) ?? []);
      return { name, parts, size: parts.reduce((sum, p) => sum + sizeOfPart(p), 0) };
    })
    .filter(({ parts }) => parts.length > 0);
}

function partsOfScore(s: Score, name: string, bias: string | null): Part[] {
  const more = bias === null ? 0 : 1;
  const base = { kind: 'product', weight: name, bias } as const;
  if (s.input) {
    const [inputs, outputs] = [inputWidth(s) + more, neuronCount(s)];
    return [{ ...base, group: 0, groups: 1, positions: 1, inputs, outputs }];
  }
  const { positions, site } = s;
  if (!positions || !site.matrix) {
    const size = sizeOf(site.parameter.shape as readonly number[]);
    return [{ kind: 'rows', parameter: name, size, kept: size <= BLOCK_LIMIT ? 'block' : 'diagonal' }];
  }
  const { groups, inputs, outputs } = site.matrix;
  const R = positions.x.shape[positions.turned ? 3 : 2] as number;
  return Array.from({ length: groups }, (_, group) => ({
    ...base,
    group,
    groups,
    positions: R,
    inputs: inputs + more,
    outputs,
  }));
}
