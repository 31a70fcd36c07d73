import * as b from '../build.js';
import { batchAxis, type Dim, isBatch, sameDim, type Shape } from '../dims.js';
import { broadcastShapes, floatType } from '../infer.js';
import type { Layout } from '../layout.js';
import { permute } from '../layout.js';
import type { Operator } from '../registry.js';
import { couplingError, type Node, shapeError, type Value } from '../value.js';

/**
 * Y = A·B over the last two axes, leading axes broadcast. Reverse: Ā = Ȳ·Bᵀ, B̄ = Aᵀ·Ȳ; forward: Ẏ = Ȧ·B + A·Ḃ.
 *
 * The examples may run along A's rows (a dense layer) or along the leading axes (attention), never along the contraction. In the
 * first case the leading axes L of a cotangent stand between rows and columns, [N, L, n], which MatMul reads as a stack of
 * N matrices: exactly what the product with Bᵀ needs.
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
    return { dtype, shape };
  },
  vjp(ctx, node, ct, wanted) {
    return [wanted[0] ? cotangentA(ctx, node, ct) : null, wanted[1] ? cotangentB(ctx, node, ct) : null];
  },
  jvp(ctx, { inputs: [a, c], output }, [ta, tc]) {
    const rows = examplesAreRows(output.shape);
    let sum: Value | null = null;
    if (ta) {
      const right =
        rows && c.shape.length > 2 ? stackAxes(c, ctx.lead.length) : alignStack(ctx, c, output.shape);
      sum = b.matmul(placeStack(ctx, ta, a.shape, output.shape), right);
    }
    if (tc) {
      const term = rows
        ? rowsTimesTangent(ctx, a, tc, c.shape)
        : batchTimesTangent(ctx, a, tc, c.shape, output.shape);
      sum = sum ? b.add(sum, term) : term;
    }
    return sum;
  },
};

/** Whether the examples run along the rows of the product. */
function examplesAreRows(out: Shape): boolean {
  return batchAxis(out) === out.length - 2;
}

/** Inserts k axes of length 1 before the last two: [s…, k, n] → [s…, 1…, k, n]. */
function stackAxes(v: Value, k: number): Value {
  const at = v.shape.length - 2;
  return b.unsqueeze(
    v,
    Array.from({ length: k }, (_, i) => at + i),
  );
}

/** A matrix operand among the stack axes of `out`: 1s where the leading axes stand. */
function alignStack(ctx: Layout, v: Value, out: Shape): Value {
  return ctx.align(v, out);
}

function cotangentA(ctx: Layout, { inputs: [a, c], output }: Node, ct: Value): Value {
  const transposed = b.swapLast(c);
  const rows = examplesAreRows(output.shape);
  const k = ctx.leadOf(output.shape).length;
  const right =
    rows && c.shape.length > 2 && k > 0
      ? stackAxes(transposed, k)
      : rows
        ? transposed
        : alignStack(ctx, transposed, output.shape);
  const full = [...output.shape.slice(0, -1), a.shape[a.shape.length - 1]];
  return ctx.reduceTo(b.matmul(ct, right), full, a.shape);
}

