/**
 * @module graph/onnx/export/gemm
 *
 * Products of matrices of which one is read transposed, with a bias row where one follows, are one Gemm in ONNX. Runtimes read the
 * transposed operand in place; as Transpose, MatMul, Add it would be copied first.
 */
import { sameDim } from '../../dims.js';
import type { Node, Value } from '../../value.js';

/** One Gemm: A′·B′ + C, A′ and B′ transposed where said. */
export interface Gemm {
  readonly a: Value;
  readonly b: Value;
  readonly c: Value | null;
  readonly transA: 0 | 1;
  readonly transB: 0 | 1;
}

export interface Folding {
  /** Nodes that are written as a Gemm, which gives their output. */
  readonly gemms: ReadonlyMap<Node, Gemm>;
  /** Nodes that are then not needed. */
  readonly absorbed: ReadonlySet<Node>;
}

/** Finds them among `nodes` (topological order); values in `kept` must exist by themselves. */
export function foldGemms(nodes: readonly Node[], kept: ReadonlySet<Value>): Folding {
  const readers = new Map<Value, Node[]>();
  for (const node of nodes) {
    for (const v of new Set(node.inputs)) readers.set(v, [...(readers.get(v) ?? []), node]);
  }
  const gemms = new Map<Node, Gemm>();
  const absorbed = new Set<Node>();
  for (const node of nodes) {
    const gemm = transposedProduct(node);
    if (!gemm) continue;
    const next = readers.get(node.output) ?? [];
    const bias = next.length === 1 && !kept.has(node.output) ? biasOf(next[0], node.output) : null;
    if (bias) absorbed.add(node);
    gemms.set(bias ? next[0] : node, { ...gemm, c: bias });
  }
  const reading = new Set([...gemms.keys(), ...absorbed]);
  for (const node of nodes) {
    if (!isSwap(node) || kept.has(node.output)) continue;
    const users = readers.get(node.output) ?? [];
    if (users.length > 0 && users.every((u) => reading.has(u) && u.op === 'MatMul')) absorbed.add(node);
  }
  return { gemms, absorbed };
}

function transposedProduct(node: Node): Gemm | null {
  if (node.op !== 'MatMul') return null;
  const [a, b] = node.inputs;
  if (a.shape.length !== 2 || b.shape.length !== 2) return null;
  const [plainA, transA] = plain(a);
  const [plainB, transB] = plain(b);
  return transA || transB ? { a: plainA, b: plainB, c: null, transA, transB } : null;
}

function plain(v: Value): readonly [Value, 0 | 1] {
  return v.node && isSwap(v.node) ? [v.node.inputs[0], 1] : [v, 0];
}

const isSwap = (node: Node): boolean => {
  if (node.op !== 'Transpose') return false;
  const perm = node.attrs.perm as readonly number[];
  return perm.length === 2 && perm[0] === 1;
};

/** The row added to a product, where the node is such an addition. */
function biasOf(node: Node, product: Value): Value | null {
  if (node.op !== 'Add') return null;
  const other = node.inputs[0] === product ? node.inputs[1] : node.inputs[0];
  const columns = product.shape[1];
  const last = other.shape[other.shape.length - 1];
  const row = other.shape.length === 1 || (other.shape.length === 2 && other.shape[0] === 1);
  return other !== product && row && sameDim(last, columns) ? other : null;
}
