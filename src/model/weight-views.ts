/**
 * @module model/weight-views
 *
 * A view by which an operand reads the entries of a parameter: through Reshape, Transpose and Cast only, so that every entry stays one
 * entry. An operand
 * [stack…, a, b] of a matrix product is then the parameter's entries in order, as [groups, a, b] or, where it was transposed on the way, as
 * [groups, b, a]; any other order has no such view.
 */
import { type Value } from '../graph/value.js';
import { batchAxis } from '../graph/dims.js';

/** A parameter's entries as stacked matrices. */
export interface WeightView {
  readonly groups: number;
  /** Of the operand's matrices. */
  readonly rows: number;
  readonly columns: number;
  /** The parameter's entries in order are [groups, columns, rows]. */
  readonly swapped: boolean;
}

interface Strided {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Row-major strides. */
function contiguous(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

/** The same elements in order under another shape, without moving one; null: they would move. */
function reshaped({ shape, strides }: Strided, to: readonly number[]): Strided | null {
  // Each axis cut into factors that both shapes have: those of the old one say where an element lies.
  const from = shape.flatMap((d, i) => (d === 1 ? [] : [{ d, stride: strides[i] }]));
  const found = new Array<number>(to.length).fill(0);
  let axis = from.length - 1;
  let left = axis < 0 ? 1 : from[axis].d;
  let stride = axis < 0 ? 0 : from[axis].stride;
  for (let j = to.length - 1; j >= 0; j--) {
    let wanted = to[j];
    if (wanted === 1) continue;
    if (left === 1) [left, stride] = [from[--axis].d, from[axis].stride];
    found[j] = stride;
    while (wanted > left) {
      const outer = from[axis - 1];
      if (wanted % left !== 0 || outer.stride !== stride * left) return null;
      wanted /= left;
      stride *= left;
      axis -= 1;
      left = outer.d;
    }
    if (left % wanted !== 0) return null;
    left /= wanted;
    stride *= wanted;
  }
  return { shape: to, strides: found };
}

/** How `v` reads the parameter; null: not entry by entry. */
function stridedView(v: Value, parameter: Value): Strided | null {
  if (v === parameter) {
    const shape = parameter.shape as readonly number[];
    return { shape, strides: contiguous(shape) };
  }
  const { node } = v;
  if (!node || batchAxis(v.shape) >= 0) return null;
  if (node.op !== 'Cast' && node.op !== 'Transpose' && node.op !== 'Reshape') return null;
  const before = stridedView(node.inputs[0], parameter);
  if (!before || node.op === 'Cast') return before;
  const shape = v.shape as readonly number[];
  if (node.op === 'Reshape') return reshaped(before, shape);
  const perm = node.attrs.perm as readonly number[];
  return { shape, strides: perm.map((a) => before.strides[a]) };
}

const inOrder = ({ shape, strides }: Strided): boolean => {
  const row = contiguous(shape);
  return shape.every((d, i) => d === 1 || strides[i] === row[i]);
};

/** The view of a parameter that the operand of a matrix product takes; null: there is none. */
export function weightView(operand: Value, parameter: Value): WeightView | null {
  const view = stridedView(operand, parameter);
  if (!view || view.shape.length < 2) return null;
  const r = view.shape.length;
  const [rows, columns] = view.shape.slice(r - 2);
  const groups = view.shape.slice(0, r - 2).reduce((p, d) => p * d, 1);
  if (inOrder(view)) return { groups, rows, columns, swapped: false };
  const turn = <T>(list: readonly T[]): T[] => [...list.slice(0, r - 2), list[r - 1], list[r - 2]];
  const turned = { shape: turn(view.shape), strides: turn(view.strides) };
  return inOrder(turned) ? { groups, rows, columns, swapped: true } : null;
}
