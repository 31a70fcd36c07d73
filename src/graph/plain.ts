/**
 * @module graph/plain
 *
 * Values as plain data and back, so that a graph may cross to another thread: nodes by their numbers in a list, in the order of their
 * construction, which the values that are made of it keep.
 */
import type { DType, Tensor } from '../core/tensor.js';
import type { Shape } from './dims.js';
import { type Attributes, constant, input, makeNode, type Value, withOrigin } from './value.js';

/** One value; operands are places in the list. */
interface PlainValue {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly constant: Tensor | null;
  readonly node: {
    readonly op: string;
    readonly inputs: readonly number[];
    readonly attrs: Attributes;
    readonly origin: string;
  } | null;
}

/** Some values and all that they are made of. */
export interface PlainValues {
  readonly list: readonly PlainValue[];
  /** Places of the values themselves. */
  readonly of: readonly number[];
}

/** All that `values` are made of, operands before what reads them. */
function reached(values: readonly Value[]): Value[] {
  const seen = new Set<Value>();
  const stack = [...values];
  for (let v = stack.pop(); v; v = stack.pop()) {
    if (seen.has(v)) continue;
    seen.add(v);
    stack.push(...(v.node?.inputs ?? []));
  }
  return [...seen].sort((p, q) => p.id - q.id);
}

/** `values` as plain data. */
export function plainValues(values: readonly Value[]): PlainValues {
  const all = reached(values);
  const places = new Map(all.map((v, i) => [v, i]));
  const placeOf = (v: Value): number => places.get(v) as number;
  const list = all.map(({ name, dtype, shape, constant: data, node }): PlainValue => {
    const made = node && {
      op: node.op,
      inputs: node.inputs.map(placeOf),
      attrs: node.attrs,
      origin: node.origin,
    };
    return { name, dtype, shape, constant: data, node: made };
  });
  return { list, of: values.map(placeOf) };
}

/** The values that plain data tell of, made anew. */
export function valuesOf({ list, of }: PlainValues): Value[] {
  const made: Value[] = [];
  for (const { name, dtype, shape, constant: data, node } of list) {
    if (data) made.push(constant(data, name));
    else if (!node) made.push(input(name, dtype, shape));
    else {
      const operands = node.inputs.map((i) => made[i]);
      made.push(withOrigin(node.origin, () => makeNode(node.op, operands, node.attrs, { dtype, shape })));
    }
  }
  return of.map((i) => made[i]);
}
