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

export type Unary = (x: Value) => Value;
export type Binary = (a: Value, b: Value) => Value;
export type Along = (x: Value, axis: number) => Value;
export type Reduce = (x: Value, axes: readonly number[], keepdims?: boolean) => Value;

export interface Builder {
  scalar(value: number, dtype: DType): Value;
  readonly exp: Unary;
  readonly log: Unary;
  readonly sqrt: Unary;
  readonly abs: Unary;
  readonly sign: Unary;
  readonly tanh: Unary;
  readonly sigmoid: Unary;
  readonly softplus: Unary;
  readonly relu: Unary;
  readonly erf: Unary;
  readonly reciprocal: Unary;
  readonly not: Unary;
  readonly neg: Unary;
  readonly square: Unary;
  readonly add: Binary;
  readonly sub: Binary;
  readonly mul: Binary;
  readonly div: Binary;
  readonly pow: Binary;
  readonly maximum: Binary;
  readonly minimum: Binary;
  readonly greater: Binary;
  readonly greaterOrEqual: Binary;
  readonly less: Binary;
  readonly lessOrEqual: Binary;
  readonly equal: Binary;
  readonly matmul: Binary;
  scale(x: Value, factor: number): Value;
  shift(x: Value, amount: number): Value;
  where(condition: Value, a: Value, b: Value): Value;
  cast(x: Value, dtype: DType): Value;
  indicator(condition: Value, dtype: FloatType): Value;
  readonly reduceSum: Reduce;
  readonly reduceMax: Reduce;
  readonly reduceMean: Reduce;
  readonly softmax: Along;
  readonly logSoftmax: Along;
  reshape(x: Value, shape: Shape): Value;
  transpose(x: Value, perm: readonly number[]): Value;
  permute(x: Value, order: readonly number[]): Value;
  readonly swapLast: Unary;
  unsqueeze(x: Value, axes: readonly number[]): Value;
  concat(xs: readonly Value[], axis: number): Value;
  slice(x: Value, axis: number, start: number, end: number, step?: number): Value;
  pad(x: Value, axis: number, before: number, after: number, step?: number): Value;
  expand(x: Value, shape: Shape): Value;
  readonly expandLike: Binary;
  /** Applies an operator by its name, for those without a function of their own. */
  apply(op: string, inputs: readonly Value[], attrs?: Attributes): Value;
}
