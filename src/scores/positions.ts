/**
 * @module scores/positions
 *
 * The positions at which a shared weight meets data: the input x [N, G, R, in] and the gradient g [N, K, G, R, out] of every use, G groups
 * and R positions of an example, with the uses one after another along R. Each is arranged by one permutation, with its last two axes in the
 * order in which the network has them, so that convolutions ([in, R] and [out, R]) and tokens ([R, in] and [R, out]) move nothing.
 */
import { batchAxis, type BatchDim, type Dim, N, ops as b, type Shape, type Value } from '../graph/index.js';
import type { Site, Use } from '../model/sites.js';

/** Both factors of a shared weight's score, matrices of positions × width or, `turned`, width × positions. */
export interface Positions {
  /** [N, G, R, in], turned [N, G, in, R]. */
  readonly x: Value;
  /** [N, K, G, R, out], turned [N, K, G, out, R]. */
  readonly g: Value;
  readonly turned: boolean;
}

/** Where the axes of a product are: of the stack, then rows and columns. */
interface Axes {
  readonly groups: readonly number[];
  /** Without that of the examples. */
  readonly positions: readonly number[];
}

const size = (dims: Shape): number => dims.reduce<number>((p, d) => p * (d as number), 1);

function axesOf({ node, inputIndex, operand }: Use): Axes {
  const { shape } = node.output;
  const rank = shape.length;
  const stack = rank - 2;
  const own = operand.shape.length - 2;
  const grouped = (axis: number) => axis >= stack - own && operand.shape[axis - stack + own] !== 1;
  const all = Array.from({ length: stack }, (_, i) => i);
  const at = batchAxis(shape);
  const along = inputIndex === 1 ? stack : rank - 1;
  return {
    groups: all.filter(grouped),
    positions: [...all.filter((a) => !grouped(a) && a !== at), ...(along === at ? [] : [along])],
  };
}

/**
 * A value whose axes are those of a product (with K columns behind the examples where `columns`), as [N, (K,) groups, positions, width], or
 * turned [N, (K,) groups, width, positions].
 */
function arranged(
  v: Value,
  rank: number,
  { groups, positions }: Axes,
  width: number,
  turned: boolean,
  columns: boolean,
): Value {
  const lead = columns ? 1 : 0;
  const missing = rank + lead - v.shape.length;
  const full: Dim[] = [...new Array<Dim>(missing).fill(1), ...v.shape];
  const at = full.findIndex((d) => typeof d !== 'number');
  const { batch } = full[at] as BatchDim;
  // The rows of an example on an axis of m·N are positions: the slowest behind those of the stack.
  const apart = b.reshape(v, [...full.slice(0, at), N, batch, ...full.slice(at + 1)]);
  const place = (axis: number) => (axis < at ? axis : axis + lead + 1);
  const across = [...positions.map(place), at + 1];
  const order = [
    at,
    ...(columns ? [at + 2] : []),
    ...groups.map(place),
    ...(turned ? [place(width), ...across] : [...across, place(width)]),
  ];
  const moved = b.permute(apart, order);
  const behind = moved.shape.slice(1 + lead);
  const G = size(behind.slice(0, groups.length));
  const last = behind.slice(groups.length);
  const [p, q] = turned
    ? [last[0] as number, size(last.slice(1))]
    : [size(last.slice(0, -1)), last[last.length - 1] as number];
  return b.reshape(moved, [N, ...(columns ? [v.shape[at - missing + 1]] : []), G, p, q]);
}

/** Both factors at one use, from the cotangent of its product. */
function positionsOfUse(use: Use, ct: Value): Positions {
  const { node, inputIndex } = use;
  const rank = node.output.shape.length;
  const axes = axesOf(use);
  // The weight behind: rows are positions. Before: columns are.
  const turned = inputIndex === 0;
  const width = turned ? rank - 2 : rank - 1;
  return {
    x: arranged(node.inputs[1 - inputIndex], rank, axes, width, turned, false),
    g: arranged(ct, rank, axes, width, turned, true),
    turned,
  };
}

/** Both factors over all uses of a site, from the cotangents of their products, in the order of the uses. */
export function positionsOf({ uses }: Site, cotangents: readonly Value[]): Positions {
  const each = uses.map((use, i) => positionsOfUse(use, cotangents[i]));
  if (each.length === 1) return each[0];
  const { turned } = each[0];
  const alike = (v: Value, p: Positions) => (p.turned === turned ? v : b.swapLast(v));
  const join = (vs: readonly Value[]) => b.concat(vs, vs[0].shape.length - (turned ? 1 : 2));
  return { x: join(each.map((p) => alike(p.x, p))), g: join(each.map((p) => alike(p.g, p))), turned };
}