function cotangentB(ctx: Layout, { inputs: [a, c], output }: Node, ct: Value): Value {
  const inner = a.shape[a.shape.length - 1];
  const n = output.shape[output.shape.length - 1];
  const stack = output.shape.slice(0, -2);
  const lead = ctx.leadOf(output.shape);
  if (examplesAreRows(output.shape)) {
    if (ctx.perExample) {
      // The outer product of every example: a[s…, N, 1…, k, 1] · ct[s…, N, L…, 1, n].
      const left = b.unsqueeze(stackRows(a, lead.length), [a.shape.length + lead.length]);
      const right = b.unsqueeze(ct, [ct.shape.length - 1]);
      return ctx.reduceTo(
        b.mul(left, right),
        [...stack, output.shape[output.shape.length - 2], inner, n],
        c.shape,
      );
    }
    // aᵀ[s…, k, N] · ct[s…, N, L·n] → [s…, k, L, n], then the leading axes to the front.
    const merged = [...lead, n].reduce<number>((p, d) => p * (d as number), 1);
    const flat = b.reshape(ct, [...output.shape.slice(0, -1), merged]);
    const product = b.matmul(b.swapLast(a), flat);
    const shape: Dim[] = [...product.shape.slice(0, -1), ...lead, n];
    const s = product.shape.length - 1;
    const order = [...lead.map((_, i) => s + i), ...Array.from({ length: s }, (_, i) => i), s + lead.length];
    return ctx.reduceTo(permute(b.reshape(product, shape), order), [...stack, inner, n], c.shape);
  }
  if (
    lead.length === 0 &&
    batchAxis(c.shape) < 0 &&
    c.shape.length === 2 &&
    batchAxis(a.shape) === 0 &&
    !ctx.perExample
  ) {
    // Tokens: one contraction over examples and positions together.
    const flat = (v: Value) => {
      const rows = v.shape.slice(0, -1).reduce<Dim>((p, d) => multiply(p, d), 1);
      return b.reshape(v, [rows, v.shape[v.shape.length - 1]]);
    };
    return b.matmul(b.swapLast(flat(a)), flat(ct));
  }
  const left = alignStack(ctx, b.swapLast(a), output.shape);
  return ctx.reduceTo(b.matmul(left, ct), [...stack, inner, n], c.shape);
}

function multiply(p: Dim, d: Dim): Dim {
  if (typeof p === 'number') return typeof d === 'number' ? p * d : { batch: d.batch * p };
  return { batch: p.batch * (d as number) };
}

/** Rows [s…, N, k] → [s…, N, 1…, k]. */
function stackRows(a: Value, k: number): Value {
  const at = a.shape.length - 1;
  return b.unsqueeze(
    a,
    Array.from({ length: k }, (_, i) => at + i),
  );
}

/** The tangent of A in the layout of A, ready to multiply: leading axes already follow the batch axis. */
function placeStack(ctx: Layout, t: Value, shape: Shape, out: Shape): Value {
  if (batchAxis(shape) >= 0 || batchAxis(out) < 0) return matrixTangent(ctx, t, shape, out);
  return ctx.place(t, shape, [...out.slice(0, -1), shape[shape.length - 1]]);
}

/** A tangent of a batch-free operand of a batch-free product: [L…, shape] with 1s for missing stack axes. */
function matrixTangent(ctx: Layout, t: Value, shape: Shape, out: Shape): Value {
  if (batchAxis(shape) >= 0 || out.length === shape.length) return t;
  return b.reshape(t, [...ctx.lead, ...new Array<Dim>(out.length - shape.length).fill(1), ...shape]);
}

/** A[s…, N, k] · Ḃ[L…, s…, k, n] → [s…, N, L…, n]. */
function rowsTimesTangent(ctx: Layout, a: Value, t: Value, shape: Shape): Value {
  const l = ctx.lead.length;
  if (l === 0) return b.matmul(a, t);
  const r = shape.length;
  const n = shape[r - 1] as number;
  // Ḃ to [s…, k, L…, n], flattened to one product with L·n columns.
  const order = [
    ...Array.from({ length: r - 1 }, (_, i) => l + i),
    ...Array.from({ length: l }, (_, i) => i),
    l + r - 1,
  ];
  const merged = ctx.lead.reduce<number>((p, d) => p * (d as number), n);
  const flat = b.reshape(b.transpose(t, order), [...shape.slice(0, -1), merged]);
  const product = b.matmul(a, flat);
  return b.reshape(product, [...product.shape.slice(0, -1), ...ctx.lead, n]);
}

/** A and Ḃ where the examples (if any) are among the stack axes. */
function batchTimesTangent(ctx: Layout, a: Value, t: Value, shape: Shape, out: Shape): Value {
  const inner = a.shape[a.shape.length - 1];
  const full = [...out.slice(0, -2), inner, out[out.length - 1]];
  const left = alignStack(ctx, a, out);
  return b.matmul(left, ctx.place(t, shape, full));
}
