/**
 * @module engine/small/store
 *
 * Slots in the engine's memory that programs bind by name. A slot never moves, so a program reads a new value at its next run.
 */
import {
  bytesOf,
  type DType,
  type FloatArray,
  type FloatType,
  sameShape,
  sizeOf,
  type Tensor,
  type TypedArray,
  copyInto,
} from '../../core/tensor.js';
import { checkDescent, descendPlainly, type DescentRule, type DescentStep } from '../descend.js';
import { otherSlot, unknownSlot } from '../slots.js';
import type { Store } from '../types.js';
import type { Heap } from './heap.js';
import type { Kernels } from './kernels/index.js';

export interface Slot {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly ptr: number;
  readonly length: number;
  view: TypedArray;
  generation: number;
}

/** Slots in the memory of a small engine. A slot never moves. */
export class SmallStore implements Store {
  readonly engine = 'small';
  private readonly slots = new Map<string, Slot>();

  /** Without kernels, plain loops. */
  constructor(
    /** @internal */
    readonly heap: Heap,
    private readonly kernels: Kernels | null,
  ) {}

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

  descend(rule: DescentRule, step: DescentStep): void {
    const { parameter, state, gradient, scale } = step;
    const slot = this.slot(parameter);
    const first = state.length > 0 ? this.slot(state[0]) : undefined;
    const second = state.length > 1 ? this.slot(state[1]) : undefined;
    const n = slot.length;
    checkDescent(rule, step, n, first?.length, second?.length);
    if (!this.kernels || gradient.buffer !== this.heap.memory.buffer) {
      const [p, ...views] = [parameter, ...state].map((name) => this.view(name) as FloatArray);
      return descendPlainly(rule, p, views, gradient as FloatArray, scale);
    }
    const kernels = this.kernels[slot.dtype as FloatType];
    const g = gradient.byteOffset;
    const [a, b] = [first?.ptr ?? 0, second?.ptr ?? 0];
    switch (rule.kind) {
      case 'sgd':
        return kernels.sgd(slot.ptr, a, g, n, scale, rule.rate, rule.momentum);
      case 'rmsprop': {
        const { rate, alpha, epsilon, epsilonInside } = rule;
        return kernels.rmsprop(
          slot.ptr,
          a,
          g,
          n,
          scale,
          rate,
          alpha,
          1 - alpha,
          epsilon,
          epsilonInside ? 1 : 0,
        );
      }
      case 'adam': {
        const { rate, beta1, beta2, epsilon } = rule;
        return kernels.adam(slot.ptr, a, b, g, n, scale, rate, beta1, 1 - beta1, beta2, 1 - beta2, epsilon);
      }
    }
  }

  /**
   * Where a slot lies. Throws `engine/slot` where there is none.
   * @internal
   */
  slot(name: string): Slot {
    const s = this.slots.get(name);
    if (!s) throw unknownSlot(name, this.names());
    return s;
  }
}
