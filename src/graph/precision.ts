/**
 * @module graph/precision
 *
 * The same graph in another floating-point type: inputs and constants converted (float32 to float64 exactly), casts retargeted.
 */
import { castTensor, type FloatType, isFloat } from '../core/tensor.js';
import { nodesOf } from './derive.js';
import { leavesOf } from './graph.js';
import { apply } from './registry.js';
import { constant, input, type Value, withOrigin } from './value.js';

export interface Converted {
  readonly outputs: readonly Value[];
  /** Old input → new input, for every input that the outputs read. */
  readonly inputs: ReadonlyMap<Value, Value>;
}

/** `outputs` computed in `dtype` throughout. Integer and boolean values stay what they are. */
export function convert(outputs: readonly Value[], dtype: FloatType): Converted {
  const map = new Map<Value, Value>();
  const inputs = new Map<Value, Value>();
  for (const v of leavesOf(outputs)) {
    if (!isFloat(v.dtype)) {
      map.set(v, v);
      if (!v.constant) inputs.set(v, v);
    } else if (v.constant) map.set(v, constant(castTensor(v.constant, dtype), v.name));
    else {
      const fresh = input(v.name, dtype, v.shape);
      map.set(v, fresh);
      inputs.set(v, fresh);
    }
  }
  const of = (v: Value): Value => map.get(v) as Value;
  for (const node of nodesOf(outputs)) {
    const attrs =
      node.op === 'Cast' && isFloat(node.output.dtype) ? { ...node.attrs, to: dtype } : node.attrs;
    map.set(
      node.output,
      withOrigin(node.origin, () => apply(node.op, node.inputs.map(of), attrs)),
    );
  }
  return { outputs: outputs.map(of), inputs };
}
