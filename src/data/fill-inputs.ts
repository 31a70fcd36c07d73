/**
 * @module data/fill-inputs
 *
 * Fills the inputs that a network can do without and that data have no array for: segments, masks, initial states.
 */
import { allocate, sizeOf, type Tensor } from '../core/tensor.js';
import type { InputSpec } from './conform.js';

/** Adds what is missing to `inputs`, with a note for each. */
export function fillInputs(
  inputs: Map<string, Tensor>,
  specs: readonly InputSpec[],
  where: string,
): readonly string[] {
  const [first] = inputs.values();
  const notes: string[] = [];
  for (const { name, dtype, shape, otherwise } of specs) {
    if (inputs.has(name) || otherwise === undefined || first === undefined) continue;
    const own = [first.shape[0], ...(shape ?? []).map((d) => d ?? 1)];
    const data = allocate(dtype, sizeOf(own));
    if (data instanceof BigInt64Array) data.fill(BigInt(otherwise));
    else data.fill(otherwise);
    inputs.set(name, { dtype, shape: own, data });
    const what = otherwise === 0 ? 'zeros' : 'ones';
    notes.push(`${where} has no array ${name}: the network's input ${name} is ${what}`);
  }
  return notes;
}
