/**
 * @module engine/small/lower/types
 *
 * Lowering turns a node whose operands have a place in memory into a step: a closure that is given the number of examples and does
 * the work with one call, or a few, on pointers settled beforehand.
 */
import { bytesOf, type DType, isFloat } from '../../../core/tensor.js';
import type { Dim, Shape } from '../../../graph/dims.js';
import type { Attributes } from '../../../graph/value.js';
import type { Heap } from '../heap.js';
import type { FloatKernels, Kernels } from '../kernels/index.js';
import type { Numbers } from '../loops/types.js';

/** Where a value lies, and how it is walked through. */
export interface Place {
  readonly dtype: DType;
  readonly shape: Shape;
  /** In elements. */
  readonly strides: readonly Dim[];
  /** Bytes. */
  readonly ptr: number;
}

export interface Site {
  readonly heap: Heap;
  /** Null: plain loops only. */
  readonly kernels: Kernels | null;
  readonly attrs: Attributes;
  /** Always contiguous. */
  readonly y: Place;
  readonly xs: readonly Place[];
  /** Address of some bytes that belong to this node alone. */
  readonly scratch: (bytes: number) => number;
}

/** Runs one node for n examples. */
export type Step = (n: number) => void;

export type Lowering = (site: Site) => Step;

/** A lowering to kernels; null where they do not take this node. */
export type KernelLowering = (site: Site) => Step | null;

/** The kernels of an element type, where there are any. */
export function kernelsOf({ kernels }: Site, dtype: DType): FloatKernels | null {
  return kernels && isFloat(dtype) ? kernels[dtype] : null;
}

/** Index of a place's first element in the whole-memory array of its type. */
export function start(p: Place): number {
  return p.ptr / bytesOf(p.dtype);
}

/** Reads the whole-memory array of a type; to be asked at every run, since growing the memory replaces it. */
export function reader(heap: Heap, dtype: DType): () => Numbers {
  const { views } = heap;
  switch (dtype) {
    case 'float32':
      return () => views.float32 as unknown as Numbers;
    case 'float64':
      return () => views.float64;
    default:
      return () => views[dtype] as unknown as Numbers;
  }
}
