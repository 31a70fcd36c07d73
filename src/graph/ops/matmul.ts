import { sizeOf } from '../../core/tensor.js';
import type { Builder } from '../builder.js';
import { batchAxis, type Dim, isBatch, mulDim, N, sameDim, type Shape } from '../dims.js';
import { broadcastShapes, floatType } from '../infer.js';
import { same } from '../onnx/export/writers.js';
import type { Numbers, Operator } from '../operator.js';
import type { RuleContext } from '../rule-context.js';
import { couplingError, type Node, shapeError, type Value } from '../value.js';
import { broadcastStrides, each, offsetAt } from './reference.js';

/**
 * Y = A·B over the last two axes, leading axes broadcast. Reverse: Ā = Ȳ·Bᵀ, B̄ = Aᵀ·Ȳ; forward: Ẏ = Ȧ·B + A·Ḃ.
 *
 * The examples may run along the stack (attention), along A's rows (a dense layer), or along the contraction (the gradient of a
 * dense layer, in a derived graph); `matmul` in graph/build turns columns into rows. Along the stack the leading axes L of a
 * cotangent are stack axes themselves. Along the rows they stand between rows and columns, [N, L, n], so that the product with
 * a weight is one [N·L, k] × [k, n]: `byMatrix`, `byTangents` and `overExamples` are the three products with such an operand,
 * and a contraction along the examples has the same three for its derivatives.
 */
export const MatMul: Operator = {
  name: 'MatMul',
  infer: (inputs) => {
    const [a, c] = inputs;
    const dtype = floatType('MatMul', inputs);
    if (a.shape.length < 2 || c.shape.length < 2)
      throw shapeError('MatMul', inputs, 'operands need rank ≥ 2');
    const [m, k] = a.shape.slice(-2);
    const [k2, n] = c.shape.slice(-2);
    if (isBatch(k) || isBatch(k2)) {
      // A derived graph may sum over the examples: both sides then run along them.
      if (!(isBatch(k) && isBatch(k2) && sameDim(k, k2)) || isBatch(m) || isBatch(n)) {
        throw couplingError('MatMul', inputs, 'the contraction runs along the examples');
      }
    } else if (k !== k2) throw shapeError('MatMul', inputs, 'inner dimensions differ');
    const stack = broadcastShapes('MatMul', inputs, [a.shape.slice(0, -2), c.shape.slice(0, -2)]);
    const shape = [...stack, m, n];
    if (shape.filter(isBatch).length > 1) {
      throw couplingError('MatMul', inputs, 'the result pairs every example with every other');
    }
    if (isBatch(n)) throw shapeError('MatMul', inputs, 'examples must run along rows, not columns');
    return { dtype, shape };
  },
  derivative: {
    vjp(ctx, node, ct, wanted) {
      const { fullA, fullB } = fullShapes(node);
      return [
        wanted[0] ? ctx.reduceTo(cotangentA(ctx, node, ct, fullA), fullA, node.inputs[0].shape) : null,
        wanted[1] ? cotangentB(ctx, node, ct, fullB) : null,
      ];
    },
    jvp(ctx, node, [ta, tc]) {
      const left = ta && tangentOfA(ctx, node, ta);
      const right = tc && tangentOfB(ctx, node, tc);
      return left && right ? ctx.b.add(left, right) : (left ?? right);
    },
  },
  second: { kind: 'form', curved: (moves) => moves[0] && moves[1], form: secondForm },
  elementwise: null,
  mover: false,
  flops: ({ inputs: [a], output }, size) => 2 * size(output.shape) * size(a.shape.slice(-1)),
  evaluate: ([a, c], _attrs, shape) => product(a, c, shape),
  onnx: { write: same, doubleKernel: 'yes' },
};

/** 2 Ȧ·Ḃ of tangents with one leading axis. */
function secondForm(ctx: RuleContext, { inputs, output }: Node, tangents: readonly (Value | null)[]): Value {
  const [a, c] = inputs.map((v, i) => leadToFront(ctx, tangents[i] as Value, v.shape));
  const rank = Math.max(a.shape.length, c.shape.length);
  const both = ctx.b.matmul(padStack(ctx, a, rank), padStack(ctx, c, rank));
  const order = both.shape.map((_, i) => i).slice(1);
  order.splice(ctx.position(output.shape), 0, 0);
  return ctx.b.scale(ctx.b.permute(both, order), 2);
}

