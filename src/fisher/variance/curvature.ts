/**
 * @module fisher/variance/curvature
 *
 * Where a graph bends. For a node y = φ(x₁, x₂, …) and tangents ẋ of its inputs along one direction, the second-order tangent of
 * any later value is that of the inputs carried on plus φ″[ẋ, ẋ]. So second derivatives of h need, of each node, only φ″:
 *
 *   affine or piecewise linear (Add, ReLU, Max, Where, movers, sums)   0
 *   elementwise                                                         Σ_ij (∂²φ/∂x_i∂x_j) ẋ_i ẋ_j
 *   a product of two values that both move (Mul, MatMul)                2 ẋ₁·ẋ₂
 *   softmax, y                          y ⊙ (c² − ⟨y, c²⟩),             c = ẋ − ⟨y, ẋ⟩
 *   log-softmax                         −⟨y, c²⟩
 *
 * Kinks have measure zero: at every θ off them, h is twice differentiable and φ″ is what stands here (theory (2.4), which
 * corrects P24 §7).
 */
import { FimError } from '../../core/errors.js';
import {
  gradient,
  input,
  type Layout,
  type Node,
  ops as b,
  type Shape,
  type Value,
} from '../../graph/index.js';
import { assumeSignOf } from '../../graph/positive.js';
import { apply } from '../../graph/registry.js';
import { reachesPole, withPole } from '../../graph/slope.js';
import { substitute } from '../../graph/substitute.js';

/** φ″ = 0 almost everywhere. */
const STRAIGHT = new Set([
  'Abs',
  'Add',
  'Cast',
  'Concat',
  'Expand',
  'Max',
  'Min',
  'Neg',
  'Pad',
  'ReduceMax',
  'ReduceSum',
  'Relu',
  'Reshape',
  'Sign',
  'Slice',
  'Sub',
  'Transpose',
  'Where',
]);

/** Smooth functions applied element by element, in one operand or two. */
const SMOOTH = new Set([
  'Div',
  'Erf',
  'Exp',
  'Log',
  'Pow',
  'Reciprocal',
  'Sigmoid',
  'Softplus',
  'Sqrt',
  'Tanh',
]);

/** Elementwise operators: of operands in the output's own shape, each output element reads one element of each. */
const ELEMENTWISE = new Set([
  ...SMOOTH,
  'Abs',
  'Add',
  'Cast',
  'Max',
  'Min',
  'Mul',
  'Neg',
  'Relu',
  'Sign',
  'Sub',
  'Where',
]);

export const isElementwise = (node: Node): boolean => ELEMENTWISE.has(node.op);

/** Whether φ″ does not vanish when the inputs in `moving` move. Throws `fisher/curvature` for an operator not known here. */
export function isCurved(node: Node, moving: ReadonlySet<Value>): boolean {
  const { op, inputs } = node;
  if (STRAIGHT.has(op)) return false;
  const moves = inputs.map((v) => moving.has(v));
  if (op === 'Mul' || op === 'MatMul') return moves[0] && moves[1];
  if (op === 'Div') return moves[1];
  if (SMOOTH.has(op) || op === 'Softmax' || op === 'LogSoftmax') return moves.some(Boolean);
  throw new FimError({
    code: 'fisher/curvature',
    kind: 'internal',
    where: node.origin || op,
    rule: `operator ${op} has no second derivative on record`,
  });
}

/** coefficient · ẋ_i · ẋ_j; null: 1. Off-diagonal pairs come once, with the factor 2 inside. */
export interface Term {
  readonly coefficient: Value | null;
  readonly factor: number;
  readonly i: number;
  readonly j: number;
}

/** φ″ of an elementwise node as terms, over the inputs that move. */
export function elementwiseTerms(node: Node, moving: ReadonlySet<Value>): Term[] {
  const { op, inputs, attrs, output } = node;
  if (op === 'Mul') return [{ coefficient: null, factor: 2, i: 0, j: 1 }];
  const xs = inputs.map((v, i) => input(`x${i}`, v.dtype, output.shape));
  xs.forEach((x, i) => assumeSignOf(x, inputs[i]));
  const y = apply(op, xs, attrs);
  const first = gradient(y, xs);
  const actual = new Map([[y, output], ...xs.map((x, i) => [x, inputs[i]] as const)]);
  const terms: Term[] = [];
  for (let i = 0; i < xs.length; i++) {
    for (let j = 0; j <= i; j++) {
      if (!moving.has(inputs[i]) || !moving.has(inputs[j])) continue;
      const slope = first[i];
      const second = slope && gradient(slope, [xs[j]])[0];
      if (!second) continue;
      const [coefficient] = substitute([second], actual);
      // What is copied does not know that it has a pole.
      if (reachesPole(second)) withPole(coefficient);
      terms.push({ coefficient, factor: i === j ? 1 : 2, i, j });
    }
  }
  return terms;
}

/** φ″[ẋ, ẋ] of a node that is not elementwise, in the output's layout. */
export function secondForm(ctx: Layout, node: Node, tangents: readonly (Value | null)[]): Value {
  const { op, inputs, output, attrs } = node;
  if (op === 'MatMul') {
    const [a, c] = inputs.map((v, i) => toFront(tangents[i] as Value, v.shape, ctx));
    const rank = Math.max(a.shape.length, c.shape.length);
    const product = b.matmul(padStack(a, rank), padStack(c, rank));
    return b.scale(fromFront(product, output.shape, ctx), 2);
  }
  const axis = ctx.axis(output.shape, attrs.axis as number);
  const t = tangents[0] as Value;
  const y = ctx.align(op === 'Softmax' ? output : b.exp(output), output.shape);
  const centred = b.sub(t, b.reduceSum(b.mul(y, t), [axis], true));
  const squares = b.square(centred);
  const spread = b.reduceSum(b.mul(y, squares), [axis], true);
  if (op === 'Softmax') return b.mul(y, b.sub(squares, spread));
  return b.neg(ctx.broadcastTo(spread, output));
}

/** A tangent with one leading axis, that axis moved to the front: [L, shape…]. */
function toFront(t: Value, shape: Shape, ctx: Layout): Value {
  const at = ctx.position(shape);
  const order = t.shape.map((_, i) => i);
  order.splice(at, 1);
  return b.permute(t, [at, ...order]);
}

function fromFront(x: Value, shape: Shape, ctx: Layout): Value {
  const order = x.shape.map((_, i) => i).slice(1);
  order.splice(ctx.position(shape), 0, 0);
  return b.permute(x, order);
}

/** 1s after the first axis until the rank is reached. */
function padStack(x: Value, rank: number): Value {
  return b.unsqueeze(
    x,
    Array.from({ length: rank - x.shape.length }, (_, i) => 1 + i),
  );
}
