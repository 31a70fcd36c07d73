/**
 * @module engine/oracle/evaluate
 *
 * The oracle computes every operator by its own reference loop over float64, one value at a time, nothing planned, nothing shared.
 * Engines are tested against it; it is not one of them.
 */
import { invariant } from '../../core/errors.js';
import { type DType, isFloat, sizeOf, type Tensor, toFloat64 } from '../../core/tensor.js';
import { nodesOf } from '../../graph/derive.js';
import { concrete } from '../../graph/dims.js';
import type { Numbers } from '../../graph/operator.js';
import { operatorOf } from '../../graph/registry.js';
import type { Value } from '../../graph/value.js';

/** Computes `outputs` for `n` examples, given a tensor for every input that they read. */
export function evaluate(
  outputs: readonly Value[],
  inputs: ReadonlyMap<Value, Tensor>,
  n: number,
): Numbers[] {
  const known = new Map<Value, Numbers>();
  const get = (v: Value): Numbers => {
    const before = known.get(v);
    if (before) return before;
    const t = v.constant ?? inputs.get(v);
    invariant(t, `evaluate: ${v.name}`, 'has no value');
    const r = { shape: concrete(v.shape, n), data: toFloat64(t) };
    invariant(
      sizeOf(r.shape) === r.data.length,
      `evaluate: ${v.name}`,
      `was given ${r.data.length} elements for [${r.shape.join(', ')}]`,
    );
    known.set(v, r);
    return r;
  };
  for (const node of nodesOf(outputs)) {
    const shape = concrete(node.output.shape, n);
    const data = round(
      operatorOf(node.op).evaluate(node.inputs.map(get), node.attrs, shape),
      node.output.dtype,
    );
    known.set(node.output, { shape, data });
  }
  return outputs.map(get);
}

/** Booleans are 0 or 1, integers whole; floating-point types all are float64 here. */
function round(data: Float64Array, dtype: DType): Float64Array {
  if (isFloat(dtype)) return data;
  return data.map(dtype === 'bool' ? (x) => (x !== 0 ? 1 : 0) : Math.trunc);
}
