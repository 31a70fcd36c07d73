/**
 * @module graph/build
 *
 * The operators as functions on values. What is the identity returns its argument, so derived graphs stay small.
 */
import type { DType, FloatType } from '../core/tensor.js';
import { tensor } from '../core/tensor.js';
import { type Dim, type Shape, isBatch, sameDims, showShape } from './dims.js';
import { ownAxis } from './infer.js';
import { indexForm } from './ops/indexed.js';
import { apply } from './registry.js';
import { constant, shapeError, type Value } from './value.js';

// ---- constants ----

/** A rank-0 constant. */
export function scalar(value: number, dtype: DType): Value {
  return constant(tensor(dtype, [], [value]));
}

const isScalar = (v: Value, x: number): boolean =>
  v.constant !== null && v.shape.length === 0 && Number(v.constant.data[0]) === x;

// ---- elementwise ----

const unary = (op: string) => (x: Value) => apply(op, [x]);
/** eˣ, element by element. */
export const exp = unary('Exp');
/** ln x, element by element. */
export const log = unary('Log');
/** √x, element by element. */
export const sqrt = unary('Sqrt');
/** |x|, element by element. */
export const abs = unary('Abs');
/** −1, 0 or 1, element by element. */
export const sign = unary('Sign');
/** tanh x, element by element. */
export const tanh = unary('Tanh');
/** 1/(1 + e⁻ˣ), element by element. */
export const sigmoid = unary('Sigmoid');
/** ln(1 + eˣ), element by element. */
export const softplus = unary('Softplus');
/** max(0, x), element by element; its derivative at 0 is 0. */
export const relu = unary('Relu');
/** The error function 2/√π ∫₀ˣ exp(−t²) dt, element by element. */
export const erf = unary('Erf');
/** 1/x, element by element. */
export const reciprocal = unary('Reciprocal');
/** sin x, element by element. */
export const sin = unary('Sin');
/** cos x, element by element. */
export const cos = unary('Cos');
/** Negation of booleans. */
export const not = unary('Not');

/** −x; of a negation, what it negates. */
export const neg = (x: Value): Value => negated(x) ?? apply('Neg', [x]);

const negated = (x: Value): Value | null => (x.node?.op === 'Neg' ? x.node.inputs[0] : null);

const binary = (op: string) => (a: Value, b: Value) => apply(op, [a, b]);
/** a / b, broadcast together. */
export const div = binary('Div');
/** a to the power b, broadcast together. */
export const pow = binary('Pow');
/** The larger of a and b, broadcast together. */
export const maximum = binary('Max');
/** The smaller of a and b, broadcast together. */
export const minimum = binary('Min');
/** a > b as booleans, broadcast together. */
export const greater = binary('Greater');
/** a ≥ b as booleans, broadcast together. */
export const greaterOrEqual = binary('GreaterOrEqual');
/** a < b as booleans, broadcast together. */
export const less = binary('Less');
/** a ≤ b as booleans, broadcast together. */
export const lessOrEqual = binary('LessOrEqual');
/** a = b as booleans, broadcast together. */
export const equal = binary('Equal');

/** a + b, broadcast together; a zero constant is left out, and a negation becomes a subtraction. */
export function add(a: Value, b: Value): Value {
  if (isScalar(a, 0)) return b;
  if (isScalar(b, 0)) return a;
  const [p, q] = [negated(a), negated(b)];
  return q ? apply('Sub', [a, q]) : p ? apply('Sub', [b, p]) : apply('Add', [a, b]);
}

/** a − b, broadcast together. */
export function sub(a: Value, b: Value): Value {
  const q = negated(b);
  return q ? add(a, q) : apply('Sub', [a, b]);
}

/** a · b, broadcast together; a constant of one is left out. */
export function mul(a: Value, b: Value): Value {
  if (isScalar(a, 1)) return b;
  if (isScalar(b, 1)) return a;
  return apply('Mul', [a, b]);
}

/** x², element by element. */
export const square = (x: Value): Value => apply('Mul', [x, x]);
/** factor · x. */
export const scale = (x: Value, factor: number): Value => mul(x, scalar(factor, x.dtype));
/** x + amount. */
export const shift = (x: Value, amount: number): Value => add(x, scalar(amount, x.dtype));

/** condition ? a : b, all broadcast together. */
export const where = (condition: Value, a: Value, b: Value): Value => apply('Where', [condition, a, b]);

/** The same numbers in another type; of its own type, x itself. */
export function cast(x: Value, dtype: DType): Value {
  return x.dtype === dtype ? x : apply('Cast', [x], { to: dtype });
}

/** 1 where the condition holds, else 0, as a float. */
export const indicator = (condition: Value, dtype: FloatType): Value => cast(condition, dtype);

// ---- contraction ----

/** Matrix product over the last two axes, leading axes broadcast; both operands have rank ≥ 2. */
export function matmul(a: Value, b: Value): Value {
  if (b.shape.length >= 2 && isBatch(b.shape[b.shape.length - 1])) {
    return swapLast(apply('MatMul', [swapLast(b), swapLast(a)]));
  }
  return apply('MatMul', [a, b]);
}

// ---- reductions ----

/** Sum over axes. */
export function reduceSum(x: Value, axes: readonly number[], keepdims = false): Value {
  return axes.length === 0 ? x : apply('ReduceSum', [x], { axes: [...axes].sort((p, q) => p - q), keepdims });
}

