/**
 * @module fisher/first-fault
 *
 * The node of a graph at which a number stops being one, for one example, by plain float64 loops (engine/oracle): the first that makes
 * NaN of operands without NaN, else the first that makes ∞ of finite operands (a mask of −∞ is no fault while nothing else is). Asked
 * for only when a result is refused. Cost: one pass over the graph for one example.
 */
import { allocate, type Tensor, type TypedArray } from '../core/tensor.js';
import { evaluate } from '../engine/oracle/evaluate.js';
import { concrete } from '../graph/dims.js';
import { type Node, nodesOf, type Value } from '../graph/index.js';
import type { Network } from '../model/network.js';

/** The node as a message names it; null where every value is finite. */
export function firstFault(outputs: readonly Value[], inputs: ReadonlyMap<Value, Tensor>): string | null {
  const nodes = nodesOf(outputs);
  const results = evaluate(
    nodes.map((n) => n.output),
    inputs,
    1,
  );
  const first = (bad: (x: number) => boolean): Node | undefined => {
    const found = new Set(nodes.filter((_, i) => results[i].data.some(bad)).map((n) => n.output));
    return nodes.find((n) => found.has(n.output) && !n.inputs.some((v) => found.has(v)));
  };
  const fault = first(Number.isNaN) ?? first((x) => !Number.isFinite(x));
  if (!fault) return null;
  const { op, origin } = fault;
  return origin === '' ? op : origin.startsWith(op) ? origin : `${op} of ${origin}`;
}

/** Values of the inputs and weights for the example at `row` of a batch of `n`. */
export function oneExample(
  network: Network,
  data: ReadonlyMap<string, TypedArray>,
  weights: (name: string) => TypedArray,
  row: number,
  n: number,
): Map<Value, Tensor> {
  const values = new Map<Value, Tensor>();
  for (const [name, v] of network.inputs) {
    const all = data.get(name);
    if (!all) continue;
    const width = all.length / n;
    const shape = concrete(v.shape, 1);
    const own = allocate(v.dtype, width);
    (own as Float64Array).set(all.subarray(row * width, (row + 1) * width) as Float64Array);
    values.set(v, { dtype: v.dtype, shape, data: own });
  }
  for (const [name, v] of [...network.parameters, ...network.fixed])
    values.set(v, { dtype: v.dtype, shape: v.shape as readonly number[], data: weights(name) });
  return values;
}