/** A tangent with one leading axis, that axis moved to the front: [L, shape…]. */
function leadToFront(ctx: RuleContext, t: Value, shape: Shape): Value {
  const at = ctx.position(shape);
  const order = t.shape.map((_, i) => i);
  order.splice(at, 1);
  return ctx.b.permute(t, [at, ...order]);
}

/** 1s after the first axis until the rank is reached. */
const padStack = ({ b }: RuleContext, x: Value, rank: number): Value =>
  b.unsqueeze(x, range(1, 1 + rank - x.shape.length));

/** A·B by the plain triple loop, leading axes broadcast. */
function product(a: Numbers, c: Numbers, shape: readonly number[]): Float64Array {
  const out = new Float64Array(sizeOf(shape));
  const [m, n] = shape.slice(-2);
  const k = a.shape[a.shape.length - 1];
  const stack = shape.slice(0, -2);
  const sa = broadcastStrides(a.shape.slice(0, -2), stack).map((s) => s * m * k);
  const sc = broadcastStrides(c.shape.slice(0, -2), stack).map((s) => s * k * n);
  each(stack, (flat, index) => {
    const pa = offsetAt(index, sa);
    const pc = offsetAt(index, sc);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let l = 0; l < k; l++) sum += a.data[pa + i * k + l] * c.data[pc + l * n + j];
        out[flat * m * n + i * n + j] = sum;
      }
    }
  });
  return out;
}

const examplesAreRows = (out: Shape): boolean => batchAxis(out) === out.length - 2;
const examplesAreInner = (a: Value): boolean => isBatch(a.shape[a.shape.length - 1]);

/** Shapes of both operands as the product reads them: the whole stack, then the matrix. */
function fullShapes({ inputs: [a], output }: Node): { fullA: Dim[]; fullB: Dim[] } {
  const stack = output.shape.slice(0, -2);
  const [m, n] = output.shape.slice(-2);
  const k = a.shape[a.shape.length - 1];
  return { fullA: [...stack, m, k], fullB: [...stack, k, n] };
}

/** Ȳ·Bᵀ in the layout of [stack, m, k]. */
function cotangentA(ctx: RuleContext, node: Node, ct: Value, full: Dim[]): Value {
  const { b } = ctx;
  const [a, c] = node.inputs;
  const out = node.output.shape;
  if (examplesAreInner(a)) return swapCarried(ctx, byTangents(ctx, c, turned(b, ct)), swapped(full));
  if (examplesAreRows(out)) return byMatrix(ctx, ct, turned(b, c));
  return b.matmul(ct, ctx.align(turned(b, c), out));
}

/** Aᵀ·Ȳ in the layout of B. */
function cotangentB(ctx: RuleContext, node: Node, ct: Value, full: Dim[]): Value {
  const { b } = ctx;
  const [a, c] = node.inputs;
  const out = node.output.shape;
  if (examplesAreInner(a)) {
    return ctx.reduceTo(byTangents(ctx, turned(b, a), ct), full, c.shape);
  }
  if (examplesAreRows(out)) {
    if (!ctx.perExample) return ctx.reduceTo(overExamples(ctx, a, ct), full, c.shape);
    // Every example's rows apart: [m·N, k] is a stack of N matrices [m, k].
    const { batch } = out[out.length - 2] as { batch: number };
    const apart = (s: Shape): Dim[] => [...s.slice(0, -2), N, batch, s[s.length - 1]];
    const left = ctx.align(turned(b, b.reshape(a, apart(a.shape))), apart(out));
    const right = ctx.reshape(ct, out, apart(out));
    const product = batch === 1 ? b.mul(left, right) : b.matmul(left, right); // one row: its outer product
    const own = [...c.shape.slice(0, -2), 1, ...c.shape.slice(-2)];
    return ctx.reshape(ctx.reduceTo(product, [...out.slice(0, -2), N, ...full.slice(-2)], own), own, c.shape);
  }
  if (c.shape.length === 2 && batchAxis(a.shape) === 0 && !ctx.perExample) {
    // Tokens: one contraction over examples and positions together.
    const rows = out.slice(0, -1).reduce((p, d) => mulDim(p, d) as Dim, 1);
    const merged = (s: Shape): Dim[] => [rows, s[s.length - 1]];
    return overExamples(ctx, b.reshape(a, merged(a.shape)), ctx.reshape(ct, out, merged(out)));
  }
  return ctx.reduceTo(b.matmul(ctx.align(turned(b, a), out), ct), full, c.shape);
}

