/**
 * @module graph/operator
 *
 * An operator is one record with all its rules: shape inference, reverse and forward derivative, second-order behaviour, cost, values
 * and ONNX form. Every field is required: an operator that lacks a rule does not compile, and one put together at run time is refused
 * when the table is made (graph/registry). A derivative rule is itself written in operators, so that it can be derived again.
 */
import type { Shape } from './dims.js';
import type { OnnxWriter } from './onnx/export/writers.js';
import type { RuleContext } from './rule-context.js';
import type { Attributes, Node, Signature, Value } from './value.js';

/** Numbers of a value as the reference computes them: float64, row-major. */
export interface Numbers {
  /** Shape, without N. */
  readonly shape: readonly number[];
  /** The numbers [size]. */
  readonly data: Float64Array;
}

/** First derivatives of an operator as rules that are themselves written in operators. */
export interface Derivative {
  /**
   * Reverse rule: from the cotangent of the output (in the output's layout) those of the inputs (each in its own), null where
   * there is none. Only inputs for which `wanted` is true need to be computed.
   */
  vjp(ctx: RuleContext, node: Node, ct: Value, wanted: readonly boolean[]): (Value | null)[];
  /** Forward rule: from the tangents of the inputs (null: zero) that of the output, in the output's layout. */
  jvp(ctx: RuleContext, node: Node, tangents: readonly (Value | null)[]): Value | null;
}

/** coefficient · ẋ_i · ẋ_j; null: 1. Off-diagonal pairs come once, with the factor 2 inside. */
export interface Term {
  /** The coefficient's value; null: 1. */
  readonly coefficient: Value | null;
  /** A constant in front of it. */
  readonly factor: number;
  /** Index of the first operand. */
  readonly i: number;
  /** Index of the second operand. */
  readonly j: number;
}

/**
 * φ″ of y = φ(x₁, x₂, …), the part of the second-order tangent that the node itself makes:
 *
 *   straight      0 almost everywhere (affine or piecewise linear)
 *   elementwise   Σ_ij (∂²φ/∂x_i∂x_j) ẋ_iẋ_j, found by deriving the reverse rule again, or given by `terms`
 *   form          φ″[ẋ, ẋ] as a rule of its own, in the output's layout
 *
 * `curved` says whether it is not zero when the marked inputs move.
 */
export type Second =
  | {
      /** Zero almost everywhere. */
      readonly kind: 'straight';
    }
  | {
      /** By the elementwise rule. */
      readonly kind: 'elementwise';
      /** Whether it is not zero when the operands marked true move. */
      curved(moves: readonly boolean[]): boolean;
      /** The second derivatives where they are shorter than the reverse rule derived again. */
      readonly terms?: readonly Term[];
    }
  | {
      /** By a rule of its own. */
      readonly kind: 'form';
      /** Whether it is not zero when the operands marked true move. */
      curved(moves: readonly boolean[]): boolean;
      /** φ″[ẋ, ẋ] in the output's layout, from the operands' tangents in theirs; null: the operand does not move. */
      form(ctx: RuleContext, node: Node, tangents: readonly (Value | null)[]): Value;
    };

/** A function applied element by element, its operands broadcast together. */
export interface Elementwise {
  /** Number of operands. */
  readonly operands: 1 | 2 | 3;
  /** The value at one element. */
  of(a: number, b: number, c: number): number;
  /** φ(a, b) = φ(b, a). */
  readonly commutative?: boolean;
}

/** How an operator is written to ONNX. */
export interface OnnxForm {
  /** Writes a node of this operator so that its output has the name `out`. */
  readonly write: OnnxWriter;
  /** Whether ONNX Runtime's CPU build computes it in double precision; `lowered`: only in the form for `lowerDouble`. */
  readonly doubleKernel: 'yes' | 'lowered' | 'no';
}

/** All rules of an operator: shape, derivatives, cost, reference values, ONNX form. */
export interface Operator {
  /** Its name, ONNX's where there is one. */
  readonly name: string;
  /** Shape and type of the output; throws `graph/shape` or `graph/examples-coupled`. */
  infer(inputs: readonly Value[], attrs: Attributes): Signature;
  /** Null: zero or undefined everywhere. */
  readonly derivative: Derivative | null;
  /** Null with the derivative. */
  readonly second: Second | null;
  /** Null: an output element reads more than one element of an operand. */
  readonly elementwise: Elementwise | null;
  /** Whether it only moves elements or changes their type: no arithmetic. */
  readonly mover: boolean;
  /** Floating-point operations, `size` giving the number of elements of a shape. */
  flops(node: Node, size: (shape: Shape) => number): number;
  /** The reference: values in float64, flat [size of shape], by the plainest loop. */
  evaluate(inputs: readonly Numbers[], attrs: Attributes, shape: readonly number[]): Float64Array;
  /** @internal */ readonly onnx: OnnxForm;
}

/** φ″ = 0 almost everywhere. */
export const STRAIGHT: Second = { kind: 'straight' };

/** One operation an element of the larger of output and first operand. */
export const perElement: Operator['flops'] = ({ inputs: [x], output }, size) =>
  Math.max(size(output.shape), size(x.shape));

/** What moves elements is free. */
export const free: Operator['flops'] = () => 0;
