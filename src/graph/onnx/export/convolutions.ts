/**
 * @module graph/onnx/export/convolutions
 *
 * Convolutions among the products of a graph, found for a runtime that has kernels of its own for them: W · Unfold(x) is a Conv, and
 * Fold(Wᵀ · y) the ConvTranspose that its reverse derivative is, with any leading axes among the images. Neither lays the windows' elements
 * out in memory. Windows that something else reads too are laid out for all.
 */
import { batchAxis, type Dim, isBatch, mulDim, sameDim, type Shape } from '../../dims.js';
import { type WindowMap, windowMap } from '../../ops/window-map.js';
import type { Node, Value } from '../../value.js';
import type { Emitter } from './emitter.js';
import { convAttributes, isConvolution, reshapedTo, transposeAttributes } from './windows.js';

/** A convolution, forward or transposed, in place of a node. */
interface Convolution {
  readonly transposed: boolean;
  /** Images [lead…, channels, axes…], and the matrices [(g,) a, b] of the weight. */
  readonly images: Value;
  readonly weight: Value;
  readonly map: WindowMap;
  readonly lead: Dim;
  readonly groups: number;
  /** Channels of a group on the side of the windows, and on the other. */
  readonly inside: number;
  readonly outside: number;
}

/** What is written as convolutions, and the nodes that are then not needed. */
export interface Convolutions {
  readonly at: ReadonlyMap<Node, Convolution>;
  readonly dropped: ReadonlySet<Node>;
}

const product = (dims: Shape): Dim => dims.reduce<Dim>((p, d) => mulDim(p, d) as Dim, 1);
const volume = (dims: readonly number[]): number => dims.reduce((p, d) => p * d, 1);

const behindReshapes = (v: Value): Value => {
  let at = v;
  while (at.node?.op === 'Reshape') at = at.node.inputs[0];
  return at;
};

/** The groups of a product A · B with A [(g,) rows, k] that does not depend on the examples and B [lead…, (g,) k, L]; null: it is none such. */
function grouped(a: Value, b: Value, lead: Shape): { groups: number; rows: number; k: number } | null {
  if (batchAxis(a.shape) >= 0 || a.shape.length > 3 || a.shape.length < 2) return null;
  const groups = a.shape.length === 3 ? (a.shape[0] as number) : 1;
  const own = b.shape.length - lead.length - 2;
  const stack = b.shape.slice(lead.length, b.shape.length - 2);
  if (own > 1 || (own === 1 && stack[0] !== groups) || (own === 0 && groups > 1)) return null;
  if (!lead.every((d, i) => sameDim(d, b.shape[i]))) return null;
  const [rows, k] = a.shape.slice(-2) as number[];
  return { groups, rows, k };
}

/** W · Unfold(x). */
function forward(node: Node): Convolution | null {
  const [a, b] = node.inputs;
  const unfold = behindReshapes(b).node;
  if (unfold?.op !== 'Unfold' || node.output.dtype !== 'float32') return null;
  const map = windowMap(unfold.attrs);
  const [x] = unfold.inputs;
  const leadAxes = x.shape.length - map.length.length - 1;
  if (leadAxes < 0 || !isConvolution(map)) return null;
  const lead = x.shape.slice(0, leadAxes);
  const channels = x.shape[leadAxes];
  const parts = grouped(a, b, lead);
  if (!parts || isBatch(channels)) return null;
  const { groups, rows, k } = parts;
  const inside = channels / groups;
  if (k !== inside * volume(map.kernel) || b.shape[b.shape.length - 1] !== volume(map.count)) return null;
  return { transposed: false, images: x, weight: a, map, lead: product(lead), groups, inside, outside: rows };
}

/** Fold(Wᵀ · y). */
function backward(node: Node): { found: Convolution; product: Node } | null {
  const map = windowMap(node.attrs);
  const matmul = behindReshapes(node.inputs[0]).node;
  if (matmul?.op !== 'MatMul' || node.output.dtype !== 'float32' || !isConvolution(map)) return null;
  const [a, b] = matmul.inputs;
  const leadAxes = node.output.shape.length - map.length.length - 1;
  if (leadAxes < 0) return null;
  const lead = node.output.shape.slice(0, leadAxes);
  const channels = node.output.shape[leadAxes];
  const parts = grouped(a, b, lead);
  if (!parts || isBatch(channels)) return null;
  const { groups, rows, k } = parts;
  const inside = channels / groups;
  if (rows !== inside * volume(map.kernel) || b.shape[b.shape.length - 1] !== volume(map.count)) return null;
  return {
    found: { transposed: true, images: b, weight: a, map, lead: product(lead), groups, inside, outside: k },
    product: matmul,
  };
}

/** Finds them among `nodes` (topological order); values in `kept` must exist by themselves. */
export function findConvolutions(nodes: readonly Node[], kept: ReadonlySet<Value>): Convolutions {
  const readers = new Map<Value, Node[]>();
  for (const node of nodes)
    for (const v of new Set(node.inputs)) readers.set(v, [...(readers.get(v) ?? []), node]);
  /** Whether every way on from a value, through reshapes, ends in nodes that `takes` holds of. */
  const only = (v: Value, takes: (n: Node) => boolean): boolean =>
    !kept.has(v) &&
    (readers.get(v) ?? []).every((n) => (n.op === 'Reshape' ? only(n.output, takes) : takes(n)));
  const at = new Map<Node, Convolution>();
  for (const node of nodes) {
    if (node.op === 'Unfold') {
      const found = new Map<Node, Convolution>();
      const all = only(node.output, (n) => {
        const conv = n.op === 'MatMul' && behindReshapes(n.inputs[1]).node === node ? forward(n) : null;
        if (conv) found.set(n, conv);
        return conv !== null;
      });
      if (all) for (const [n, conv] of found) at.set(n, conv);
    } else if (node.op === 'Fold') {
      const found = backward(node);
      if (found && only(found.product.output, (n) => n === node)) at.set(node, found.found);
    }
  }
  return { at, dropped: unread(nodes, kept, at) };
}

/** Nodes that nothing reads any more. */
function unread(
  nodes: readonly Node[],
  kept: ReadonlySet<Value>,
  at: ReadonlyMap<Node, Convolution>,
): Set<Node> {
  const needed = new Set<Value>(kept);
  const dropped = new Set<Node>();
  for (const node of [...nodes].reverse()) {
    if (!needed.has(node.output)) {
      dropped.add(node);
      continue;
    }
    const conv = at.get(node);
    for (const v of conv ? [conv.images, conv.weight] : node.inputs) needed.add(v);
  }
  return dropped;
}

/** Writes a convolution in place of a node, whose output it gives. */
export function writeConvolution(e: Emitter, conv: Convolution, { output }: Node): void {
  const { transposed, images, weight, map, lead, groups, inside, outside } = conv;
  const axes = transposed ? map.count : map.length;
  const channels = groups * (transposed ? outside : inside);
  const x = reshapedTo(e, e.name(images), images, [lead, channels, ...axes]);
  // Both convolutions take [channels, …, kernel…]: Wᵀ is turned back.
  const rank = weight.shape.length;
  const turn = Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
  const rows = transposed ? e.node('Transpose', [e.name(weight)], { perm: turn }) : e.name(weight);
  const kernel = reshapedTo(e, rows, weight, [groups * outside, inside, ...map.kernel]);
  const made = transposed
    ? e.node('ConvTranspose', [x, kernel], transposeAttributes(map, groups))
    : e.node('Conv', [x, kernel], convAttributes(map, groups));
  reshapedTo(e, made, output, output.shape, e.name(output));
}