/** Ȧ·B. */
function tangentOfA(ctx: RuleContext, node: Node, t: Value): Value {
  const { b } = ctx;
  const [a, c] = node.inputs;
  const out = node.output.shape;
  if (examplesAreInner(a)) return turned(b, overExamples(ctx, c, swapCarried(ctx, t, a.shape)));
  if (examplesAreRows(out)) return byMatrix(ctx, t, c);
  return b.matmul(ctx.place(t, a.shape, fullShapes(node).fullA), ctx.align(c, out));
}

/** A·Ḃ. */
function tangentOfB(ctx: RuleContext, node: Node, t: Value): Value {
  const { b } = ctx;
  const [a, c] = node.inputs;
  const out = node.output.shape;
  if (examplesAreInner(a)) return overExamples(ctx, turned(b, a), t);
  if (examplesAreRows(out)) return byTangents(ctx, a, t);
  return b.matmul(ctx.align(a, out), ctx.place(t, c.shape, fullShapes(node).fullB));
}

/** X[s…, N, L…, k] · M[s…, k, n] → [s…, N, L…, n]. */
function byMatrix(ctx: RuleContext, x: Value, m: Value): Value {
  const { b } = ctx;
  if (m.shape.length === 2) return b.matmul(x, m);
  const at = m.shape.length - 2;
  const ones = ctx.lead.map((_, i) => at + i);
  return b.matmul(x, b.unsqueeze(m, ones));
}

/** A[s…, N, k] · T[L…, s…, k, n] → [s…, N, L…, n]: one product with L·n columns. */
function byTangents(ctx: RuleContext, a: Value, t: Value): Value {
  const { b } = ctx;
  const l = ctx.lead.length;
  const r = t.shape.length - 1;
  const columns = b.permute(t, [...range(l, r), ...range(0, l), r]);
  const product = b.matmul(a, b.reshape(columns, [...t.shape.slice(l, r), size([...ctx.lead, t.shape[r]])]));
  return b.reshape(product, [...product.shape.slice(0, -1), ...ctx.lead, t.shape[r]]);
}

/** Σ over examples of A[s…, N, k]ᵀ · X[s…, N, L…, n] → [L…, s…, k, n]: again one product with L·n columns. */
function overExamples(ctx: RuleContext, a: Value, x: Value): Value {
  const { b } = ctx;
  const l = ctx.lead.length;
  const r = x.shape.length - 1;
  const columns = b.reshape(x, [...x.shape.slice(0, r - l), size(x.shape.slice(r - l))]);
  const product = b.matmul(turned(b, a), columns);
  const s = product.shape.length - 1;
  const split = b.reshape(product, [...product.shape.slice(0, s), ...ctx.lead, x.shape[r]]);
  return b.permute(split, [...range(s, s + l), ...range(0, s), s + l]);
}

/** What a value of shape `from` carries, as what its transpose carries. */
function swapCarried(ctx: RuleContext, carried: Value, from: Shape): Value {
  const axes = swapped(from.map((_, i) => i));
  return ctx.rearrange(carried, from, swapped(from), axes);
}

/** The matrices transposed: a view where they are one row or one column. */
function turned(b: Builder, x: Value): Value {
  return b.permute(x, swapped(x.shape.map((_, i) => i)));
}

function swapped<T>(list: readonly T[]): T[] {
  const r = list.length;
  return [...list.slice(0, r - 2), list[r - 1], list[r - 2]];
}

const size = (dims: Shape): number => dims.reduce<number>((p, d) => p * (d as number), 1);

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
