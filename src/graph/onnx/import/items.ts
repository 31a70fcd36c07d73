/**
 * @module graph/onnx/import/items
 *
 * Items that a name of an ONNX graph stands for while it is read, of three kinds, because a file uses tensors for three purposes: values
 * that are computed; weights, which become named inputs once a computation reads them; and small known numbers (integers, scalars,
 * whatever shapes are made of), which are folded. A folded number may contain N, the number of examples, as a shape does. A sequence is a
 * list of items.
 */
import { type DType, isFloat, type Tensor, tensor } from '../../../core/tensor.js';
import { type Dim, isBatch } from '../../dims.js';
import type { Value } from '../../value.js';

/** A tensor of known numbers, some of them perhaps m·N. */
export interface Folded {
  readonly kind: 'folded';
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly items: readonly Dim[];
}

/** Where a weight stands in the file. */
export type WeightSource = 'initializer' | 'constant-node';

/** A floating-point tensor that the file holds. */
export interface Weights {
  readonly kind: 'weights';
  readonly name: string;
  /** The initialiser that holds it, where the exporter merged equal tensors and this one's own name was another. */
  readonly mergedInto?: string;
  /** In the file's own type. */
  readonly tensor: Tensor;
  readonly source: WeightSource;
}

export type Item = Value | Folded | Weights;

/** A list of tensors whose length is known when the file is read. */
export interface Sequence {
  readonly kind: 'sequence';
  readonly elements: readonly Item[];
}

/** What a name may stand for besides a tensor. */
export type Operand = Item | Sequence;

export function isSequence(operand: Operand): operand is Sequence {
  return 'kind' in operand && operand.kind === 'sequence';
}

export function sequence(elements: readonly Item[]): Sequence {
  return { kind: 'sequence', elements };
}

export function isFolded(item: Item): item is Folded {
  return 'kind' in item && item.kind === 'folded';
}

export function isWeights(item: Item): item is Weights {
  return 'kind' in item && item.kind === 'weights';
}

export function isValue(item: Item): item is Value {
  return !('kind' in item);
}

export function folded(dtype: DType, shape: readonly number[], items: readonly Dim[]): Folded {
  return { kind: 'folded', dtype, shape, items };
}

/**
 * A tensor of the file: a weight if it is floating point and has an axis, or is a single number that somebody named; else folded.
 * `named`: the name was given by a person or a framework, not made by an exporter.
 */
export function itemOf(name: string, t: Tensor, source: WeightSource, named = false): Folded | Weights {
  if (isFloat(t.dtype) && (t.shape.length > 0 || named)) return { kind: 'weights', name, tensor: t, source };
  return foldedTensor(t);
}

export function foldedTensor(t: Tensor): Folded {
  return folded(t.dtype, t.shape, Array.from(t.data as ArrayLike<number | bigint>, Number));
}

/** The one number, or null where it holds several, or N. */
export function numberOf(f: Folded): number | null {
  const [d] = f.items;
  return f.items.length === 1 && !isBatch(d) ? d : null;
}

/** The length of an axis, or null where it holds the examples or is none. */
export function lengthOf(item: Item, axis: number): number | null {
  const shape = isWeights(item) ? item.tensor.shape : item.shape;
  const d = shape.at(axis);
  return d === undefined || isBatch(d) ? null : d;
}

/** The plain numbers, or null where N is among them. */
export function numbersOf(f: Folded): number[] | null {
  return f.items.some(isBatch) ? null : (f.items as number[]);
}

/** As a tensor of another type; null where N is among the numbers. */
export function tensorOf(f: Folded, dtype: DType): Tensor | null {
  const numbers = numbersOf(f);
  return numbers && tensor(dtype, f.shape, numbers);
}
