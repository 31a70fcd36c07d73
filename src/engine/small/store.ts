/**
 * @module engine/small/store
 *
 * Slots in the engine's memory that programs bind by name. A slot never moves, so a program reads a new value at its next run.
 */
import { FimError } from '../../core/errors.js';
import { bytesOf, type DType, sameShape, sizeOf, type Tensor, type TypedArray } from '../../core/tensor.js';
import type { Store } from '../types.js';
import type { Heap } from './heap.js';

export interface Slot {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly ptr: number;
  readonly length: number;
  view: TypedArray;
  generation: number;
}

export class SmallStore implements Store {
  readonly engine = 'small';
  private readonly slots = new Map<string, Slot>();

  constructor(readonly heap: Heap) {}

  set(name: string, tensor: Tensor): void {
    const before = this.slots.get(name);
    if (before) {
      if (before.dtype !== tensor.dtype || !sameShape(before.shape, tensor.shape)) {
        throw new FimError({
          code: 'engine/slot',
          where: `store slot "${name}"`,
          rule: `holds ${describe(before)} for as long as it exists`,
          got: describe(tensor),
        });
      }
    } else {
      const length = sizeOf(tensor.shape);
      const ptr = this.heap.allocate(length * bytesOf(tensor.dtype));
      const { dtype } = tensor;
      const view = this.heap.view(dtype, ptr, length);
      const shape = [...tensor.shape];
      this.slots.set(name, { dtype, shape, ptr, length, view, generation: this.heap.generation });
    }
    copyInto(this.view(name), tensor.data);
  }

  has(name: string): boolean {
    return this.slots.has(name);
  }

  names(): string[] {
    return [...this.slots.keys()];
  }

  shape(name: string): readonly number[] {
    return this.slot(name).shape;
  }

  view(name: string): TypedArray {
    const s = this.slot(name);
    if (s.generation !== this.heap.generation) {
      s.view = this.heap.view(s.dtype, s.ptr, s.length);
      s.generation = this.heap.generation;
    }
    return s.view;
  }

  /** Where a slot lies. Throws `engine/slot` where there is none. */
  slot(name: string): Slot {
    const s = this.slots.get(name);
    if (!s) {
      throw new FimError({
        code: 'engine/slot',
        where: `store slot "${name}"`,
        rule: 'does not exist',
        got: `slots ${this.names().join(', ') || '(none)'}`,
      });
    }
    return s;
  }
}

/** `float32[3, 4]` */
export function describe(t: { dtype: DType; shape: readonly number[] }): string {
  return `${t.dtype}[${t.shape.join(', ')}]`;
}

/** Copies between arrays of one type. */
export function copyInto(to: TypedArray, from: TypedArray): void {
  (to as Float64Array).set(from as Float64Array);
}
