/**
 * @module engine/small/fuse
 *
 * Removes Transpose, Expand, Slice and Reshape by letting consumers read through strides. These are ways of walking through the same memory,
 * so a product takes its operands through them (transposed products have kernels of their own), an elementwise function reads an
 * expanded operand where it lies, and a bias is the value that a product starts from. Movers that nobody reads any more vanish.
 */
import type { Dim, Shape } from '../../graph/dims.js';
import { sameDim, sameDims } from '../../graph/dims.js';
import { operatorOf } from '../../graph/registry.js';
import type { Attributes, Node, Value } from '../../graph/value.js';
import { contiguous, stretch, times } from './axes.js';

/** A value walked through in another way than row-major. */
export interface View {
  readonly base: Value;
  readonly shape: Shape;
  /** In elements. */
  readonly strides: readonly Dim[];
  readonly offset: number;
}

/** A node as it will run. */
export interface PlanNode {
  readonly op: string;
  /** What is read, through `views` where there is one. */
  readonly inputs: readonly Value[];
  readonly views: readonly (View | null)[];
  readonly attrs: Attributes;
  readonly output: Value;
  readonly origin: string;
}

/** Whether a node's loops read each operand by strides of its own. */
const broadcasts = (op: string): boolean => op !== 'Copy' && (operatorOf(op).elementwise?.operands ?? 1) > 1;

const MOVERS = new Set(['Reshape', 'Transpose', 'Expand', 'Slice']);
const SPREADERS = new Set(['Reshape', 'Expand']);

/** The nodes (in topological order) that compute `outputs`. */
export function fuse(nodes: readonly Node[], outputs: readonly Value[]): PlanNode[] {
  const uses = new Map<Value, number>();
  const use = (v: Value): void => void uses.set(v, (uses.get(v) ?? 0) + 1);
  nodes.forEach((n) => n.inputs.forEach(use));
  outputs.forEach(use);
  const fused = nodes.map((node) => read(withBias(node, uses) ?? plain(node)));
  return alive(fused, outputs);
}

export function plain(node: Omit<PlanNode, 'views'>): PlanNode {
  const { op, inputs, attrs, output, origin } = node;
  return { op, inputs, attrs, output, origin, views: inputs.map(() => null) };
}

/** Operands read through movers where the node's loops can. */
function read(node: PlanNode): PlanNode {
  const through = (v: Value, i: number): View | null => {
    if (node.op === 'MatMul' && i < 2) {
      const view = viewOf(v, MOVERS);
      return isMatrix(view) ? view : null;
    }
    return broadcasts(node.op) ? viewOf(v, SPREADERS) : null;
  };
  const views = node.inputs.map((v, i) => {
    const view = through(v, i);
    return view && view.base !== v ? view : null;
  });
  // No kernel reads both operands transposed: the second is copied.
  if (node.op === 'MatMul' && views[0] && views[1] && [views[0], views[1]].every(isTransposed))
    views[1] = null;
  return { ...node, views, inputs: node.inputs.map((v, i) => views[i]?.base ?? v) };
}

/** Add of a product, used nowhere else, and a row: the product starting from the row. */
function withBias(node: Node, uses: ReadonlyMap<Value, number>): PlanNode | null {
  if (node.op !== 'Add') return null;
  for (const i of [0, 1]) {
    const product = node.inputs[i];
    const row = node.inputs[1 - i];
    if (product.node?.op !== 'MatMul' || uses.get(product) !== 1) continue;
    const { shape } = node.output;
    if (!sameDims(product.shape, shape) || row.shape.length > shape.length) continue;
    const strides = stretch(row.shape, contiguous(row.shape), shape);
    const last = strides.length - 1;
    if (strides.some((s, a) => s !== (a === last ? 1 : 0))) continue;
    return plain({ ...product.node, inputs: [...product.node.inputs, row], output: node.output });
  }
  return null;
}

/** The memory behind a value and the way through it, as far as movers of the given kinds lead. */
export function viewOf(v: Value, kinds: ReadonlySet<string>): View {
  const { node } = v;
  if (!node || !kinds.has(node.op)) {
    return { base: v, shape: v.shape, strides: contiguous(v.shape), offset: 0 };
  }
  const x = viewOf(node.inputs[0], kinds);
  const here = { base: v, shape: v.shape, strides: contiguous(v.shape), offset: 0 };
  switch (node.op) {
    case 'Transpose': {
      const perm = node.attrs.perm as readonly number[];
      return { ...x, shape: v.shape, strides: perm.map((a) => x.strides[a]) };
    }
    case 'Expand':
      return { ...x, shape: v.shape, strides: stretch(x.shape, x.strides, v.shape) };
    case 'Slice': {
      const { axis, start, step } = node.attrs as Record<string, number>;
      const offset = times(x.strides[axis], start);
      if (typeof offset !== 'number') return here;
      const strides = x.strides.map((s, a) => (a === axis ? times(s, step) : s));
      return { base: x.base, shape: v.shape, strides, offset: x.offset + offset };
    }
    default: {
      const strides = reshaped(x, v.shape);
      return strides ? { ...x, shape: v.shape, strides } : here;
    }
  }
}

/** Strides under another shape: of contiguous memory, or where only axes of length 1 come and go. */
function reshaped(x: View, shape: Shape): Dim[] | null {
  const row = contiguous(x.shape);
  if (x.strides.every((s, a) => x.shape[a] === 1 || sameDim(s, row[a]))) return contiguous(shape);
  const long = x.shape.map((_, a) => a).filter((a) => x.shape[a] !== 1);
  const target = shape.map((_, a) => a).filter((a) => shape[a] !== 1);
  if (long.length !== target.length) return null;
  if (!target.every((a, i) => sameDim(shape[a], x.shape[long[i]]))) return null;
  return shape.map((d, a) => (d === 1 ? 0 : x.strides[long[target.indexOf(a)]]));
}

/** One of the last two axes is contiguous and the other is walked along in steps: what a product's kernels read. */
function isMatrix({ shape, strides }: View): boolean {
  const r = shape.length;
  const unit = (a: number) => shape[a] === 1 || strides[a] === 1;
  const steps = (a: number) => shape[a] === 1 || strides[a] !== 0;
  return (unit(r - 1) && steps(r - 2)) || (unit(r - 2) && steps(r - 1));
}

/** Columns, not rows, are contiguous. */
function isTransposed({ shape, strides }: View): boolean {
  const r = shape.length;
  return shape[r - 1] !== 1 && strides[r - 1] !== 1;
}

/** Those nodes that the outputs need. */
function alive(nodes: readonly PlanNode[], outputs: readonly Value[]): PlanNode[] {
  const needed = new Set(outputs);
  const kept: PlanNode[] = [];
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i];
    if (!needed.has(node.output)) continue;
    kept.push(node);
    node.inputs.forEach((v) => needed.add(v));
  }
  return kept.reverse();
}
