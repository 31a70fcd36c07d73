/**
 * @module engine/ort/store
 *
 * Slots as ONNX Runtime tensors over arrays that stay where they are: a program feeds them as they are, so it sees what was written.
 */
import {
  allocate,
  type DType,
  type FloatArray,
  sameShape,
  type Tensor,
  type TypedArray,
  copyInto,
} from '../../core/tensor.js';
import { checkDescent, descendPlainly, type DescentRule, type DescentStep } from '../descend.js';
import { otherSlot, unknownSlot } from '../slots.js';
import type { Store } from '../types.js';
import type { OrtModule, OrtTensor } from './module.js';

export interface OrtSlot {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
  readonly tensor: OrtTensor;
}

/** Slots as ONNX Runtime tensors over arrays that stay where they are. */
export class OrtStore implements Store {
  readonly engine = 'ort';
  private readonly slots = new Map<string, OrtSlot>();

  constructor(
    private readonly ort: OrtModule,
    /**
     * The engine whose programs may bind it.
     * @internal
     */
    readonly owner: object,
  ) {}

  set(name: string, tensor: Tensor): void {
    const before = this.slots.get(name);
    if (before) {
      if (before.dtype !== tensor.dtype || !sameShape(before.shape, tensor.shape))
        throw otherSlot(name, before, tensor);
      copyInto(before.data, tensor.data);
      return;
    }
    const data = allocate(tensor.dtype, tensor.data.length);
    copyInto(data, tensor.data);
    const shape = [...tensor.shape];
    this.slots.set(name, {
      dtype: tensor.dtype,
      shape,
      data,
      tensor: wrap(this.ort, tensor.dtype, data, shape),
    });
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
    return this.slot(name).data;
  }

  descend(rule: DescentRule, step: DescentStep): void {
    const p = this.view(step.parameter);
    const state = step.state.map((name) => this.view(name));
    checkDescent(rule, step, p.length, state[0]?.length, state[1]?.length);
    descendPlainly(rule, p as FloatArray, state as FloatArray[], step.gradient as FloatArray, step.scale);
  }

  /** @internal */
  slot(name: string): OrtSlot {
    const s = this.slots.get(name);
    if (!s) throw unknownSlot(name, this.names());
    return s;
  }
}

/** A tensor over the given memory. */
export function wrap(ort: OrtModule, dtype: DType, data: TypedArray, dims: readonly number[]): OrtTensor {
  return new ort.Tensor(dtype as never, data as never, dims);
}
