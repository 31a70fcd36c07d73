/**
 * @module graph/builder
 *
 * The builder that derivative rules are given: the functions of graph/build, as a type. Rules receive it instead of importing it, so
 * that an operator's file depends on nothing that looks operators up, and the table of operators (graph/ops) has no circle and needs
 * no side effect.
 */
import type { DType, FloatType } from '../core/tensor.js';
import type { Shape } from './dims.js';
import type { Attributes, Value } from './value.js';

/** A function of one value. */
export type Unary = (x: Value) => Value;
/** A function of two values, broadcast together. */
export type Binary = (a: Value, b: Value) => Value;
/** A function along one axis. */
export type Along = (x: Value, axis: number) => Value;
/** A reduction over axes; with `keepdims` they stay, with length 1. */
export type Reduce = (x: Value, axes: readonly number[], keepdims?: boolean) => Value;

/** The operators as functions on values, as derivative rules are given them; the same functions as `ops`. */
export interface Builder {
  /** A rank-0 constant. */
  scalar(value: number, dtype: DType): Value;
  /** eˣ, element by element. */
  readonly exp: Unary;
  /** ln x, element by element. */
  readonly log: Unary;
  /** √x, element by element. */
  readonly sqrt: Unary;
  /** |x|, element by element. */
  readonly abs: Unary;
  /** −1, 0 or 1, element by element. */
  readonly sign: Unary;
  /** tanh x, element by element. */
  readonly tanh: Unary;
  /** 1/(1 + e⁻ˣ), element by element. */
  readonly sigmoid: Unary;
  /** ln(1 + eˣ), element by element. */
  readonly softplus: Unary;
  /** max(0, x), element by element; its derivative at 0 is 0. */
  readonly relu: Unary;
  /** The error function 2/√π ∫₀ˣ exp(−t²) dt, element by element. */
  readonly erf: Unary;
  /** 1/x, element by element. */
  readonly reciprocal: Unary;
  /** sin x, element by element. */
  readonly sin: Unary;
  /** cos x, element by element. */
  readonly cos: Unary;
  /** Negation of booleans. */
  readonly not: Unary;
  /** −x; of a negation, what it negates. */
  readonly neg: Unary;
  /** x², element by element. */
  readonly square: Unary;
  /** a + b, broadcast together; a zero constant is left out, and a negation becomes a subtraction. */
  readonly add: Binary;
  /** a − b, broadcast together. */
  readonly sub: Binary;
  /** a · b, broadcast together; a constant of one is left out. */
  readonly mul: Binary;
  /** a / b, broadcast together. */
  readonly div: Binary;
  /** a to the power b, broadcast together. */
  readonly pow: Binary;
  /** The larger of a and b, broadcast together. */
  readonly maximum: Binary;
  /** The smaller of a and b, broadcast together. */
  readonly minimum: Binary;
  /** a > b as booleans, broadcast together. */
  readonly greater: Binary;
  /** a ≥ b as booleans, broadcast together. */
  readonly greaterOrEqual: Binary;
  /** a < b as booleans, broadcast together. */
  readonly less: Binary;
  /** a ≤ b as booleans, broadcast together. */
  readonly lessOrEqual: Binary;
  /** a = b as booleans, broadcast together. */
  readonly equal: Binary;
  /** Matrix product over the last two axes, leading axes broadcast; both operands have rank ≥ 2. */
  readonly matmul: Binary;
  /** factor · x. */
  scale(x: Value, factor: number): Value;
  /** x + amount. */
  shift(x: Value, amount: number): Value;
  /** condition ? a : b, all broadcast together. */
  where(condition: Value, a: Value, b: Value): Value;
  /** The same numbers in another type; of its own type, x itself. */
  cast(x: Value, dtype: DType): Value;
  /** 1 where the condition holds, else 0, as a float. */
  indicator(condition: Value, dtype: FloatType): Value;
  /** Sum over axes. */
  readonly reduceSum: Reduce;
  /** Maximum over axes; `keepdims` leaves them with length 1. */
  readonly reduceMax: Reduce;
  /** Mean over axes, none of which may hold the examples. */
  readonly reduceMean: Reduce;
  /** exp(x_i) / Σ_j exp(x_j) along one axis, computed without overflow. */
  readonly softmax: Along;
  /** x_i − ln Σ_j exp(x_j) along one axis, computed without overflow. */
  readonly logSoftmax: Along;
  /** The same elements in row-major order; of a reshape, what it reshapes. */
  reshape(x: Value, shape: Shape): Value;
  /** Axis i of the result is axis perm[i]; of a transpose, both orders in one. */
  transpose(x: Value, perm: readonly number[]): Value;
  /** A transpose, written as a reshape where only axes of length 1 move. */
  permute(x: Value, order: readonly number[]): Value;
  /** Exchanges the last two axes. Throws `graph/shape`. */
  readonly swapLast: Unary;
  /** Inserts axes of length 1 so that they stand at the given positions of the result. */
  unsqueeze(x: Value, axes: readonly number[]): Value;
  /**  */
  /** The values one after another along an axis; all other dimensions are equal. */
  concat(xs: readonly Value[], axis: number): Value;
  /** Elements start, start+step, … below (or above, for step < 0) end along one axis; bounds already non-negative. */
  slice(x: Value, axis: number, start: number, end: number, step?: number): Value;
  /** Puts zeros before, after and (`step` − 1 of them) between the elements along one axis. */
  pad(x: Value, axis: number, before: number, after: number, step?: number): Value;
  /** Elements along one axis by integer indices, whose axes stand in its place; forms and order of axes: graph/ops/indexed. */
  gather(x: Value, indices: Value, axis: number): Value;
  /** The transpose of `gather`: rows added to a table of zeros; `summed`: one table for all examples. */
  scatterAdd(u: Value, indices: Value, where: { axis: number; length: number; summed?: boolean }): Value;
  /** Broadcasts to a larger shape; a 1 in `shape` keeps the value's own dimension. */
  expand(x: Value, shape: Shape): Value;
  /**
   * Broadcasts x against `like`, of which nothing but the shape is read. The only way to one copy for each example: a shape alone cannot
   * say how many there are.
   */
  readonly expandLike: Binary;
  /** Applies an operator by its name, for those without a function of their own. */
  apply(op: string, inputs: readonly Value[], attrs?: Attributes): Value;
}