/** Maximum over axes; `keepdims` leaves them with length 1. */
export function reduceMax(x: Value, axes: readonly number[], keepdims = false): Value {
  return axes.length === 0 ? x : apply('ReduceMax', [x], { axes: [...axes].sort((p, q) => p - q), keepdims });
}

/** Mean over axes, none of which may hold the examples. */
export function reduceMean(x: Value, axes: readonly number[], keepdims = false): Value {
  let count = 1;
  for (const a of axes) {
    ownAxis('ReduceMean', x, a);
    count *= x.shape[a] as number;
  }
  return scale(reduceSum(x, axes, keepdims), 1 / count);
}

/** exp(x_i) / Σ_j exp(x_j) along one axis, computed without overflow. */
export const softmax = (x: Value, axis: number): Value => apply('Softmax', [x], { axis });
/** x_i − ln Σ_j exp(x_j) along one axis, computed without overflow. */
export const logSoftmax = (x: Value, axis: number): Value => apply('LogSoftmax', [x], { axis });

// ---- movers ----

/** The same elements in row-major order; of a reshape, what it reshapes. */
export function reshape(x: Value, shape: Shape): Value {
  if (sameDims(x.shape, shape)) return x;
  return x.node?.op === 'Reshape' ? reshape(x.node.inputs[0], shape) : apply('Reshape', [x], { shape });
}

/** Axis i of the result is axis perm[i]; of a transpose, both orders in one. */
export function transpose(x: Value, perm: readonly number[]): Value {
  if (perm.length === x.shape.length && perm.every((p, i) => p === i)) return x;
  if (x.node?.op !== 'Transpose') return apply('Transpose', [x], { perm });
  const first = x.node.attrs.perm as readonly number[];
  return transpose(
    x.node.inputs[0],
    perm.map((p) => first[p]),
  );
}

/** A transpose, written as a reshape where only axes of length 1 move. */
export function permute(x: Value, order: readonly number[]): Value {
  const moving = order.filter((a) => x.shape[a] !== 1);
  if (moving.every((a, i) => i === 0 || a > moving[i - 1])) {
    return reshape(
      x,
      order.map((a) => x.shape[a]),
    );
  }
  return transpose(x, order);
}

/** Exchanges the last two axes. Throws `graph/shape`. */
export function swapLast(x: Value): Value {
  const r = x.shape.length;
  if (r < 2) throw shapeError('Transpose', [x], `needs rank ≥ 2, has shape ${showShape(x.shape)}`);
  const perm = x.shape.map((_, i) => i);
  [perm[r - 2], perm[r - 1]] = [r - 1, r - 2];
  return transpose(x, perm);
}

/** Inserts axes of length 1 so that they stand at the given positions of the result. Throws `graph/shape`. */
export function unsqueeze(x: Value, axes: readonly number[]): Value {
  const rank = x.shape.length + axes.length;
  const shape: Dim[] = [];
  let from = 0;
  for (let i = 0; i < rank; i++) shape.push(axes.includes(i) ? 1 : x.shape[from++]);
  if (from !== x.shape.length) {
    const listed = axes.join(', ');
    throw shapeError('Reshape', [x], `rank ${x.shape.length} gets no axes of length 1 at ${listed}`);
  }
  return reshape(x, shape);
}

/** The values one after another along an axis; all other dimensions are equal. */
export function concat(xs: readonly Value[], axis: number): Value {
  return xs.length === 1 ? xs[0] : apply('Concat', xs, { axis });
}

/** Elements start, start+step, … below (or above, for step < 0) end along one axis; bounds already non-negative. */
export function slice(x: Value, axis: number, start: number, end: number, step = 1): Value {
  const d = x.shape[axis];
  if (d === end && start === 0 && step === 1) return x;
  return apply('Slice', [x], { axis, start, end, step });
}

/** Puts zeros before, after and (`step` − 1 of them) between the elements along one axis. */
export function pad(x: Value, axis: number, before: number, after: number, step = 1): Value {
  return before === 0 && after === 0 && step === 1 ? x : apply('Pad', [x], { axis, before, after, step });
}

/** Elements along one axis by integer indices, whose axes stand in its place; forms and order of axes: graph/ops/indexed. */
export function gather(x: Value, indices: Value, axis: number): Value {
  return apply('Gather', [x, indices], { axis, form: indexForm('Gather', x, indices) });
}

/** Positions of the k largest elements along one axis, or of the smallest, best first; of equal ones the first. */
export function topK(x: Value, axis: number, k: number, largest = true): Value {
  return apply('TopK', [x], { axis, k, largest });
}

/** The transpose of `gather`: rows added to a table of zeros; `summed`: one table for all examples. */
export function scatterAdd(
  u: Value,
  indices: Value,
  { axis, length, summed = false }: { axis: number; length: number; summed?: boolean },
): Value {
  const form = !indices.shape.some(isBatch) ? 'rows' : summed ? 'lookup' : 'own';
  return apply('ScatterAdd', [u, indices], { axis, length, form });
}

/** Broadcasts to a larger shape; a 1 in `shape` keeps the value's own dimension. */
export function expand(x: Value, shape: Shape): Value {
  return sameDims(x.shape, shape) ? x : apply('Expand', [x], { shape });
}

/**
 * Broadcasts x against `like`, of which nothing but the shape is read. The only way to one copy for each example: a shape alone
 * cannot say how many there are.
 */
export const expandLike = (x: Value, like: Value): Value => where(equal(like, like), x, x);
