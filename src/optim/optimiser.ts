/**
 * @module optim/optimiser
 *
 * An optimiser is a graph too: from a parameter, its gradient and its own state to their next values, which the program assigns
 * back into the store after each run. Rates that change from step to step are rank-0 slots, set by the caller before it.
 */
import { type FloatType, type Tensor, tensor, zeros } from '../core/tensor.js';
import { input, type Value } from '../graph/index.js';

/** State slots and scalars of an optimiser, declared while its update is built. */
export class UpdateBuilder {
  /** Graph inputs by slot name. */
  readonly inputs = new Map<string, Value>();
  /** Initial tensors of the state slots. */
  readonly slots = new Map<string, Tensor>();
  /** Slot name → its next value. */
  readonly next = new Map<string, Value>();

  constructor(readonly dtype: FloatType) {}

  /** A state tensor like a parameter, starting at zero. */
  state(slot: string, shape: readonly number[]): Value {
    const v = input(slot, this.dtype, shape);
    this.inputs.set(slot, v);
    this.slots.set(slot, zeros(this.dtype, shape));
    return v;
  }

  /** A rank-0 slot that the caller sets. */
  rate(slot: string): Value {
    const known = this.inputs.get(slot);
    if (known) return known;
    const v = input(slot, this.dtype, []);
    this.inputs.set(slot, v);
    this.slots.set(slot, tensor(this.dtype, [], [0]));
    return v;
  }
}

export interface Optimiser {
  readonly name: string;
  /** The next value of parameter `name`; state goes through `builder`. */
  update(builder: UpdateBuilder, name: string, parameter: Value, gradient: Value): Value;
  /** Values of the rate slots at step t = 1, 2, … for a learning rate. */
  rates(step: number, learningRate: number): Record<string, number>;
}
