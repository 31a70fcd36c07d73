/**
 * @module engine/small/store
 *
 * Slots in the engine's memory that programs bind by name. A slot never moves, so a program reads a new value at its next run.
 */
import { bytesOf, type DType, sameShape, sizeOf, type Tensor, type TypedArray } from '../../core/tensor.js';
import { copyInto, otherSlot, unknownSlot } from '../slots.js';
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
    // What is copied may itself lie in this memory, and be detached when a new slot makes it grow.
    const here = tensor.data.buffer === this.heap.memory.buffer;
    const before = this.slots.get(name);
    let { data } = tensor;
    if (before) {
      if (before.dtype !== tensor.dtype || !sameShape(before.shape, tensor.shape)) {
        throw otherSlot(name, before, tensor);
      }
    } else {
      if (here) data = data.slice();
      const length = sizeOf(tensor.shape);
      const ptr = this.heap.allocate(length * bytesOf(tensor.dtype));
      const { dtype } = tensor;
      const view = this.heap.view(dtype, ptr, length);
      const shape = [...tensor.shape];
      this.slots.set(name, { dtype, shape, ptr, length, view, generation: this.heap.generation });
    }
    copyInto(this.view(name), data);
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
    if (!s) throw unknownSlot(name, this.names());
    return s;
  }
}
